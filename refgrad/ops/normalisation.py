"""What turns a row into weights: softmax, log_softmax, logsumexp. Kernels shift by the maximum, which never changes
the value.

Layer, batch and other norms are composites, in `refgrad.api`.
"""

from __future__ import annotations

from refgrad.ops.elementary import exp
from refgrad.ops.reduction import sum
from refgrad.ops.shape import kept
from refgrad.rules import conj, general, where


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
    lambda g, y, x, *, dim, keepdim: kept(g, x, dim, keepdim) * _conjugated(_shares(y, x, dim, keepdim)),
    push=lambda t, y, x, *, dim, keepdim: sum(t[0] * _shares(y, x, dim, keepdim), dim=dim, keepdim=keepdim),
    plain=(lambda g, y, x, *, dim, keepdim: kept(g, x, dim, keepdim) * _conjugated(exp(x - kept(y, x, dim, keepdim))),),
    plain_push=lambda t, y, x, *, dim, keepdim: sum(t[0] * exp(x - kept(y, x, dim, keepdim)), dim=dim, keepdim=keepdim),
    kernel=lambda xp, x, *, dim, keepdim: xp.logsumexp(x, axis=dim, keepdims=keepdim),
    promotes="float",
)


def _shares(y, x, dim, keepdim):
    """What each element contributes: divided by their sum, which is 1 but where large numbers were rounded.

    Of infinite elements each contributes alike, and nothing else does.
    """
    y = kept(y, x, dim, keepdim)
    shares = exp(x - y if x.dtype.kind == "c" else where((x == y) & (x > 0), 0.0, x - y))
    return shares / sum(shares, dim=dim, keepdim=True)
