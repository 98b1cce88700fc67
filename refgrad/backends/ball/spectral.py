"""Eigenvalues and singular values of matrices of balls, and their vectors, as enclosures that flint proves.

What is free (the sign or phase of a vector, the order of complex eigenvalues) is taken from LAPACK at the midpoints. Of values
that bits cannot tell apart the vectors are nan.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb

from refgrad.backends.ball.arithmetic import roundoff
from refgrad.backends.ball.array import BallArray, evaluated, real_dtype, result_dtype
from refgrad.backends.ball.solving import approximate, elements_of, inner, length, more_bits, perturbed

NAN = acb(float("nan"), float("nan"))


def eigh(x: BallArray) -> tuple[BallArray, BallArray]:
    """Ascending eigenvalues (…, n) and eigenvectors as columns (…, n, n) of Hermitian matrices; the lower triangle is read."""
    values, vectors = _each_of(x, _eigh, (x.shape[-1],), x.shape[-2:])
    return evaluated(values, real_dtype(x.dtype)), evaluated(vectors, x.dtype)


def _eigh(a: np.ndarray) -> tuple[Any, Any]:
    middle, error = _split(_hermitian(a))
    values, vectors = _ascending(middle)
    vectors = _turned(vectors, np.linalg.eigh(approximate(middle))[1], is_real=not _is_complex(a))
    return _loosened(values, error), _loosened(vectors, _moved(values, values, error))


def eig(x: BallArray) -> tuple[BallArray, BallArray]:
    """Complex eigenvalues (…, n) in LAPACK's order and eigenvectors of length 1 as columns (…, n, n)."""
    values, vectors = _each_of(x, _eig, (x.shape[-1],), x.shape[-2:])
    dtype = result_dtype(x, 1j)
    return evaluated(values, dtype), evaluated(vectors, dtype)


def _eig(a: np.ndarray) -> tuple[Any, Any]:
    values, vectors = _isolated(a)
    expected, reference = np.linalg.eig(approximate(a))
    order, left = [], list(range(len(values)))
    for e in expected:
        order.append(min(left, key=lambda k: abs(complex(values[k].mid()) - e)))
        left.remove(order[-1])
    return values[order], _turned(vectors[:, order], reference, is_real=False)


def svd(x: BallArray, full_matrices: bool = True) -> tuple[BallArray, BallArray, BallArray]:
    """Singular vectors (…, m, k), descending values (…, k), conjugated right vectors as rows (…, k, n)."""
    m, n = x.shape[-2:]
    k = min(m, n)
    left, right = ((m, m), (n, n)) if full_matrices else ((m, k), (k, n))
    u, s, vh = _each_of(x, lambda a: _svd(a, full=full_matrices), left, (k,), right)
    return evaluated(u, x.dtype), evaluated(s, real_dtype(x.dtype)), evaluated(vh, x.dtype)


def _svd(a: np.ndarray, *, full: bool) -> tuple[Any, Any, Any]:
    m, n = a.shape
    k = min(m, n)
    a, error = _split(a)
    s, u, v = (_by_dilation if abs(m - n) <= 1 else _by_gram)(a, k)
    reference = np.linalg.svd(approximate(a), full_matrices=False)[0]
    is_real = not _is_complex(a)
    phases = [_phase(u[:, j], reference[:, j], is_real=is_real) for j in range(k)]
    u, v = (np.column_stack([w[:, j] * phases[j] for j in range(k)]) if k else w for w in (u, v))
    if is_real:
        u, v = _real(u), _real(v)
    moved = _moved(
        s, [*s, *-s, *[arb(0)] * abs(m - n)], error
    )  # as eigenvalues of the matrix that `_by_dilation` takes
    s, u, v = _loosened(s, error), _loosened(u, moved), _loosened(v, moved)
    if full:
        u, v = _completed(u), _completed(v)
    return u, s, _conjugated(v).T


def _by_dilation(a: np.ndarray, k: int) -> tuple[Any, Any, Any]:
    """From the eigenvectors (u, v) of [[0, A], [Aᴴ, 0]], whose eigenvalues are the singular values and their negatives."""
    m, n = a.shape
    dilated = np.full((m + n, m + n), arb(0), object)
    dilated[:m, m:], dilated[m:, :m] = a, _conjugated(a).T
    values, vectors = _ascending(dilated)
    largest = vectors[:, ::-1][:, :k] * arb(2).sqrt()
    return _above_zero(values[::-1][:k]), largest[:m], largest[m:]


def _by_gram(a: np.ndarray, k: int) -> tuple[Any, Any, Any]:
    """From the eigenvectors of the smaller of A·Aᴴ and Aᴴ·A."""
    m, n = a.shape
    if m < n:
        s, v, u = _by_gram(_conjugated(a).T, k)
        return s, u, v
    values, vectors = _ascending(_hermitian(_conjugated(a).T @ a))
    s = np.frompyfunc(lambda x: x.sqrt(), 1, 1)(_above_zero(values[::-1]))
    v = vectors[:, ::-1]
    return s, a @ v / s, v


def _above_zero(values: np.ndarray) -> np.ndarray:
    return np.frompyfunc(lambda x: x.nonnegative_part(), 1, 1)(values) if values.size else values


# eigenvalues of one matrix


def _ascending(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Real eigenvalues of a Hermitian matrix in ascending order, and eigenvectors of length 1."""
    values, vectors = _isolated(a)
    values = np.frompyfunc(lambda x: x.real, 1, 1)(values) if values.size else values
    order = sorted(range(len(values)), key=cmp_to_key(lambda i, j: -1 if values[i].mid() < values[j].mid() else 1))
    return values[order], vectors[:, order]


def _isolated(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and eigenvectors of length 1; nan for the vectors where two values stay together."""
    m = acb_mat(*a.shape, list(a.flat))
    values, vectors = np.empty(len(a), object), np.full(a.shape, NAN, object)
    if not a.size:
        return values, vectors
    try:
        found, right = m.eig(right=True)
        right = elements_of(right)
        vectors = np.column_stack([right[:, j] / length(right[:, j]) for j in range(len(a))])
    except ValueError:
        found = m.eig(multiple=True)
    values[:] = found
    return values, vectors


def _turned(vectors: np.ndarray, reference: np.ndarray, *, is_real: bool) -> np.ndarray:
    """The columns, each of the sign or phase that brings it closest to LAPACK's."""
    if not vectors.size:
        return vectors
    n = vectors.shape[1]
    turned = np.column_stack(
        [vectors[:, j] * _phase(vectors[:, j], reference[:, j], is_real=is_real) for j in range(n)]
    )
    return _real(turned) if is_real else turned


def _phase(v: np.ndarray, reference: np.ndarray, *, is_real: bool) -> acb:
    """What turns `v` towards the reference; exactly so if complex, else first to the reals and then by a sign."""
    if not is_real:
        along = inner(v, np.array([acb(complex(w)) for w in reference], object))
        return along / abs(along)
    pivot = v[max(range(len(v)), key=lambda i: abs(complex(v[i].mid())))]
    pivot = acb(pivot)
    to_real = pivot.conjugate() / abs(pivot)
    overlap = sum(complex((w * to_real).mid()).real * float(r.real) for w, r in zip(v, reference, strict=True))
    return -to_real if overlap < 0 else to_real


# what a perturbed matrix may have instead: enclosures of flint's own would hold too, and be much wider


def _split(a: np.ndarray) -> tuple[np.ndarray, float]:
    """The matrix, and 0; at working precision that of the midpoints, and how far from it, in norm, others may be."""
    if not roundoff() or not a.size:
        return a, 0.0
    rows = np.sum(np.frompyfunc(lambda v: float(_radius(v)), 1, 1)(a).astype(float), axis=1)
    return np.frompyfunc(lambda v: v.mid(), 1, 1)(a), float(max(rows))


def _radius(v: Any) -> Any:
    return v.real.rad() + v.imag.rad() if isinstance(v, acb) else v.rad()


def _moved(values: Any, spectrum: Any, error: float) -> np.ndarray:
    """How far the eigenvector of each value may move (Davis and Kahan): twice the error over the gap to the others.

    Nothing is known of it where the gap is not several times the error.
    """
    found = np.zeros(len(values))
    if not error:
        return found
    others = [float(v.mid()) for v in spectrum]
    for k, value in enumerate(float(v.mid()) for v in values):
        gap = min((abs(value - o) for i, o in enumerate(others) if i != k), default=np.inf)
        found[k] = 2 * error / gap if gap > 4 * error else np.inf
    return found


def _loosened(x: np.ndarray, error: Any) -> np.ndarray:
    """The balls with this much added to their radii."""
    if not np.any(error) or not x.size:
        return x

    def loose(v: Any, e: float) -> Any:
        around = arb(0, e)
        return v + (acb(around, around) if isinstance(v, acb) else around)

    return np.frompyfunc(loose, 2, 1)(x, np.broadcast_to(error, x.shape))


# helpers


def _each_of(x: BallArray, f: Callable[[np.ndarray], tuple[Any, ...]], *shapes: tuple[int, ...]) -> list[np.ndarray]:
    """The parts that `f` gives of each matrix of a stack, each stacked."""
    stack = x.shape[:-2]
    parts = [np.empty((*stack, *shape), object) for shape in shapes]
    for i in np.ndindex(stack):
        with more_bits():
            for part, found in zip(parts, f(perturbed(x.data[i])), strict=True):
                part[i] = found
    return parts


def _hermitian(a: np.ndarray) -> np.ndarray:
    """The Hermitian matrix with this lower triangle."""
    below = np.tri(len(a), k=-1, dtype=bool)
    diagonal = np.diag(np.frompyfunc(lambda v: v.real, 1, 1)(np.diagonal(a)))
    return np.where(below, a, np.where(below.T, _conjugated(a).T, diagonal))


def _completed(q: np.ndarray) -> np.ndarray:
    """Orthonormal columns completed to a basis, by those unit vectors that are farthest from them."""
    columns = [q[:, j] for j in range(q.shape[1])]
    while len(columns) < len(q):
        rests = []
        for unit in np.eye(len(q), dtype=int):
            rest = np.array([arb(int(v)) for v in unit], object)
            for c in columns:
                rest = rest - c * inner(c, rest)
            rests.append(rest)
        farthest = max(rests, key=lambda r: float(inner(r, r).real.mid()))
        columns.append(farthest / length(farthest))
    return np.column_stack(columns)


def _is_complex(a: np.ndarray) -> bool:
    return any(isinstance(v, acb) for v in a.flat)


def _real(a: np.ndarray) -> np.ndarray:
    return np.frompyfunc(lambda v: v.real, 1, 1)(a) if a.size else a


def _conjugated(a: np.ndarray) -> np.ndarray:
    return np.frompyfunc(lambda v: v.conjugate() if isinstance(v, acb) else v, 1, 1)(a) if a.size else a
