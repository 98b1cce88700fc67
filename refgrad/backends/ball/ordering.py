"""Orders and extrema of balls, in which equal ones keep their order."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

import numpy as np

from refgrad.backends.ball.arithmetic import decide, is_nan
from refgrad.backends.ball.array import BallArray, finished
from refgrad.backends.ball.structure import take_along_axis
from refgrad.errors import Undecided


def argsort(x: BallArray, axis: int = -1, **_kind: Any) -> np.ndarray:
    """A stable ascending order."""

    def order(row: np.ndarray) -> list[int]:
        return sorted(range(len(row)), key=cmp_to_key(lambda i, j: _order(row[i], row[j])))

    return decide("argsort", x.shape, lambda: _along(order, x.data, axis))


def _order(a: Any, b: Any) -> int:
    if a < b:
        return -1
    if a > b:
        return 1
    if a == b:
        return 0
    if is_nan(a) or is_nan(b):
        return int(is_nan(a)) - int(is_nan(b))
    raise Undecided("argsort")


def _along(order: Callable[[np.ndarray], list[int]], data: np.ndarray, axis: int) -> np.ndarray:
    if not data.ndim:
        return np.zeros((), np.int64)
    rows = np.moveaxis(data, axis, -1)
    found = np.empty(rows.shape, np.int64)
    for i in np.ndindex(rows.shape[:-1]):
        found[i] = order(rows[i])
    return np.moveaxis(found, -1, axis)


def sort(x: BallArray, axis: int = -1, **kind: Any) -> BallArray:
    return take_along_axis(x, argsort(x, axis, **kind), axis) if x.ndim else x


def _extremum(name: str, sign: int) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The functions that give the extreme element over some axes, and its first position over one."""

    def first(row: np.ndarray) -> int:
        best = 0
        for i in range(1, len(row)):
            if _order(row[i], row[best]) == sign:
                best = i
        return best

    def position(x: BallArray, axis: int | None = None, keepdims: bool = False) -> np.ndarray:
        data = x.data.reshape(-1) if axis is None else np.moveaxis(x.data, axis, -1)
        shape = data.shape[:-1]

        def compute() -> np.ndarray:
            return np.array([first(data[i]) for i in np.ndindex(shape)], np.int64).reshape(shape)

        found = decide(f"arg{name}", shape, compute)
        if not keepdims:
            return found
        return found.reshape((1,) * x.ndim) if axis is None else np.expand_dims(found, axis)

    def extreme(x: BallArray, axis: Any = None, keepdims: bool = False, **_initial: Any) -> BallArray:
        axes = (
            tuple(range(x.ndim)) if axis is None else tuple(a % x.ndim for a in np.atleast_1d(axis)) if x.ndim else ()
        )
        if not axes or not x.size:
            return x if not axes else finished(np.max(x.data, axis=axes, keepdims=keepdims), x.dtype)
        kept = [a for a in range(x.ndim) if a not in axes]
        rows = x.data.transpose(*kept, *axes).reshape(*(x.shape[a] for a in kept), -1)
        found = take_along_axis(BallArray(rows, x.dtype), position(BallArray(rows, x.dtype), -1, keepdims=True), -1)
        return found.reshape(
            tuple(1 if a in axes else n for a, n in enumerate(x.shape)) if keepdims else rows.shape[:-1]
        )

    return extreme, position


max, argmax = _extremum("max", 1)
min, argmin = _extremum("min", -1)
amax, amin = max, min
