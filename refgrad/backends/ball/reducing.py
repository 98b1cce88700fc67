"""Sums, products and softmax of balls; products of matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refgrad.backends.ball.array import BallArray, balls, finished, result_dtype
from refgrad.backends.ball.elementary import conj, exp, lift, log, power, sqrt


def _reduction(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def reduce(x: BallArray, axis: Any = None, dtype: Any = None, **options: Any) -> BallArray:
        return finished(function(x.data, axis=axis, **options), dtype or x.dtype)

    return reduce


sum, prod, cumsum, cumprod = map(_reduction, ("sum", "prod", "cumsum", "cumprod"))


def mean(x: BallArray, axis: Any = None, keepdims: bool = False, **_dtype: Any) -> BallArray:
    total = sum(x, axis=axis, keepdims=keepdims)
    count = x.size if axis is None else int(np.prod([x.shape[a] for a in np.atleast_1d(axis)]))
    return total / count


def sum_to(x: BallArray, shape: tuple[int, ...]) -> BallArray:
    """`x` summed over the dimensions by which `shape` was broadcast to it."""
    lead = x.ndim - len(shape)
    axes = (*range(lead), *(i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1))
    return sum(x, axis=axes, keepdims=True).reshape(shape) if axes else x.reshape(shape)


def root_of_powers(x: BallArray, order: float, axis: Any = None, keepdims: bool = False) -> BallArray:
    """The norm of this order of what is not negative."""
    if order == 2:
        return sqrt(sum(x * x, axis=axis, keepdims=keepdims))
    return power(sum(power(x, order), axis=axis, keepdims=keepdims), 1 / order)


def _shift(x: BallArray, axis: Any) -> BallArray:
    """The largest midpoint of a real part, exact: it keeps exponentials in range and never changes the value."""
    mids = np.asarray(np.frompyfunc(lambda v: float(v.real.mid()), 1, 1)(x.data), np.float64)
    largest = np.max(mids, axis=axis, keepdims=True, initial=-np.inf)
    return BallArray.of(np.where(np.isfinite(largest), largest, 0.0), x.dtype)


def logsumexp(x: BallArray, axis: Any = None, keepdims: bool = False) -> BallArray:
    m = _shift(x, axis)
    y = log(sum(exp(x - m), axis=axis, keepdims=True)) + m
    return y if keepdims else BallArray(np.squeeze(y.data, axis=axis), y.dtype)


def softmax(x: BallArray, axis: Any = None) -> BallArray:
    y = exp(x - _shift(x, axis))
    return y / sum(y, axis=axis, keepdims=True)


def log_softmax(x: BallArray, axis: Any = None) -> BallArray:
    return x - logsumexp(x, axis=axis, keepdims=True)


def _product(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def product(a: Any, b: Any, *args: Any, **options: Any) -> BallArray:
        dtype = result_dtype(a, b)
        return finished(function(balls(a, dtype), balls(b, dtype), *args, **options), dtype)

    return product


matmul, dot, outer, inner, kron, tensordot = map(_product, ("matmul", "dot", "outer", "inner", "kron", "tensordot"))


def vecdot(a: Any, b: Any, axis: int = -1) -> BallArray:
    return sum(conj(lift(a, b)) * b, axis=axis)


def einsum(equation: str, *xs: Any, **_optimize: Any) -> BallArray:
    dtype = result_dtype(*xs)
    return finished(np.einsum(equation, *(balls(x, dtype) for x in xs)), dtype)


def trace(x: BallArray, *args: Any, **options: Any) -> BallArray:
    return finished(np.trace(x.data, *args, **options), x.dtype)
