"""MyGrad: NumPy with a tape; one root at a time, first derivatives only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from conformance.engines.imperative import ImperativeEngine
from conformance.engines.tables.elementwise import elementwise
from conformance.engines.tables.products import losses, products
from conformance.engines.tables.reductions import reductions
from conformance.engines.tables.shapes import shapes
from conformance.errors import Unsupported


class MyGradEngine(ImperativeEngine):
    """`mygrad`, as installed."""

    name = "mygrad"
    features = frozenset({"float64", "float32", "float16", "detach", "grad-mode", "in-place"})

    def __init__(self) -> None:
        from importlib.metadata import version

        import mygrad
        import mygrad.nnet

        type(self).version = version("mygrad")
        self.mygrad = mygrad
        self.operators = table(mygrad)

    def leaf(self, array: Any, requires_grad: bool) -> Any:
        array = np.asarray(array)
        return array if array.dtype.kind in "biu" else self.mygrad.tensor(array, constant=not requires_grad)

    def read(self, tensor: Any) -> Any:
        return np.asarray(getattr(tensor, "data", tensor))

    def backward(self, output: Any, cotangent: Any, retain_graph: bool | None) -> None:
        if retain_graph:
            raise Unsupported("retain-graph")
        output.backward(None if cotangent is None else self.read(cotangent))

    def grad(self, tensor: Any) -> Any:
        return getattr(tensor, "grad", None)  # arrays of integers are no tensors

    def detach(self, tensor: Any) -> Any:
        return self.mygrad.tensor(tensor.data, constant=True, copy=False)

    def mode(self, name: str, *args: Any) -> AbstractContextManager[Any]:
        if name != "no_grad":
            raise Unsupported("grad-mode")
        return self.mygrad.no_autodiff


def table(mg: Any) -> dict[str, Callable[..., Any]]:
    """The operators: NumPy's names from `mygrad`, activations from `mygrad.nnet`."""
    nn = mg.nnet.activations
    found = {**elementwise(mg), **reductions(mg), **shapes(mg), **products(mg), **losses(mg)}
    for name in ("ceil", "floor", "fmod", "frac", "remainder", "sign", "trunc"):
        found.pop(name, None)  # NumPy's own, which refuse a tensor that is differentiated
    found |= {
        "softmax": lambda a, *, dim: nn.softmax(a, axis=dim),
        "log_softmax": lambda a, *, dim: nn.logsoftmax(a, axis=dim),
        "sigmoid": nn.sigmoid,
        "nn.functional.relu": nn.relu,
        "nn.functional.selu": nn.selu,
        "nn.functional.softsign": nn.soft_sign,
        "nn.functional.elu": lambda a, *, alpha: nn.elu(a, alpha),
        "nn.functional.leaky_relu": lambda a, *, negative_slope: nn.leaky_relu(a, negative_slope),
        "nn.functional.hardtanh": lambda a, *, min_val, max_val: nn.hard_tanh(
            a, lower_bound=min_val, upper_bound=max_val
        ),
        "nn.functional.glu": lambda a, *, dim: nn.glu(a, axis=dim),
    }
    return found
