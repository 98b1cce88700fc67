"""Triangular systems and factors, the exponential of matrices and their pseudoinverse.

Shapes are (…, n, n) for square and (…, m, n) for other matrices. Inverse, Cholesky and QR are in `decomposition`.
"""

from __future__ import annotations

from refgrad.ops.decomposition import mH
from refgrad.ops.diagonal import tril, triu
from refgrad.ops.indexing import narrow
from refgrad.ops.shape import cat, mT
from refgrad.rules import discrete, general, zeros_like

# triangular systems

solve_triangular = general(  # (…, n, n), (…, n, k) -> (…, n, k)
    "solve_triangular",
    lambda g, y, a, _b, *, upper, unitriangular: _triangle_pull(g, y, a, upper, unitriangular),
    lambda g, _y, a, _b, *, upper, unitriangular: _right_pull(g, a, upper, unitriangular),
    push=lambda t, y, a, _b, *, upper, unitriangular: _solution_push(t, y, a, upper, unitriangular),
    kernel=lambda xp, a, b, *, upper, unitriangular: xp.solve_triangular(a, b, upper, unitriangular),
    node="LinalgSolveTriangularBackward0",
)
triangular_system = general(  # the same, and the matrix again: what `torch.triangular_solve` gives as one operation
    "triangular_system",
    lambda g, y, a, _b, *, upper, unitriangular: g[1] + _triangle_pull(g[0], y[0], a, upper, unitriangular),
    lambda g, _y, a, _b, *, upper, unitriangular: _right_pull(g[0], a, upper, unitriangular),
    push=lambda t, y, a, _b, *, upper, unitriangular: (
        _solution_push(t, y[0], a, upper, unitriangular),
        zeros_like(a) if t[0] is None else t[0],
    ),
    kernel=lambda xp, a, b, *, upper, unitriangular: (xp.solve_triangular(a, b, upper, unitriangular), xp.array(a)),
    outputs=2,
    node="TriangularSolveBackward0",
)


def _right_pull(g, a, upper, unitriangular):
    return solve_triangular(mH(a), g, upper=not upper, unitriangular=unitriangular)


def _triangle_pull(g, y, a, upper, unitriangular):
    return _triangle(-(_right_pull(g, a, upper, unitriangular) @ mH(y)), upper, unitriangular)


def _solution_push(t, y, a, upper, unitriangular):
    moved = None if t[0] is None else -(_triangle(t[0], upper, unitriangular) @ y)
    moved = t[1] if moved is None else moved if t[1] is None else t[1] + moved
    return solve_triangular(a, moved, upper=upper, unitriangular=unitriangular)


def _triangle(x, upper, without_diagonal):
    return triu(x, diagonal=int(without_diagonal)) if upper else tril(x, diagonal=-int(without_diagonal))


# factors by elimination

lu_factor = general(  # (…, m, n) with m >= n -> both factors in one matrix (…, m, n), pivots (…, n)
    "lu_factor",
    lambda g, y, _a: _lu_pull(g[0], *y),
    push=lambda t, y, _a: (_lu_push(t[0], *y), None),
    kernel=lambda xp, a: xp.lu_factor(a),
    outputs=2,
    discrete_outputs=(1,),
    node="LinalgLuFactorExBackward0",
)


def _parted(x, n):  # the first n rows, and the others
    k = x.ndim - 2
    return narrow(x, dim=k, start=0, length=n), narrow(x, dim=k, start=n, length=x.shape[k] - n)


def _over_upper(x, factors):  # x · U⁻ᴴ
    return mH(solve_triangular(factors, mH(x), upper=True, unitriangular=False))


def _lu_pull(g, lu, pivots):
    n = lu.shape[-1]
    (top, rest), (g_top, g_rest) = _parted(lu, n), _parted(g, n)
    g_lower, below = tril(g_top, diagonal=-1), tril(top, diagonal=-1)
    inner = tril(mH(below) @ g_lower + g_lower, diagonal=-1)
    inner = inner + triu(triu(g_top, diagonal=0) @ mH(triu(top, diagonal=0)) - mH(rest) @ g_rest, diagonal=0)
    inner = solve_triangular(mH(top), inner, upper=True, unitriangular=True)
    moved = cat(_over_upper(inner, top), _over_upper(g_rest, top), dim=lu.ndim - 2)
    return permutation(pivots, rows=lu.shape[-2], dtype=lu.dtype) @ moved


def _lu_push(t, lu, pivots):
    n = lu.shape[-1]
    t = mT(permutation(pivots, rows=lu.shape[-2], dtype=lu.dtype)) @ t
    (top, rest), (t_top, t_rest) = _parted(lu, n), _parted(t, n)
    inner = solve_triangular(top, t_top, upper=False, unitriangular=True)
    inner, t_rest = _by_upper(inner, top), _by_upper(t_rest, top)
    below, above = tril(inner, diagonal=-1), triu(inner, diagonal=0)
    moved = tril(top, diagonal=-1) @ below + below + above @ triu(top, diagonal=0)
    return cat(moved, t_rest - rest @ above, dim=lu.ndim - 2)


def _by_upper(x, factors):  # x · U⁻¹
    return mH(solve_triangular(mH(factors), mH(x), upper=False, unitriangular=False))


permutation = discrete(  # pivots (…, k) -> the matrix (…, rows, rows) that puts the rows of both factors' product back
    "permutation",
    kernel=lambda xp, pivots, *, rows, dtype: _permutation(xp, pivots, rows, dtype),
    promotes="none",
)
zero_pivot = discrete(  # (…, m, n) -> (…), the first place on the diagonal that is zero, counted from 1; 0 if none is
    "zero_pivot", kernel=lambda xp, lu: _first_zero(xp, lu), promotes="none"
)

refuse_zero = discrete("refuse_zero", kernel=lambda xp, places: _without_zero(xp, places), promotes="none")
first_minor = discrete(  # (…, n, n) -> (…), the order of the first leading minor that is not positive; 0 if all are
    "first_minor", kernel=lambda xp, a: xp.first_minor(a), promotes="none"
)


def _permutation(xp, pivots, rows, dtype):
    places = xp.arange(rows)
    order = xp.broadcast_to(places, (*pivots.shape[:-1], rows))
    for i in range(pivots.shape[-1]):
        p = pivots[..., i : i + 1] - 1
        order = xp.take_along_axis(order, xp.where(places == i, p, xp.where(places == p, i, places)), axis=-1)
    return xp.cast(places[:, None] == order[..., None, :], dtype)


def _first_zero(xp, lu):
    found = None
    for j in reversed(range(min(lu.shape[-2:]))):
        is_zero = (lu[..., j, j] == 0).astype("int32")
        found = (j + 1) * is_zero if found is None else (j + 1) * is_zero + (1 - is_zero) * found
    return xp.zeros(lu.shape[:-2], "int32") if found is None else found


def _without_zero(xp, places):  # what `zero_pivot` gives, if no pivot is zero
    if places.size and xp.any(places != 0):
        at = int(xp.max(places))
        raise ZeroDivisionError(f"U[{at},{at}] is zero")
    return places


# functions of matrices

matrix_exp = general(  # (…, n, n) -> (…, n, n)
    "matrix_exp",
    lambda g, _y, a: _corner(mH(a), g),
    push=lambda t, _y, a: _corner(a, t[0]),
    node="LinalgMatrixExpBackward0",
)


def _corner(a, t):  # the derivative along `t`: the corner of the exponential of [[a, t], [0, a]]
    n, k = a.shape[-1], a.ndim - 2
    below = cat(zeros_like(a), a, dim=k + 1)
    whole = matrix_exp(cat(cat(a, t, dim=k + 1), below, dim=k))
    return narrow(narrow(whole, dim=k, start=0, length=n), dim=k + 1, start=n, length=n)


pinv = (
    general(  # (…, m, n) -> (…, n, m), of constant rank; singular values up to max(atol, rtol · largest) count as zero
        "pinv",
        lambda g, y, a, _atol, _rtol: _pinv_pull(g, y, a),
        None,
        None,
        push=lambda t, y, a, _atol, _rtol: _pinv_push(t[0], y, a),
        kernel=lambda xp, a, atol, rtol, *, hermitian: xp.pinv(a, atol, rtol, hermitian),
        node="LinalgPinvBackward0",
    )
)


rank = discrete(  # (…, m, n) -> (…): how many singular values do not count as zero
    "rank", kernel=lambda xp, a, atol, rtol: xp.rank(a, atol, rtol), promotes="none"
)


def _pinv_pull(g, y, a):  # Golub and Pereyra 1973: -y·t·y, and what leaves the ranges of both
    left, right = mH(g) @ y @ mH(y), mH(y) @ y @ mH(g)
    return (left - a @ (y @ left)) + (right - (right @ y) @ a) - mH(y) @ g @ mH(y)


def _pinv_push(t, y, a):
    left, right = y @ mH(y) @ mH(t), mH(t) @ mH(y) @ y
    return (left - (left @ a) @ y) + (right - y @ (a @ right)) - y @ t @ y
