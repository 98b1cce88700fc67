"""HIPS autograd: NumPy functions traced and pulled back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from conformance.engines.functional import FunctionalEngine
from conformance.engines.tables.elementwise import elementwise
from conformance.engines.tables.products import linear_algebra, losses, products
from conformance.engines.tables.reductions import orderings, reductions
from conformance.engines.tables.shapes import shapes


class AutogradEngine(FunctionalEngine):
    """`autograd`, as installed."""

    name = "autograd"
    features = frozenset({"float64", "float32", "complex", "detach", "grad", "create-graph", "several-roots",
                          "backward-inputs", "grad-mode", "func"})  # fmt: skip

    def __init__(self) -> None:
        from importlib.metadata import version

        import autograd
        import autograd.builtins
        import autograd.numpy
        import autograd.scipy.special

        type(self).version = version("autograd")
        self.autograd = autograd
        self.operators = table(autograd)

    def leaf(self, array: Any) -> Any:
        return np.asarray(array)

    def read(self, tensor: Any) -> Any:
        return np.asarray(tensor)

    def vjp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> Sequence[Any]:
        made = self.autograd.builtins.tuple
        pull_back, _ = self.autograd.make_vjp(lambda xs: made(function(*xs)))(made(tuple(inputs)))
        return tuple(pull_back(made(tuple(cotangents))))

    def stop_gradient(self, value: Any) -> Any:
        return self.autograd.tracer.getval(value)


def table(autograd: Any) -> dict[str, Callable[..., Any]]:
    """The operators: NumPy's and SciPy's names from `autograd.numpy` and `autograd.scipy`."""
    anp, special = autograd.numpy, autograd.scipy.special
    found = {**elementwise(anp), **reductions(anp), **orderings(anp), **shapes(anp), **products(anp)}
    found |= linear_algebra(anp.linalg) | losses(anp)
    found["logsumexp"] = lambda a, *, dim, keepdim: special.logsumexp(a, axis=dim, keepdims=keepdim)
    found |= {
        "sigmoid": special.expit,
        "erf": special.erf,
        "erfc": special.erfc,
        "erfinv": special.erfinv,
        "lgamma": special.gammaln,
        "digamma": special.psi,
        "i0": special.i0,
        "special.i1": special.i1,
        "nn.functional.relu": lambda a: anp.maximum(a, 0.0),
    }
    return found
