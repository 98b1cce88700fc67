"""Eigenvectors and singular vectors. Where two values coincide, what depends on the choice of vectors has none.

Of vectors that enter only by what any choice gives alike, it has: 0 / 0 between equal values counts as 0.
"""

from __future__ import annotations

from refgrad.ops.complex import imag, real
from refgrad.ops.decomposition import column, like, mH, real_part, row, solve
from refgrad.ops.diagonal import diagonal_embed, diagonal_of, tril, triu
from refgrad.ops.indexing import narrow
from refgrad.ops.padding import constant_pad
from refgrad.rules import conj, discrete, general, where, zeros_like

PHASE = 1e-2  # share of the gradient of a vector that may lie along its phase before a loss is said to depend on it


def _divided(a, b):  # a / b, and zero where both are: equal values that nothing tells apart
    at_zero = b == 0
    free = at_zero & (where(at_zero, a, 1.0) == 0)  # `a` is asked only there: balls may not know
    return where(free, 0.0, a / where(free, 1.0, b))


def _gaps(x):  # (…, n) -> (…, n, n): x[j] - x[i], and 1 on the diagonal, where balls would know no difference
    return _off_diagonal(row(x) - column(x)) + diagonal_embed(zeros_like(x) + 1)


def _off_diagonal(x):
    return tril(x, diagonal=-1) + triu(x, diagonal=1)


def _checked_phase(xp, turn, *gs):  # against means, which need no choice of a largest: of conjugate vectors none is
    sizes = [xp.abs(xp.asarray(g)) for g in gs]
    if turn.size and xp.any(xp.abs(turn) > PHASE * sum(xp.mean(size) * size.shape[-2] for size in sizes)):
        raise RuntimeError(
            "linalg_eig_backward, svd_backward: The vectors in the complex case are specified up to multiplication by "
            "e^{i phi}. The specified loss function depends on this quantity, so it is ill-defined."
        )
    return turn


_refuse_phase = discrete("refuse_phase", kernel=_checked_phase, promotes="none")


def _require_no_phase(turn, *gs):  # a loss of these gradients must not change as vectors are turned
    if turn.dtype.kind == "c":
        _refuse_phase(imag(diagonal_of(turn)), *gs)


eigh = general(  # (…, n, n) -> ascending eigenvalues (…, n), eigenvectors as columns; the Hermitian part counts
    "eigh",
    lambda g, y, _a: _eigh_pull(g, *y),
    push=lambda t, y, _a: _eigh_push(0.5 * (t[0] + mH(t[0])), *y),
    kernel=lambda xp, a: tuple(xp.linalg.eigh(a)),
    outputs=2,
    node="LinalgEighBackward0",
)


def _eigh_pull(g, values, vectors):
    turn = mH(vectors) @ g[1]
    _require_no_phase(turn, g[1])
    inner = _divided(_off_diagonal(0.5 * (turn - mH(turn))), _gaps(values)) + diagonal_embed(like(g[0], vectors))
    return vectors @ inner @ mH(vectors)


def _eigh_push(t, values, vectors):
    inner = mH(vectors) @ t @ vectors
    return real_part(diagonal_of(inner)), vectors @ _divided(_off_diagonal(inner), _gaps(values))


eig = general(  # (…, n, n) -> complex eigenvalues (…, n), eigenvectors of length 1 as columns
    "eig",
    lambda g, y, _a: _eig_pull(g, *y),
    push=lambda t, y, _a: _eig_push(t[0], *y),
    kernel=lambda xp, a: tuple(xp.cast(y, xp.result_type(a.dtype, "complex64")) for y in xp.linalg.eig(a)),
    outputs=2,
    node="LinalgEigBackward0",
)


def _eig_pull(g, values, vectors):
    turn = mH(vectors) @ g[1]
    _require_no_phase(turn, g[1])
    across = turn - mH(vectors) @ (vectors * row(like(real(diagonal_of(turn)), turn)))  # what keeps the lengths at 1
    inner = _divided(_off_diagonal(across), conj(_gaps(values))) + diagonal_embed(g[0])
    return solve(mH(vectors), inner @ mH(vectors))


def _eig_push(t, values, vectors):
    inner = solve(vectors, like(t, vectors) @ vectors)
    moved = vectors @ _divided(_off_diagonal(inner), _gaps(values))
    lengths = like(real(diagonal_of(mH(vectors) @ moved)), moved)
    return diagonal_of(inner), moved - vectors * row(lengths)


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
    push=lambda t, y, _a: _widened(_svd_push(t[0], *_thin(*y)), *y),
    kernel=lambda xp, a: tuple(xp.linalg.svd(a, full_matrices=True)),
    outputs=3,
    node="LinalgSvdBackward0",
)


def _thin(u, s, vh):
    k = s.shape[-1]
    return narrow(u, dim=u.ndim - 1, start=0, length=k), s, narrow(vh, dim=vh.ndim - 2, start=0, length=k)


def _widened(thin, u, _s, vh):  # zeros for what completes the bases: the transpose of leaving out its cotangent
    du, ds, dvh = thin
    columns, rows = u.shape[-1] - du.shape[-1], vh.shape[-2] - dvh.shape[-2]
    return constant_pad(du, pad=(0, columns), value=0), ds, constant_pad(dvh, pad=(0, 0, 0, rows), value=0)


def _svd_pull(g, u, s, vh):
    gu, gs, gvh = g
    a, b = mH(u) @ gu, vh @ mH(gvh)
    _require_no_phase(a + b, gu, gvh)
    a, b = a - mH(a), b - mH(b)
    inner = _divided(_off_diagonal(a * row(s) + column(s) * b), _gaps(s * s)) + diagonal_embed(like(gs, u))
    if u.dtype.kind == "c":
        inner = inner + diagonal_embed(_divided(diagonal_of(a), like(2 * s, u)))
    c = u @ inner @ vh
    m, n, k = u.shape[-2], vh.shape[-1], s.shape[-1]
    if m > k:
        left = _divided(gu, like(row(s), u))
        c = c + (left - u @ (mH(u) @ left)) @ vh
    if n > k:
        right = _divided(gvh, like(column(s), u))
        c = c + u @ (right - (right @ mH(vh)) @ vh)
    return c


def _svd_push(t, u, s, vh):
    inner = mH(u) @ t @ mH(vh)
    ds = real_part(diagonal_of(inner))
    off = _off_diagonal(inner)
    left, right = off * row(s), column(s) * off
    du = _divided(left + mH(left), _gaps(s * s))
    dv = _divided(right + mH(right), _gaps(s * s))
    if u.dtype.kind == "c":  # of the phase that is free, each side takes half
        turn = diagonal_embed(_divided(1j * imag(diagonal_of(inner)), like(2 * s, u)))
        du, dv = du + turn, dv - turn
    du, dvh = u @ du, mH(dv) @ vh
    m, n, k = u.shape[-2], vh.shape[-1], s.shape[-1]
    if m > k:
        left = _divided(t @ mH(vh), like(row(s), u))
        du = du + left - u @ (mH(u) @ left)
    if n > k:
        right = _divided(mH(u) @ t, like(column(s), u))
        dvh = dvh + right - (right @ mH(vh)) @ vh
    return du, ds, dvh
