"""What turns a row into weights: softmax, log_softmax, logsumexp. Kernels shift by the maximum, which never changes
the value.

Layer, batch and other norms are composites, in `refgrad.api`.
"""

from __future__ import annotations

from refgrad.ops.elementary import exp
from refgrad.ops.reduction import sum
from refgrad.ops.shape import kept
from refgrad.rules import conj, general


def _softmax_map(z, y, *, dim):
    return y * (z - sum(z * y, dim=dim, keepdim=True))


def _conjugated(x):
    return conj(x) if x.dtype.kind == "c" else x


softmax = general(  # `dim` is a tuple of one
    "softmax",
    lambda g, y, _x, *, dim: _softmax_map(g, y, dim=dim),
    push=lambda t, y, _x, *, dim: _softmax_map(t[0], y, dim=dim),
    kernel=lambda xp, x, *, dim: xp.softmax(x, axis=dim),
    promotes="float",
)
log_softmax = general(
    "log_softmax",
    lambda g, y, _x, *, dim: g - exp(y) * sum(g, dim=dim, keepdim=True),
    push=lambda t, y, _x, *, dim: t[0] - sum(exp(y) * t[0], dim=dim, keepdim=True),
    kernel=lambda xp, x, *, dim: xp.log_softmax(x, axis=dim),
    promotes="float",
)
logsumexp = general(
    "logsumexp",
    lambda g, y, x, *, dim, keepdim: kept(g, x, dim, keepdim) * _conjugated(exp(x - kept(y, x, dim, keepdim))),
    push=lambda t, y, x, *, dim, keepdim: sum(t[0] * exp(x - kept(y, x, dim, keepdim)), dim=dim, keepdim=keepdim),
    kernel=lambda xp, x, *, dim, keepdim: xp.logsumexp(x, axis=dim, keepdims=keepdim),
    promotes="float",
)
