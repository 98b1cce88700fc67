"""Matrices of balls: determinant, inverse, solving and Cholesky, with pivots chosen by midpoints (any choice is right)."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, arb_mat

from refgrad.backends.ball_array import BallArray, finished, result_dtype


def inv(x: BallArray) -> BallArray:
    """The inverse of each matrix of a stack."""
    return _of_matrices(lambda m: m.inv(), x)


def det(x: BallArray) -> BallArray:
    """The determinant of each matrix of a stack."""
    found = np.empty(x.shape[:-2], object)
    for i in np.ndindex(found.shape):
        found[i] = _matrix(x.data[i]).det() if x.shape[-1] else arb(1)
    return finished(found, x.dtype)


def slogdet(x: BallArray) -> tuple[BallArray, BallArray]:
    """The sign and the logarithm of the magnitude of each determinant."""
    from refgrad.backends import ball

    d = det(x)
    return ball.sign(d), ball.log(abs(d))


def solve(a: Any, b: Any) -> BallArray:
    """`x` with `a @ x == b`; a `b` of one dimension less than `a` is a stack of vectors only if it has one dimension."""
    dtype = result_dtype(a, b)
    vector = b.ndim == 1
    right = b.reshape(-1, 1) if vector else b
    stack = np.broadcast_shapes(a.shape[:-2], right.shape[:-2])
    left = np.broadcast_to(a.data, (*stack, *a.shape[-2:]))
    right = np.broadcast_to(right.data, (*stack, *right.shape[-2:]))
    found = np.empty(right.shape, object)
    for i in np.ndindex(stack):
        if found[i].size:
            found[i] = _elements(_matrix(left[i]).solve(_matrix(right[i])))
    found = finished(found, dtype)
    return found.reshape(found.shape[:-1]) if vector else found


def cholesky(x: BallArray, *, upper: bool = False) -> BallArray:
    """The lower triangular factor of each symmetric positive definite matrix; only the lower triangle is read."""
    found = np.empty(x.shape, object)
    for i in np.ndindex(x.shape[:-2]):
        found[i] = _cholesky(x.data[i])
    y = finished(found, x.dtype)
    return BallArray(np.swapaxes(y.data, -1, -2), x.dtype) if upper else y


def _cholesky(a: np.ndarray) -> np.ndarray:
    n = len(a)
    found = np.empty((n, n), object)
    found[...] = arb(0)
    for j in range(n):
        found[j, j] = (a[j, j] - sum((found[j, k] * found[j, k] for k in range(j)), arb(0))).sqrt()
        for i in range(j + 1, n):
            found[i, j] = (a[i, j] - sum((found[i, k] * found[j, k] for k in range(j)), arb(0))) / found[j, j]
    return found


def matrix_power(x: BallArray, n: int) -> BallArray:
    """The product of `n` copies of each matrix."""
    from refgrad.backends import ball

    base = inv(x) if n < 0 else x
    y = BallArray(np.broadcast_to(ball.eye(x.shape[-1]).data, x.shape).copy(), x.dtype)
    for _ in range(abs(n)):
        y = y @ base
    return y


def _of_matrices(f: Callable[[Any], Any], x: BallArray) -> BallArray:
    found = np.empty(x.shape, object)
    for i in np.ndindex(x.shape[:-2]):
        if found[i].size:
            found[i] = _elements(f(_matrix(x.data[i])))
    return finished(found, x.dtype)


def _matrix(elements: np.ndarray) -> Any:
    kind = acb_mat if any(isinstance(v, acb) for v in elements.flat) else arb_mat
    return kind(*elements.shape, list(elements.flat))


def _elements(matrix: Any) -> np.ndarray:
    found = np.empty((matrix.nrows(), matrix.ncols()), object)
    for i in np.ndindex(found.shape):
        found[i] = matrix[i]
    return found


linalg = SimpleNamespace(
    inv=inv,
    det=det,
    slogdet=slogdet,
    solve=solve,
    cholesky=cholesky,
    matrix_power=matrix_power,
    LinAlgError=np.linalg.LinAlgError,
)
"""The part of `numpy.linalg` that balls have."""
