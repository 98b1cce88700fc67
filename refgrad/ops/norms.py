"""Vector norms, with the subgradient zero where a norm of zero has none. Matrix norms are written on top, in
`refgrad.api`.
"""

from __future__ import annotations

from refgrad.ops.arithmetic import abs, sign
from refgrad.ops.complex import real, sgn
from refgrad.ops.reduction import sum
from refgrad.ops.shape import kept
from refgrad.rules import cast, conj, general, where, zeros_like

INFINITY = float("inf")

vector_norm = general(
    "vector_norm",
    lambda g, y, x, *, ord, dim, keepdim: kept(g, x, dim, keepdim) * _direction(x, kept(y, x, dim, keepdim), ord, dim),
    push=lambda t, y, x, *, ord, dim, keepdim: sum(
        _real_product(_direction(x, kept(y, x, dim, keepdim), ord, dim), t[0]), dim=dim, keepdim=keepdim
    ),
    kernel=lambda xp, x, *, ord, dim, keepdim: _norm(xp, xp.abs(x), ord, dim, keepdim),
    node="LinalgVectorNormBackward0",
)


def _norm(xp, x, ord, dim, keepdim):
    if ord in (INFINITY, -INFINITY):
        return (xp.max if ord > 0 else xp.min)(x, axis=dim, keepdims=keepdim)
    if ord == 0:
        return xp.sum(xp.where(x == 0, 0 * x, 0 * x + 1), axis=dim, keepdims=keepdim)
    if ord == 1:
        return xp.sum(x, axis=dim, keepdims=keepdim)
    return xp.root_of_powers(x, ord, axis=dim, keepdims=keepdim)


def _direction(x, y, ord, dim):
    if ord == 0:
        return zeros_like(x)
    toward = sgn(x) if x.dtype.kind == "c" else sign(x)
    if ord == 1:
        return toward
    if ord in (INFINITY, -INFINITY):  # ties share
        hit = cast(abs(x) == y, dtype=y.dtype)
        return toward * (hit / sum(hit, dim=dim, keepdim=True))
    nothing = y == 0
    length = where(nothing, 1.0, y)
    if ord == 2:
        return where(nothing, 0.0, x / length)
    still = (x == 0) | nothing if ord < 2 else nothing  # of a negative order, one zero makes the norm zero
    return toward * where(still, 0.0, (where(still, 1.0, abs(x)) / length) ** (ord - 1))


def _real_product(a, b):
    return real(conj(a) * b) if a.dtype.kind == "c" else a * b
