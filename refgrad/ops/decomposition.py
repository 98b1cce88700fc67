"""Decompositions of matrices and what solves with them: inverse, determinant, solve, Cholesky, QR, SVD, eigenvectors.

Shapes are (…, n, n) for square and (…, m, n) for other matrices; k = min(m, n). Not here: products (`linalg`), and forms of
these functions that compose them (`refgrad.api`).
"""

from __future__ import annotations

from refgrad.ops.complex import complex, imag, real
from refgrad.ops.diagonal import diagonal_embed, diagonal_of, tril, triu
from refgrad.ops.indexing import index_select, narrow
from refgrad.ops.shape import mT, permute, unsqueeze
from refgrad.rules import cast, conj, general, reshape, where, zeros_like

MINORS_UP_TO = 6  # size to which cofactors are determinants of minors, right for singular matrices at every order


def mH(x):  # noqa: ANN001, ANN201, N802 - arrays and tensors alike; PyTorch's name
    """The conjugate transpose."""
    return conj(mT(x)) if x.dtype.kind == "c" else mT(x)


def _row(x):  # noqa: ANN001, ANN202 - (…, n) -> (…, 1, n)
    return unsqueeze(x, dim=x.ndim - 1)


def _column(x):  # noqa: ANN001, ANN202 - (…, n) -> (…, n, 1)
    return unsqueeze(x, dim=x.ndim)


def _scale(c):  # noqa: ANN001, ANN202 - (…) -> (…, 1, 1)
    return reshape(c, shape=(*c.shape, 1, 1))


def _real(x):  # noqa: ANN001, ANN202
    return real(x) if x.dtype.kind == "c" else x


def _half_diagonal(x):  # noqa: ANN001, ANN202 - its triangle below, and half of its real diagonal
    return tril(x, diagonal=0) - diagonal_embed(_like(0.5 * _real(diagonal_of(x)), x) + 1j * imag(diagonal_of(x))) \
        if x.dtype.kind == "c" else tril(x, diagonal=0) - diagonal_embed(0.5 * diagonal_of(x))


def _like(x, y):  # noqa: ANN001, ANN202
    return x if x.dtype == y.dtype else cast(x, dtype=y.dtype)


def _sum(a, b):  # noqa: ANN001, ANN202 - of terms that may be absent
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
    kernel=lambda xp, a: xp.linalg.det(a),
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


def _conjugate(x):  # noqa: ANN001, ANN202
    return conj(x) if x.dtype.kind == "c" else x


def _inner(a, b):  # noqa: ANN001, ANN202 - (…, n, n), (…, n, n) -> (…): the sum of products
    rows = (*a.shape[:-2], 1, a.shape[-1] * a.shape[-2])
    columns = (*b.shape[:-2], b.shape[-1] * b.shape[-2], 1)
    return reshape(reshape(a, shape=rows) @ reshape(b, shape=columns), shape=tuple(a.shape[:-2]))


def _cofactors(a, y):  # noqa: ANN001, ANN202 - (…, n, n): the derivative of the determinant by each element
    n = a.shape[-1]
    if n == 0:
        return a
    if n == 1:
        return zeros_like(a) + 1
    if n > MINORS_UP_TO:
        return _scale(y) * mT(inv(a))
    signs = 1.0 - 2.0 * _parity(a)
    return signs * det(_minors(a))


def _parity(a):  # noqa: ANN001, ANN202 - (n, n): 0 and 1 like the squares of a chessboard
    from refgrad.backends import namespace  # noqa: PLC0415 - constants of the formula, no argument among them

    n = a.shape[-1]
    return namespace().asarray([[(i + j) % 2 for j in range(n)] for i in range(n)], "int64")


def _minors(a):  # noqa: ANN001, ANN202 - (…, n, n) -> (…, n, n, n-1, n-1), without row i and column j
    from refgrad.backends import namespace  # noqa: PLC0415

    n, lead = a.shape[-1], tuple(a.shape[:-2])
    others = namespace().asarray([k for i in range(n) for k in range(n) if k != i], "int64")
    rows = reshape(index_select(a, others, dim=a.ndim - 2), shape=(*lead, n, n - 1, n))
    both = reshape(index_select(rows, others, dim=rows.ndim - 1), shape=(*lead, n, n - 1, n, n - 1))
    k = len(lead)
    return permute(both, dims=(*range(k), k, k + 2, k + 1, k + 3))


def _log_cotangent(g, y):  # noqa: ANN001, ANN202 - the cotangent of log det: its real part from the modulus, the other from the phase
    sign, modulus = g
    if y[0].dtype.kind != "c":
        return modulus
    return complex(modulus, imag(sign * conj(y[0])))


def _log_tangent(t, y):  # noqa: ANN001, ANN202
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


def _cholesky_pull(g, y):  # noqa: ANN001, ANN202
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


def _qr_pull(g, q, r):  # noqa: ANN001, ANN202
    inner = g[1] @ mH(r) - mH(q) @ g[0]
    upper = triu(inner, diagonal=0)
    hermitian = upper + mH(upper) - diagonal_embed(_like(_real(diagonal_of(inner)), inner))
    return mH(solve(r, mH(g[0] + q @ hermitian)))


def _qr_push(t, q, r):  # noqa: ANN001, ANN202
    a = mH(solve(mH(r), mH(t)))  # t · R⁻¹
    inner = mH(q) @ a
    skewed = mH(_half_diagonal(inner + mH(inner)))
    return a - q @ skewed, skewed @ r


def _no_derivative(*_):  # noqa: ANN002, ANN202 - the columns added to a basis are arbitrary
    raise RuntimeError(
        "The QR decomposition is not differentiable when mode='complete' and nrows > ncols, since the columns that complete the "
        "basis are not determined by the matrix; use mode='reduced'"
    )


complete_qr = general(  # (…, m, n) with m > n -> (…, m, m), (…, m, n)
    "complete_qr",
    _no_derivative,
    push=_no_derivative,
    kernel=lambda xp, a: tuple(xp.linalg.qr(a, mode="complete")),
    outputs=2,
    node="LinalgQrBackward0",
)


# eigenvectors and singular vectors: where two values coincide, what depends on the choice of vectors has no derivative


def _divided(a, b):  # noqa: ANN001, ANN202 - a / b, and zero where both are: equal values that nothing tells apart
    free = (a == 0) & (b == 0)
    return where(free, 0.0, a / where(free, 1.0, b))


def _gaps(x):  # noqa: ANN001, ANN202 - (…, n) -> (…, n, n): x[j] - x[i], and 1 on the diagonal
    return _row(x) - _column(x) + diagonal_embed(zeros_like(x) + 1)


def _off_diagonal(x):  # noqa: ANN001, ANN202
    return tril(x, diagonal=-1) + triu(x, diagonal=1)


eigh = general(  # Hermitian (…, n, n) -> ascending eigenvalues (…, n), eigenvectors as columns (…, n, n)
    "eigh",
    lambda g, y, _a: y[1]
    @ (_divided(_off_diagonal(mH(y[1]) @ g[1]), _gaps(y[0])) + diagonal_embed(_like(g[0], y[1])))
    @ mH(y[1]),
    push=lambda t, y, _a: _eigh_push(mH(y[1]) @ t[0] @ y[1], *y),
    kernel=lambda xp, a: tuple(xp.linalg.eigh(a)),
    outputs=2,
    node="LinalgEighBackward0",
)


def _eigh_push(inner, values, vectors):  # noqa: ANN001, ANN202
    return _real(diagonal_of(inner)), vectors @ _divided(_off_diagonal(inner), _gaps(values))


svd = general(  # (…, m, n) -> (…, m, k), descending (…, k), (…, k, n)
    "svd",
    lambda g, y, _a: _svd_pull(g, *y),
    push=lambda t, y, _a: _svd_push(t[0], *y),
    kernel=lambda xp, a: tuple(xp.linalg.svd(a, full_matrices=False)),
    outputs=3,
    node="LinalgSvdBackward0",
)


full_svd = general(  # (…, m, n) -> (…, m, m), (…, k), (…, n, n); what completes the bases has no derivative
    "full_svd",
    lambda g, y, _a: _svd_pull(_thin(*g), *_thin(*y)),
    push=_no_derivative,
    kernel=lambda xp, a: tuple(xp.linalg.svd(a, full_matrices=True)),
    outputs=3,
    node="LinalgSvdBackward0",
)


def _thin(u, s, vh):  # noqa: ANN001, ANN202
    k = s.shape[-1]
    return narrow(u, dim=u.ndim - 1, start=0, length=k), s, narrow(vh, dim=vh.ndim - 2, start=0, length=k)


def _svd_pull(g, u, s, vh):  # noqa: ANN001, ANN202
    gu, gs, gvh = g
    a, b = mH(u) @ gu, vh @ mH(gvh)
    a, b = a - mH(a), b - mH(b)
    inner = _divided(_off_diagonal(a * _row(s) + _column(s) * b), _gaps(s * s)) + diagonal_embed(_like(gs, u))
    if u.dtype.kind == "c":
        inner = inner + diagonal_embed(_divided(diagonal_of(a), _like(2 * s, u)))
    c = u @ inner @ vh
    m, n, k = u.shape[-2], vh.shape[-1], s.shape[-1]
    if m > k:
        left = _divided(gu, _like(_row(s), u))
        c = c + (left - u @ (mH(u) @ left)) @ vh
    if n > k:
        right = _divided(gvh, _like(_column(s), u))
        c = c + u @ (right - (right @ mH(vh)) @ vh)
    return c


def _svd_push(t, u, s, vh):  # noqa: ANN001, ANN202
    inner = mH(u) @ t @ mH(vh)
    ds = _real(diagonal_of(inner))
    off = _off_diagonal(inner)
    left, right = off * _row(s), _column(s) * off
    du = _divided(left + mH(left), _gaps(s * s))
    dv = _divided(right + mH(right), _gaps(s * s))
    if u.dtype.kind == "c":  # of the phase that is free, each side takes half
        turn = diagonal_embed(_divided(1j * imag(diagonal_of(inner)), _like(2 * s, u)))
        du, dv = du + turn, dv - turn
    du, dvh = u @ du, mH(dv) @ vh
    m, n, k = u.shape[-2], vh.shape[-1], s.shape[-1]
    if m > k:
        left = _divided(t @ mH(vh), _like(_row(s), u))
        du = du + left - u @ (mH(u) @ left)
    if n > k:
        right = _divided(mH(u) @ t, _like(_column(s), u))
        dvh = dvh + right - (right @ mH(vh)) @ vh
    return du, ds, dvh
