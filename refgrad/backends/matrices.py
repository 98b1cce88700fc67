"""Factors and functions of matrices that array libraries lack, written over what every backend has (`formulas.bound`).

Shapes are (…, n, n) for square and (…, m, n) for other matrices; k = min(m, n).
"""

from __future__ import annotations

from typing import Any

REACH = 5.371920351148152  # norm up to which the approximant of degree 13 is right to double precision (Higham 2005)
_NUMERATOR = (
    64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
    670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
)  # fmt: skip


def lu_factor(xp: Any, a: Any) -> tuple[Any, Any]:
    """Both triangular factors in one matrix (…, m, n), and the rows (…, k), counted from 1, that were exchanged in turn.

    As LAPACK does: the pivot is the first of the largest in its column, by the sum of the sizes of its parts if complex.
    """
    m, n = a.shape[-2:]
    rows, columns, pivots = xp.arange(m), xp.arange(n), []
    for j in range(min(m, n)):
        p = xp.argmax(xp.where(rows < j, -1.0, _size(xp, a[..., :, j])), axis=-1)[..., None]
        pivots.append(p + 1)
        order = xp.where(rows == j, p, xp.where(rows == p, j, rows))
        a = xp.take_along_axis(a, xp.broadcast_to(order[..., None], a.shape), axis=-2)
        pivot = a[..., j, j][..., None]
        factors = xp.where(rows > j, a[..., :, j] / xp.where(pivot == 0, 1, pivot), 0)[..., None]
        left = (rows[:, None] > j) & (columns == j)
        a = xp.where(left, factors, a - xp.where(columns > j, factors * a[..., j, :][..., None, :], 0))
    found = xp.concatenate(pivots, axis=-1) if pivots else xp.zeros((*a.shape[:-2], 0), "int32")
    return a, found.astype("int32")


def _size(xp: Any, x: Any) -> Any:
    return xp.abs(xp.real(x)) + xp.abs(xp.imag(x)) if x.dtype.kind == "c" else xp.abs(x)


def first_minor(xp: Any, a: Any) -> Any:
    """The order of the first leading minor (…) that is not positive, of the Hermitian matrix with this lower triangle;
    0 if all are.
    """
    found = xp.zeros(a.shape[:-2], "int32")
    for j in range(a.shape[-1]):
        pivot = xp.real(a[..., j, j])
        found = xp.where((found == 0) & ~(pivot > 0), j + 1, found)
        column = a[..., :, j][..., None]
        a = a - column * _adjoint(xp, column) / xp.where(pivot > 0, pivot, 1)[..., None, None]
    return found.astype("int32")


def solve_triangular(xp: Any, a: Any, b: Any, upper: bool, unitriangular: bool) -> Any:
    """`x` (…, n, k) with ``a @ x == b``, by substitution; of `a` that triangle is read, or what is beside its diagonal."""
    n = a.shape[-1]
    b = xp.broadcast_to(b, (*xp.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *b.shape[-2:]))
    rows = []
    with xp.errstate(divide="ignore", invalid="ignore"):
        for i in reversed(range(n)) if upper else range(n):
            x, b = (b[..., -1, :], b[..., :-1, :]) if upper else (b[..., 0, :], b[..., 1:, :])
            x = x if unitriangular else x / a[..., i, i][..., None]
            b = b - a[..., slice(i) if upper else slice(i + 1, None), i][..., None] * x[..., None, :]
            rows.append(x)
    return xp.stack(rows[::-1] if upper else rows, axis=-2) if n else b


def matrix_exp(xp: Any, a: Any) -> Any:
    """The exponential: the diagonal Padé approximant of degree 13 of what halving makes small, squared as often."""
    if not a.size:
        return xp.array(a)
    norm = xp.max(xp.sum(xp.abs(a), axis=-2), axis=-1)[..., None, None]
    halvings = xp.ceil(xp.log2(xp.maximum(norm / REACH, 1.0)))
    a = (a * 2.0**-halvings).astype(a.dtype)
    even, square = xp.broadcast_to(xp.eye(a.shape[-1], dtype=a.dtype), a.shape), a @ a
    p = q = 0 * a
    for i in range(0, len(_NUMERATOR), 2):
        p, q = p + _NUMERATOR[i] * even, q + _NUMERATOR[i + 1] * even
        even = even @ square
    q = a @ q
    y = xp.linalg.solve(p - q, p + q)
    for i in range(int(xp.max(halvings))):
        y = xp.where(halvings > i, y @ y, y)
    return y


def pinv(xp: Any, a: Any, atol: Any, rtol: Any, hermitian: bool) -> Any:
    """The pseudoinverse, in which singular values up to ``max(atol, rtol * the largest)`` count as zero."""
    if 0 in a.shape:
        return xp.zeros((*a.shape[:-2], a.shape[-1], a.shape[-2]), a.dtype)
    if hermitian:
        values, left = xp.linalg.eigh(a)
        right = _adjoint(xp, left)
    else:
        left, values, right = xp.linalg.svd(a, full_matrices=False)
    counts = _counts(xp, xp.abs(values), atol, rtol)
    inverse = xp.where(counts, 1 / xp.where(counts, values, 1), 0).astype(values.dtype)
    return (_adjoint(xp, right) * inverse[..., None, :]) @ _adjoint(xp, left)


def rank(xp: Any, a: Any, atol: Any, rtol: Any) -> Any:
    """How many singular values (…) there are above ``max(atol, rtol * the largest)``."""
    if not a.size:
        return xp.zeros(a.shape[:-2], "int64")
    return xp.sum(_counts(xp, xp.linalg.svd(a, full_matrices=False)[1], atol, rtol), axis=-1).astype("int64")


def _counts(xp: Any, size: Any, atol: Any, rtol: Any) -> Any:
    return size > xp.maximum(atol, rtol * xp.max(size, axis=-1, keepdims=True))


def _adjoint(xp: Any, x: Any) -> Any:
    return xp.conj(xp.swapaxes(x, -1, -2))
