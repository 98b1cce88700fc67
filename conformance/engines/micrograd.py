"""micrograd: scalar nodes, here in NumPy arrays of objects; float64 only, first derivatives only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from conformance.engines.imperative import ImperativeEngine
from conformance.engines.tables.reductions import axes
from conformance.engines.tables.shapes import shapes
from conformance.errors import Unsupported


class MicrogradEngine(ImperativeEngine):
    """`micrograd.engine.Value`, as installed."""

    name = "micrograd"
    features = frozenset({"float64", "accumulation"})

    def __init__(self) -> None:
        from importlib.metadata import version

        from micrograd.engine import Value

        type(self).version = version("micrograd")
        self.value = Value
        self.operators = table()

    def leaf(self, array: Any, requires_grad: bool) -> Any:
        array = np.asarray(array)
        if array.dtype.kind in "biu":
            return array
        if array.dtype != np.float64:
            raise Unsupported(array.dtype.name)
        return _each(lambda x: self.value(float(x)) if requires_grad else float(x), array)

    def read(self, tensor: Any) -> Any:
        if np.asarray(tensor).dtype != object:
            return np.asarray(tensor)
        return _each(lambda v: getattr(v, "data", v), tensor).astype(np.float64)

    def backward(self, output: Any, cotangent: Any, retain_graph: bool | None) -> None:
        if retain_graph:
            raise Unsupported("retain-graph")
        weight = 1.0 if cotangent is None else self.read(cotangent)
        root = np.sum(np.asarray(output, dtype=object) * weight)  # one scalar root is all that it knows
        if isinstance(root, self.value):
            root.backward()

    def grad(self, tensor: Any) -> Any:
        if not any(isinstance(v, self.value) for v in np.asarray(tensor, dtype=object).flat) and np.size(tensor):
            return None  # numbers are no nodes
        return _each(lambda v: getattr(v, "grad", 0.0), tensor).astype(np.float64)


def _each(function: Callable[[Any], Any], array: Any) -> np.ndarray:
    array = np.asarray(array, dtype=object)
    out = np.empty(array.shape, dtype=object)
    for i, v in np.ndenumerate(array):
        out[i] = function(v)
    return out


def table() -> dict[str, Callable[..., Any]]:
    """Sums, products, powers by numbers and relu; what only moves elements is NumPy's."""
    found = {name: entry for name, entry in shapes(np).items() if name not in ("nan_to_num", "nn.functional.pad")}
    found |= {
        "add": lambda a, b, *, alpha: a + b if alpha == 1 else a + alpha * b,
        "sub": lambda a, b, *, alpha: a - b if alpha == 1 else a - alpha * b,
        "mul": lambda a, b: a * b,
        "div": _division,
        "neg": lambda a: -a,
        "square": lambda a: a**2,
        "reciprocal": lambda a: a**-1,
        "sqrt": lambda a: a**0.5,
        "rsqrt": lambda a: a**-0.5,
        "matmul": lambda a, b: a @ b,
        "mm": lambda a, b: a @ b,
        "mv": lambda a, b: a @ b,
        "dot": lambda a, b: a @ b,
        "outer": np.outer,
        "sum": lambda a, *, dim, keepdim: np.sum(a, axis=axes(a, dim), keepdims=keepdim),
        "mean": _mean,
        "nn.functional.relu": lambda a: _each(lambda v: v.relu() if hasattr(v, "relu") else max(v, 0.0), a),
    }
    return {name: _array(function) for name, function in found.items()}


def _division(a: Any, b: Any, *, rounding_mode: Any) -> Any:
    if rounding_mode is not None:
        raise Unsupported(f"rounding_mode={rounding_mode!r}")
    return a / b


def _mean(a: Any, *, dim: Any, keepdim: bool) -> Any:
    total = np.sum(a, axis=axes(a, dim), keepdims=keepdim)
    if not np.size(a):
        raise Unsupported("mean of nothing")
    return total * (np.size(total) / np.size(a))


def _array(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with an array as result, since NumPy unpacks an array of objects that has no dimensions."""

    def call(*args: Any, **kw: Any) -> Any:
        result = function(*args, **kw)
        return result if isinstance(result, tuple) else np.asarray(result, dtype=object)

    return call
