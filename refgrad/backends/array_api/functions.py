"""What NumPy spells otherwise than the standard, of a backend `xp` whose namespace is `xp.standard`."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np

from refgrad.backends.array_api.carried import Carried
from refgrad.errors import NotInTheStandard


def _made(xp: Any, name: str, *args: Any, dtype: Any) -> Any:
    made = getattr(xp.standard, name)(*args, dtype=xp.dtype("float64" if dtype is None else dtype), device=xp.device)
    return xp.carried(made)


def zeros(xp: Any, shape: Any, dtype: Any = None) -> Any:
    return _made(xp, "zeros", shape, dtype=dtype)


def ones(xp: Any, shape: Any, dtype: Any = None) -> Any:
    return _made(xp, "ones", shape, dtype=dtype)


def full(xp: Any, shape: Any, value: Any, dtype: Any = None) -> Any:
    return _made(xp, "full", shape, value, dtype=dtype)


def arange(xp: Any, *args: Any, dtype: Any = "int64") -> Any:
    return _made(xp, "arange", *args, dtype=dtype)


def zeros_like(xp: Any, x: Any, dtype: Any = None) -> Any:
    return xp.zeros(x.shape, dtype or x.dtype)


def full_like(xp: Any, x: Any, value: Any, dtype: Any = None) -> Any:
    return xp.full(x.shape, value, dtype or x.dtype)


def array(xp: Any, x: Any, dtype: Any = None, order: str = "K") -> Any:
    return xp.carried(xp.standard.asarray(xp.asarray(x, dtype).data, copy=True))


def copy_like(xp: Any, x: Any, _template: Any) -> Any:
    return xp.array(x)


def cast(xp: Any, x: Any, dtype: Any) -> Any:
    dtype = np.dtype(getattr(dtype, "array", dtype))
    return (x.real if x.dtype.kind == "c" and dtype.kind not in "cb" else x).astype(dtype)


def where(xp: Any, condition: Any, a: Any, b: Any) -> Any:
    dtype = np.result_type(*[v.dtype if isinstance(v, Carried) else v for v in (a, b)])
    return xp.carried(xp.standard.where(xp.asarray(condition, bool).data, *(xp.asarray(v, dtype).data for v in (a, b))))


def clip(xp: Any, x: Any, low: Any, high: Any) -> Any:
    y = x if low is None else xp.maximum(x, xp.asarray(low, x.dtype))
    return y if high is None else xp.minimum(y, xp.asarray(high, x.dtype))


def reshape(xp: Any, x: Any, shape: Any) -> Any:
    return xp.carried(xp.standard.reshape(x.data, (shape,) if isinstance(shape, int) else tuple(shape)))


def broadcast_to(xp: Any, x: Any, shape: Any) -> Any:
    return xp.carried(xp.standard.broadcast_to(xp.asarray(x).data, tuple(shape)))


def transpose(xp: Any, x: Any, axes: Any = None) -> Any:
    axes = tuple(range(x.ndim))[::-1] if axes is None else tuple(a % x.ndim for a in axes)
    return xp.carried(xp.standard.permute_dims(x.data, axes))


def swapaxes(xp: Any, x: Any, first: int, second: int) -> Any:
    axes = list(range(x.ndim))
    axes[first], axes[second] = axes[second], axes[first]
    return xp.transpose(x, axes)


def sum_to(xp: Any, x: Any, shape: tuple[int, ...]) -> Any:
    lead = x.ndim - len(shape)
    axes = (*range(lead), *[i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1])
    return xp.reshape(xp.sum(x, axis=axes), shape) if axes else x


def flip(xp: Any, x: Any, axis: Any = None) -> Any:
    return xp.carried(xp.standard.flip(x.data, axis=axis))


def roll(xp: Any, x: Any, shift: Any, axis: Any = None) -> Any:
    return xp.carried(xp.standard.roll(x.data, shift, axis=axis))


def tril(xp: Any, x: Any, k: int = 0) -> Any:
    return xp.carried(xp.standard.tril(x.data, k=k))


def triu(xp: Any, x: Any, k: int = 0) -> Any:
    return xp.carried(xp.standard.triu(x.data, k=k))


def argmax(xp: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _position(xp, "argmax", x, axis, keepdims)


def argmin(xp: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _position(xp, "argmin", x, axis, keepdims)


def _position(xp: Any, name: str, x: Any, axis: Any, keepdims: bool) -> Any:
    numbers = x.astype("int8") if x.dtype.kind == "b" else x
    return xp.carried(getattr(xp.standard, name)(numbers.data, axis=axis, keepdims=keepdims))


def sign(xp: Any, x: Any) -> Any:
    """0 of nan, as PyTorch has it."""
    y = xp.carried(xp.standard.sign(x.data))
    return y if x.dtype.kind != "f" else xp.where(xp.isnan(x), 0, y)


def abs(xp: Any, x: Any) -> Any:
    return xp.carried(xp.standard.abs(x.data)) if isinstance(x, Carried) else (x if x >= 0 else -x)


def take(xp: Any, x: Any, indices: Any, axis: int | None = None) -> Any:
    at = xp.from_host(indices)
    if axis is None:
        x, axis = xp.reshape(x, (-1,)), 0
    rows = xp.standard.take(x.data, xp.standard.reshape(at.data, (-1,)), axis=axis % x.ndim)
    axis %= x.ndim
    return xp.reshape(xp.carried(rows), (*x.shape[:axis], *at.shape, *x.shape[axis + 1 :]))


def take_along_axis(xp: Any, x: Any, indices: Any, axis: int) -> Any:
    return xp.carried(xp.standard.take_along_axis(x.data, indices.data, axis=axis))


def argsort(xp: Any, x: Any, axis: int = -1, kind: str = "stable") -> Any:
    return xp.carried(xp.standard.argsort(x.data, axis=axis, stable=True))


def repeat(xp: Any, x: Any, repeats: int, axis: int | None = None) -> Any:
    return xp.carried(xp.standard.repeat(x.data, repeats, axis=axis))


def round(xp: Any, x: Any, decimals: int = 0) -> Any:
    if decimals:
        raise NotInTheStandard("round(decimals=)")
    return xp.carried(xp.standard.round(x.data))


def diagonal(xp: Any, x: Any, offset: int, first: int, second: int) -> Any:
    moved = xp.moveaxis(x, (first, second), (-2, -1))
    return xp.carried(xp.standard.linalg.diagonal(moved.data, offset=offset))


def expit(xp: Any, x: Any) -> Any:
    return 1 / (1 + xp.exp(-x))


def sigmoid(xp: Any, x: Any) -> Any:
    return 1 / (1 + xp.exp(-x))


def sum(xp: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    numbers = x.astype("int64") if x.dtype.kind == "b" else x
    return xp.carried(xp.standard.sum(numbers.data, axis=axis, keepdims=keepdims))


def max(xp: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    numbers = x.astype("int8") if x.dtype.kind == "b" else x
    y = xp.carried(xp.standard.max(numbers.data, axis=axis, keepdims=keepdims))
    return y if numbers is x else y.astype("bool")


def fmax(xp: Any, a: Any, b: Any) -> Any:
    return xp.where(xp.isnan(a), b, xp.where(xp.isnan(b), a, xp.maximum(a, b)))


def fmin(xp: Any, a: Any, b: Any) -> Any:
    return xp.where(xp.isnan(a), b, xp.where(xp.isnan(b), a, xp.minimum(a, b)))


def logaddexp2(xp: Any, a: Any, b: Any) -> Any:
    return xp.logaddexp(a * math.log(2), b * math.log(2)) / math.log(2)


def exp2(xp: Any, x: Any) -> Any:
    return xp.exp(x * math.log(2))


def deg2rad(xp: Any, x: Any) -> Any:
    return x * (math.pi / 180)


def rad2deg(xp: Any, x: Any) -> Any:
    return x * (180 / math.pi)


def isneginf(xp: Any, x: Any) -> Any:
    return x == -math.inf


def isposinf(xp: Any, x: Any) -> Any:
    return x == math.inf


def pad(xp: Any, x: Any, widths: Any, constant_values: Any = 0) -> Any:
    for axis, (before, after) in enumerate(widths):
        sides = [xp.full((*x.shape[:axis], n, *x.shape[axis + 1 :]), constant_values, x.dtype)
                 for n in (before, after)]  # fmt: skip
        x = xp.concatenate([sides[0], x, sides[1]], axis=axis)
    return x


def result_type(xp: Any, *xs: Any) -> Any:
    return np.result_type(*[x.dtype if isinstance(x, Carried) else x for x in xs])


def errstate(xp: Any, **_: Any) -> Any:
    return contextlib.nullcontext()


def put(xp: Any, *_: Any, **__: Any) -> Any:
    raise NotInTheStandard("put")


def may_share_memory(xp: Any, _x: Any, _y: Any) -> bool:
    return False


def address(xp: Any, _x: Any) -> int:
    return 0


def storage(xp: Any, x: Any) -> tuple[int, int]:
    return 0, x.nbytes


def make_writable(xp: Any, _x: Any) -> None:
    """Nothing: what is written to is a copy."""


FUNCTIONS = [
    f
    for name, f in list(globals().items())
    if callable(f) and getattr(f, "__module__", "") == __name__ and not name.startswith("_")
]
"""All of them, to be bound to a backend."""
