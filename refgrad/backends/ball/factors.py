"""Factors by elimination, the exponential and the pseudoinverse of matrices of balls."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from flint import acb, arb

from refgrad.backends.ball.arithmetic import decide
from refgrad.backends.ball.array import BallArray, each, evaluated, finished
from refgrad.backends.ball.solving import approximate, elements_of, matrix, more_bits, perturbed


def matrix_exp(x: BallArray) -> BallArray:
    """The exponential of each matrix; at working precision of all that an algorithm may have taken in its place."""
    found = np.empty(x.shape, object)
    for i in np.ndindex(x.shape[:-2]):
        if found[i].size:
            with more_bits():
                found[i] = elements_of(matrix(perturbed(x.data[i])).exp())
    return evaluated(found, x.dtype)


def lu_factor(x: BallArray) -> tuple[BallArray, np.ndarray]:
    """Both triangular factors in one matrix, and the rows that LAPACK exchanges at the midpoints, counted from 1."""
    stack, (m, n) = x.shape[:-2], x.shape[-2:]
    shape = (*stack, min(m, n))
    pivots = decide("lu_factor", shape, lambda: _pivots(x.data, shape))
    found = np.empty(x.shape, object)
    for i in np.ndindex(stack):
        found[i] = _eliminated(x.data[i], pivots[i])
    return finished(found, x.dtype), pivots


def _pivots(a: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    found = np.empty(shape, np.int32)
    for i in np.ndindex(shape[:-1]):
        if a[i].size:
            found[i] = scipy.linalg.lu_factor(approximate(a[i]), check_finite=False)[1] + 1
    return found


def _eliminated(a: np.ndarray, pivots: np.ndarray) -> np.ndarray:
    a = a.copy()
    for j, pivot in enumerate(pivots):
        a[[j, pivot - 1]] = a[[pivot - 1, j]]
        if a[j, j] != 0:
            a[j + 1 :, j] = a[j + 1 :, j] / a[j, j]
        a[j + 1 :, j + 1 :] = a[j + 1 :, j + 1 :] - np.outer(a[j + 1 :, j], a[j, j + 1 :])
    return a


def pinv(x: BallArray, atol: Any, rtol: Any, hermitian: bool) -> BallArray:
    """The pseudoinverse of each matrix, of the rank that it has at its midpoints: singular values up to
    ``max(atol, rtol * the largest)`` count as zero, and are taken for exact zeros.
    """
    stack, (m, n) = x.shape[:-2], x.shape[-2:]
    found, ranks = np.empty((*stack, n, m), object), rank(x, atol, rtol)
    for i in np.ndindex(stack):
        with more_bits():
            found[i] = _pseudoinverse(perturbed(x.data[i]), int(ranks[i]))
    return evaluated(found, x.dtype)


def rank(x: BallArray, atol: Any, rtol: Any) -> np.ndarray:
    """How many singular values there are at the midpoints above ``max(atol, rtol * the largest)``."""
    stack = x.shape[:-2]
    least = np.broadcast_to(atol, (*stack, 1)), np.broadcast_to(rtol, (*stack, 1))

    def found() -> np.ndarray:
        ranks = np.empty(stack, np.int64)
        for i in np.ndindex(stack):
            ranks[i] = _rank(x.data[i], *(float(v[i][0]) for v in least))
        return ranks

    return decide("rank", stack, found)


def _rank(a: np.ndarray, atol: float, rtol: float) -> int:
    sizes = np.linalg.svd(approximate(a), compute_uv=False) if a.size else np.zeros(0)
    return int(np.sum(sizes > max(atol, rtol * np.max(sizes, initial=0.0))))


def _pseudoinverse(a: np.ndarray, rank: int) -> np.ndarray:
    """Of full rank by the normal equations; of less as the product of two factors that have it."""
    m, n = a.shape
    if not rank:
        return np.full((n, m), arb(0), object)
    if rank == n:
        return _solved(_adjoint(a) @ a, _adjoint(a))
    if rank == m:
        return _adjoint(_pseudoinverse(_adjoint(a), rank))
    *_, order = scipy.linalg.qr(approximate(a), mode="r", pivoting=True)
    left = _pseudoinverse(a[:, np.sort(order[:rank])], rank)
    return _pseudoinverse(left @ a, rank) @ left


def _solved(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return elements_of(matrix(a).solve(matrix(b))) if b.size else b


def _adjoint(a: np.ndarray) -> np.ndarray:
    return each(lambda v: v.conjugate() if isinstance(v, acb) else v, a).T if a.size else a.T
