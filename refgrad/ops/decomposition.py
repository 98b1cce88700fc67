"""Inverse, determinant and solving; Cholesky and QR decompositions. Singular and eigenvectors are in `spectral`.

Shapes are (…, n, n) for square and (…, m, n) for other matrices; k = min(m, n). Not here: products (`linalg`), and
forms of these functions that compose them (`refgrad.api`).
"""

from __future__ import annotations

from typing import Any

from refgrad.ops.complex import complex, imag, real
from refgrad.ops.diagonal import diagonal_embed, diagonal_of, tril, triu
from refgrad.ops.indexing import index_select
from refgrad.ops.shape import mT, permute, unsqueeze
from refgrad.rules import cast, conj, general, of_host, reshape, zeros_like

MINORS_UP_TO = 6  # size to which cofactors are determinants of minors, right for singular matrices at every order


def mH(x: Any) -> Any:
    """The conjugate transpose."""
    return conj(mT(x)) if x.dtype.kind == "c" else mT(x)


def row(x: Any) -> Any:
    """(…, n) -> (…, 1, n)."""
    return unsqueeze(x, dim=x.ndim - 1)


def column(x: Any) -> Any:
    """(…, n) -> (…, n, 1)."""
    return unsqueeze(x, dim=x.ndim)


def _scale(c):  # (…) -> (…, 1, 1)
    return reshape(c, shape=(*c.shape, 1, 1))


def real_part(x: Any) -> Any:
    """The real part, which of real numbers is themselves."""
    return real(x) if x.dtype.kind == "c" else x


def _half_diagonal(x):  # its triangle below, and half of its real diagonal
    d = diagonal_of(x)
    above = like(0.5 * real(d), x) + 1j * imag(d) if x.dtype.kind == "c" else 0.5 * d
    return tril(x, diagonal=0) - diagonal_embed(above)


def like(x: Any, y: Any) -> Any:
    """`x` in the dtype of `y`."""
    return x if x.dtype == y.dtype else cast(x, dtype=y.dtype)


def _sum(a, b):  # of terms that may be absent
    return b if a is None else a if b is None else a + b


# inverse, solving, determinant

inv = general(
    "inv",
    lambda g, y, _x: -(mH(y) @ g @ mH(y)),
    push=lambda t, y, _x: -(y @ t[0] @ y),
    kernel=lambda xp, x: xp.linalg.inv(x),
    node="LinalgInvExBackward0",
)
solve = general(  # (…, n, n), (…, n, k) -> (…, n, k)
    "solve",
    lambda g, y, a, _b: -(solve(mH(a), g) @ mH(y)),
    lambda g, _y, a, _b: solve(mH(a), g),
    push=lambda t, y, a, _b: solve(a, _sum(t[1], None if t[0] is None else -(t[0] @ y))),
    kernel=lambda xp, a, b: xp.linalg.solve(a, b),
    node="LinalgSolveExBackward0",
)
det = general(  # (…, n, n) -> (…)
    "det",
    lambda g, y, a: _scale(g) * _conjugate(_cofactors(a, y)),
    push=lambda t, y, a: _inner(_cofactors(a, y), t[0]),
    plain=(lambda g, y, a: _scale(g) * _conjugate(_scale(y) * mT(inv(a))),),
    plain_push=lambda t, y, a: _inner(_scale(y) * mT(inv(a)), t[0]),
    kernel=lambda xp, a: xp.det(a),
    node="LinalgDetBackward0",
)
slogdet = general(  # (…, n, n) -> the sign, or phase, and the logarithm of the modulus
    "slogdet",
    lambda g, y, a: _scale(_log_cotangent(g, y)) * inv(mH(a)),
    push=lambda t, y, a: _log_tangent(_inner(mT(inv(a)), t[0]), y),
    kernel=lambda xp, a: tuple(xp.linalg.slogdet(a)),
    outputs=2,
    keeps=(0,),
    node="LinalgSlogdetBackward0",
)


def _conjugate(x):
    return conj(x) if x.dtype.kind == "c" else x


def _inner(a, b):  # (…, n, n), (…, n, n) -> (…): the sum of products
    rows = (*a.shape[:-2], 1, a.shape[-1] * a.shape[-2])
    columns = (*b.shape[:-2], b.shape[-1] * b.shape[-2], 1)
    return reshape(reshape(a, shape=rows) @ reshape(b, shape=columns), shape=tuple(a.shape[:-2]))


def _cofactors(a, y):  # (…, n, n): the derivative of the determinant by each element
    n = a.shape[-1]
    if n == 0:
        return a
    if n == 1:
        return zeros_like(a) + 1
    if n > MINORS_UP_TO:
        return _scale(y) * mT(inv(a))
    signs = cast(_chessboard(a), dtype=a.dtype)
    return det(_minors(a)) * signs


def _chessboard(a):  # (n, n): 1.0 and -1.0 like the squares of one
    from refgrad.backends import namespace

    n = a.shape[-1]
    return of_host(namespace().asarray([[(-1.0) ** (i + j) for j in range(n)] for i in range(n)]), a)


def _minors(a):  # (…, n, n) -> (…, n, n, n-1, n-1), without row i and column j
    from refgrad.backends import namespace

    n, lead = a.shape[-1], tuple(a.shape[:-2])
    others = of_host(namespace().asarray([k for i in range(n) for k in range(n) if k != i], "int64"), a)
    rows = reshape(index_select(a, others, dim=a.ndim - 2), shape=(*lead, n, n - 1, n))
    both = reshape(index_select(rows, others, dim=rows.ndim - 1), shape=(*lead, n, n - 1, n, n - 1))
    k = len(lead)
    return permute(both, dims=(*range(k), k, k + 2, k + 1, k + 3))


def _log_cotangent(g, y):  # of log det: its real part from the modulus, the other from the phase
    sign, modulus = g
    if y[0].dtype.kind != "c":
        return modulus
    return complex(modulus, imag(sign * conj(y[0])))


def _log_tangent(t, y):
    if t.dtype.kind != "c":
        return zeros_like(t), t
    return y[0] * (1j * imag(t)), real(t)


# Cholesky

cholesky = general(  # (…, n, n) -> lower triangular; of the argument its Hermitian part counts
    "cholesky",
    lambda g, y, _a: _cholesky_pull(g, y),
    push=lambda t, y, _a: y @ _half_diagonal(solve(y, mH(solve(y, 0.5 * (t[0] + mH(t[0])))))),
    kernel=lambda xp, a: xp.linalg.cholesky(a),
    node="LinalgCholeskyExBackward0",
)


def _cholesky_pull(g, y):
    inner = _half_diagonal(mH(y) @ g)
    c = solve(mH(y), mH(solve(mH(y), mH(inner))))  # L⁻ᴴ · inner · L⁻¹
    return 0.5 * (c + mH(c))


# QR

qr = general(  # (…, m, n) with m >= n -> (…, m, n), (…, n, n)
    "qr",
    lambda g, y, _a: _qr_pull(g, *y),
    push=lambda t, y, _a: _qr_push(t[0], *y),
    kernel=lambda xp, a: tuple(xp.linalg.qr(a)),
    outputs=2,
    node="LinalgQrBackward0",
)


def _qr_pull(g, q, r):
    inner = g[1] @ mH(r) - mH(q) @ g[0]
    upper = triu(inner, diagonal=0)
    hermitian = upper + mH(upper) - diagonal_embed(like(real_part(diagonal_of(inner)), inner))
    return mH(solve(r, mH(g[0] + q @ hermitian)))


def _qr_push(t, q, r):
    a = mH(solve(mH(r), mH(t)))  # t · R⁻¹
    inner = mH(q) @ a
    skewed = mH(_half_diagonal(inner + mH(inner)))
    return a - q @ skewed, skewed @ r


def _no_basis(*_: Any) -> Any:
    """Raises: the columns that complete a basis are arbitrary."""
    raise RuntimeError(
        "The QR decomposition is not differentiable when mode='complete' and nrows > ncols, since the columns that "
        "complete the basis are not determined by the matrix; use mode='reduced'"
    )


def _no_factor(*_: Any) -> Any:
    raise RuntimeError(
        "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use "
        "linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr."
    )


triangle = general(  # (…, m, n) -> the second factor alone (…, k, n)
    "triangle",
    _no_factor,
    push=_no_factor,
    kernel=lambda xp, a: xp.linalg.qr(a)[1],
    node="LinalgQrBackward0",
)


complete_qr = general(  # (…, m, n) with m > n -> (…, m, m), (…, m, n)
    "complete_qr",
    _no_basis,
    push=_no_basis,
    kernel=lambda xp, a: tuple(xp.linalg.qr(a, mode="complete")),
    outputs=2,
    node="LinalgQrBackward0",
)
