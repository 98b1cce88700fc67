"""PyTensor: symbolic graphs, differentiated by graph and compiled when they are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from conformance.engines.functional import FunctionalEngine
from conformance.engines.tables.elementwise import elementwise, only
from conformance.engines.tables.norms import norms
from conformance.engines.tables.products import linear_algebra, losses, products
from conformance.engines.tables.reductions import reductions
from conformance.engines.tables.shapes import shapes


class PyTensorEngine(FunctionalEngine):
    """`pytensor`, as installed."""

    name = "pytensor"
    features = frozenset({"float64", "float32", "detach", "grad", "create-graph", "several-roots", "backward-inputs",
                          "grad-mode", "func"})  # fmt: skip

    def __init__(self) -> None:
        import pytensor
        import pytensor.graph.replace
        import pytensor.tensor

        pytensor.config.compute_test_value = "off"
        pytensor.config.mode = "FAST_COMPILE"  # of what is compiled within a graph, such as the loop of a padding, too
        type(self).version = pytensor.__version__
        self.pytensor = pytensor
        self.operators = table(pytensor.tensor)

    def leaf(self, array: Any) -> Any:
        return self.pytensor.tensor.constant(np.asarray(array))

    def read(self, tensor: Any) -> Any:
        return np.asarray(self.pytensor.tensor.as_tensor_variable(tensor).eval())

    def vjp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> Sequence[Any]:
        given = [self.pytensor.tensor.as_tensor_variable(x) for x in inputs]
        symbols = [x.type() for x in given]
        copied = self.pytensor.tensor.tensor_copy  # one output may be another's ancestor, or the same
        known = {copied(y): c for y, c in zip(function(*symbols), cotangents, strict=True)}
        found = self.pytensor.grad(
            None, symbols, known_grads=known,
            disconnected_inputs="ignore", return_disconnected="none",
        )  # fmt: skip
        reached = [g for g in found if g is not None]
        values = iter(
            self.pytensor.graph.replace.clone_replace(
                reached, dict(zip(symbols, given, strict=True)), rebuild_strict=False
            )
        )
        return [None if g is None else next(values) for g in found]

    def stop_gradient(self, value: Any) -> Any:
        return self.pytensor.gradient.disconnected_grad(value)


def table(pt: Any) -> dict[str, Callable[..., Any]]:
    """The operators: NumPy's names from `pytensor.tensor`."""
    found = {**elementwise(pt), **reductions(pt, pt.special), **shapes(pt), **products(pt), **losses(pt)}
    found |= linear_algebra(pt.linalg) | norms(pt)
    found |= {
        "sigmoid": pt.sigmoid,
        "round": only(pt.round, decimals=0),
        "erf": pt.erf,
        "erfc": pt.erfc,
        "erfinv": pt.erfinv,
        "lgamma": pt.gammaln,
        "digamma": pt.psi,
        "i0": pt.i0,
        "special.i1": pt.i1,
        "logsumexp": lambda a, *, dim, keepdim: pt.logsumexp(a, axis=dim, keepdims=keepdim),
        "nn.functional.relu": lambda a: pt.maximum(a, 0),
        "nn.functional.silu": lambda a: a * pt.sigmoid(a),
        "roll": _roll(pt),
        "unbind": lambda a, *, dim: tuple(pt.take(a, k, axis=dim) for k in range(a.type.shape[dim])),
    }
    return found


def _roll(pt: Any) -> Callable[..., Any]:
    def roll(a: Any, *, shifts: tuple[int, ...], dims: tuple[int, ...]) -> Any:
        if not dims:
            return pt.roll(a, *shifts)
        for shift, dim in zip(shifts, dims, strict=True):  # one axis at a time is what is documented
            a = pt.roll(a, shift, dim)
        return a

    return roll
