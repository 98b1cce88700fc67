"""Sums, means, products and extrema over dimensions. `dim` is a tuple of dimensions, or None for all of them."""

from __future__ import annotations

import math

from refgrad.ops.shape import kept
from refgrad.rules import cast, expand, general, linear


def _spread(g, _x, *, dim, keepdim):
    return expand(g if dim is None else kept(g, _x, dim, keepdim), shape=_x.shape)


def _sum_kernel(xp, x, *, dim, keepdim):
    return xp.sum(x, axis=dim, keepdims=keepdim)


sum = linear(
    "sum", _spread, kernel=_sum_kernel, node=lambda x, dim, keepdim: "SumBackward0" if dim is None else "SumBackward1"
)


def _count(_x, dim):
    return math.prod(_x.shape) if dim is None else math.prod(_x.shape[d] for d in dim)


mean = linear(
    "mean",
    lambda g, _x, *, dim, keepdim: _spread(g / _count(_x, dim) if _count(_x, dim) else g, _x, dim=dim, keepdim=keepdim),
    kernel=lambda xp, x, *, dim, keepdim: xp.sum(x, axis=dim, keepdims=keepdim) / (_count(x, dim) or math.nan),
    node=lambda x, dim, keepdim: f"MeanBackward{int(dim is not None)}",
)


def _extreme(name):
    """Ties share the cotangent equally."""

    def share(y, x, dim, keepdim):
        hit = x == kept(y, x, dim, keepdim)
        hit = cast(hit, dtype=x.dtype)
        return hit / sum(hit, dim=dim, keepdim=True)

    return general(
        name,
        lambda g, y, x, *, dim, keepdim: kept(g, x, dim, keepdim) * share(y, x, dim, keepdim),
        push=lambda ts, y, x, *, dim, keepdim: sum(ts[0] * share(y, x, dim, keepdim), dim=dim, keepdim=keepdim),
        kernel=lambda xp, x, *, dim, keepdim: getattr(xp, name)(x, axis=dim, keepdims=keepdim),
    )


amax = _extreme("amax")
amin = _extreme("amin")
