"""Running sums, products and extrema along one dimension.

What runs is written with one row, `recurrence`, which never divides: products of zeros and sums of exponentials of
any size have right derivatives at every order.
"""

from __future__ import annotations

from refgrad.backends import cumulative as kernels
from refgrad.ops.comparison import any
from refgrad.ops.elementary import exp
from refgrad.ops.indexing import gather, narrow, scatter_add
from refgrad.ops.shape import cat, flip
from refgrad.rules import conj, general, structural, where, zeros, zeros_like

cumsum = structural(
    "cumsum",
    lambda g, *, dim: _reversed(cumsum(_reversed(g, dim), dim=dim), dim),
    kernel=lambda xp, x, *, dim: xp.cumsum(x, axis=dim) if x.ndim else x + 0,
)
recurrence = general(  # y[i] = a[i] · y[i-1] + b[i], and y[-1] = 0
    "recurrence",
    lambda g, y, a, _b, *, dim: _carried(g, conjugated(a), dim) * conjugated(_before(y, dim)),
    lambda g, _y, a, _b, *, dim: _carried(g, conjugated(a), dim),
    push=lambda t, y, a, _b, *, dim: recurrence(
        a, _sum(t[1], None if t[0] is None else t[0] * _before(y, dim)), dim=dim
    ),
    kernel=kernels.recurrence,
    promotes="args",
)
cumprod = general(
    "cumprod",
    lambda g, y, x, *, dim: _cumprod_pull(g, y, x, dim),
    push=lambda t, y, x, *, dim: _cumprod_push(t[0], y, x, dim),
    plain=(  # which divides, but for zeros
        lambda g, y, x, *, dim: (
            _cumprod_pull(g, y, x, dim)
            if any(x == 0, dim=None, keepdim=False)
            else _reversed(cumsum(_reversed(g * conjugated(y), dim), dim=dim), dim) / conjugated(x)
        ),
    ),
    plain_push=lambda t, y, x, *, dim: (
        _cumprod_push(t[0], y, x, dim) if any(x == 0, dim=None, keepdim=False) else y * cumsum(t[0] / x, dim=dim)
    ),
    kernel=lambda xp, x, *, dim: xp.cumprod(x, axis=dim) if x.ndim else x + 0,
)


def _cumprod_pull(g, y, x, dim):
    return _carried(g, conjugated(x), dim) * conjugated(_before(y, dim, 1.0))


def _cumprod_push(t, y, x, dim):
    return recurrence(x, t * _before(y, dim, 1.0), dim=dim)


logcumsumexp = general(  # exponents of ratios to the running sum only, which are at most 1
    "logcumsumexp",
    lambda g, y, x, *, dim: (
        _carried(g, conjugated(_ratio(_before(y, dim, -float("inf")), y)), dim) * conjugated(_ratio(x, y))
    ),
    push=lambda t, y, x, *, dim: recurrence(_ratio(_before(y, dim, -float("inf")), y), t[0] * _ratio(x, y), dim=dim),
    kernel=kernels.logcumsumexp,
    promotes="float",
)


def _running_extremum(name):  # (values, positions); of equal ones the last
    return general(
        name,
        lambda g, y, _x, *, dim: scatter_add(zeros(g[0], shape=tuple(_x.shape)), y[1], g[0], dim=dim),
        push=lambda t, y, _x, *, dim: (gather(t[0], y[1], dim=dim), None),
        outputs=2,
        discrete_outputs=(1,),
        keeps=(1,),
        kernel=getattr(kernels, name),
    )


cummax = _running_extremum("cummax")
cummin = _running_extremum("cummin")


def conjugated(x):  # noqa: ANN201
    """The conjugate, which of real numbers is themselves."""
    return conj(x) if x.dtype.kind == "c" else x


def _reversed(x, dim):
    return flip(x, dims=(dim,)) if x.ndim else x


def _carried(g, a, dim):  # the transposed recurrence: c[i] = a[i+1] · c[i+1] + g[i]
    if not g.ndim:
        return g
    after = _reversed(_before(_reversed(a, dim), dim), dim)
    return _reversed(recurrence(_reversed(after, dim), _reversed(g, dim), dim=dim), dim)


def _before(y, dim, first=0.0):  # the element before each one
    if not y.ndim:
        return zeros_like(y) + first
    n = y.shape[dim]
    edge = narrow(zeros_like(y), dim=dim % y.ndim, start=0, length=1 if n else 0) + first
    return cat(edge, narrow(y, dim=dim % y.ndim, start=0, length=max(n - 1, 0)), dim=dim)


def _ratio(x, y):  # exp(x - y), and zero where y is -inf
    nothing = y == -float("inf")
    return where(nothing, 0.0, exp(x - where(nothing, 0.0, y)))


def _sum(a, b):
    return b if a is None else a if b is None else a + b
