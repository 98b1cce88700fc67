"""Matrices of balls: determinant, inverse, solving, Cholesky and QR, with pivots chosen by midpoints (any choice is right)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import flint
import numpy as np
from flint import acb, acb_mat, arb, arb_mat

from refgrad.backends.ball.arithmetic import roundoff
from refgrad.backends.ball.array import BallArray, evaluated, finished, result_dtype
from refgrad.backends.ball.deciding import sign
from refgrad.backends.ball.elementary import log
from refgrad.backends.ball.structure import eye


def inv(x: BallArray) -> BallArray:
    """The inverse of each matrix of a stack."""
    return _of_matrices(lambda m: m.inv(), x)


def det(x: BallArray) -> BallArray:
    """The determinant of each matrix of a stack."""
    found = np.empty(x.shape[:-2], object)
    for i in np.ndindex(found.shape):
        found[i] = matrix(x.data[i]).det() if x.shape[-1] else arb(1)
    return finished(found, x.dtype)


def slogdet(x: BallArray) -> tuple[BallArray, BallArray]:
    """The sign and the logarithm of the magnitude of each determinant."""
    d = det(x)
    return sign(d), log(abs(d))


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
            found[i] = elements_of(matrix(left[i]).solve(matrix(right[i])))
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
    found = np.full((n, n), arb(0), object)
    for j in range(n):
        found[j, j] = _minus(a[j, j].real, ((v * _conjugate(v)).real for v in found[j, :j])).sqrt()
        for i in range(j + 1, n):
            found[i, j] = _minus(a[i, j], (found[i, k] * _conjugate(found[j, k]) for k in range(j))) / found[j, j]
    return found


def _minus(x: Any, terms: Iterable[Any]) -> Any:
    return x - sum(terms, arb(0))


def _conjugate(x: Any) -> Any:
    return x.conjugate() if isinstance(x, acb) else x


def qr(x: BallArray) -> tuple[BallArray, BallArray]:
    """An orthogonal factor and an upper triangular one with a real diagonal, whose signs are LAPACK's: (…, m, k), (…, k, n)."""
    m, n = x.shape[-2:]
    k = min(m, n)
    q, r = np.empty((*x.shape[:-2], m, k), object), np.empty((*x.shape[:-2], k, n), object)
    for i in np.ndindex(x.shape[:-2]):
        with more_bits():
            q[i], r[i] = _qr(perturbed(x.data[i]))
    return evaluated(q, x.dtype), evaluated(r, x.dtype)


def _qr(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By Gram and Schmidt: what that loses is in the radii, and made up for by bits."""
    m, n = a.shape
    q = np.full((m, min(m, n)), arb(0), object)
    r = np.full((min(m, n), n), arb(0), object)
    signs = np.sign(np.diagonal(np.linalg.qr(approximate(a))[1]).real)
    for j in range(n):
        rest = a[:, j]
        for i in range(min(j, len(r))):
            r[i, j] = inner(q[:, i], rest)
            rest = rest - q[:, i] * r[i, j]
        if j < len(r):
            r[j, j] = arb(int(signs[j]) or 1) * length(rest)
            q[:, j] = rest / r[j, j]
    return q, r


# what decompositions share


@contextmanager
def more_bits() -> Iterator[None]:
    """A block with more than twice the bits, so that what an algorithm loses does not show."""
    before = flint.ctx.prec
    flint.ctx.prec = 2 * before + 64
    try:
        yield
    finally:
        flint.ctx.prec = before


def perturbed(a: np.ndarray) -> np.ndarray:
    """The matrix, or at working precision all that a backward stable algorithm may have decomposed in its place."""
    if not roundoff() or not a.size:
        return a
    error = max(float(abs(v).upper()) for v in a.flat) * max(a.shape) * roundoff()
    return a + np.frompyfunc(
        lambda v: acb(arb(0, error), arb(0, error)) if isinstance(v, acb) else arb(0, error), 1, 1
    )(a)


def approximate(a: np.ndarray) -> np.ndarray:
    """The midpoints in floating point."""
    kind = complex if any(isinstance(v, acb) for v in a.flat) else float
    return np.asarray(np.frompyfunc(lambda v: kind(v.mid()), 1, 1)(a), np.dtype(kind))


def inner(u: np.ndarray, v: np.ndarray) -> Any:
    """The inner product, linear in the second vector."""
    return sum((_conjugate(a) * b for a, b in zip(u, v, strict=True)), arb(0))


def length(v: np.ndarray) -> arb:
    """The Euclidean norm."""
    return inner(v, v).real.sqrt()


def matrix_power(x: BallArray, n: int) -> BallArray:
    """The product of `n` copies of each matrix."""
    base = inv(x) if n < 0 else x
    y = BallArray(np.broadcast_to(eye(x.shape[-1]).data, x.shape).copy(), x.dtype)
    for _ in range(abs(n)):
        y = y @ base
    return y


def _of_matrices(f: Callable[[Any], Any], x: BallArray) -> BallArray:
    found = np.empty(x.shape, object)
    for i in np.ndindex(x.shape[:-2]):
        if found[i].size:
            found[i] = elements_of(f(matrix(x.data[i])))
    return finished(found, x.dtype)


def matrix(elements: np.ndarray) -> Any:
    """Flint's matrix of these elements, real if all of them are."""
    kind = acb_mat if any(isinstance(v, acb) for v in elements.flat) else arb_mat
    return kind(*elements.shape, list(elements.flat))


def elements_of(m: Any) -> np.ndarray:
    """The elements of one of flint's matrices, as an array."""
    found = np.empty((m.nrows(), m.ncols()), object)
    for i in np.ndindex(found.shape):
        found[i] = m[i]
    return found
