"""Orders and order statistics: the values and the positions where they were. Derivatives go through the positions."""

from __future__ import annotations

from refgrad.backends import sorting as kernels
from refgrad.ops.comparison import isnan
from refgrad.ops.indexing import gather, scatter_add
from refgrad.ops.reduction import sum
from refgrad.ops.shape import unsqueeze
from refgrad.rules import cast, discrete, general, reshape, zeros


def _selecting(name, node=None):  # (values, positions), of the shape of `x` but along `dim`
    return general(
        name,
        lambda g, y, _x, *, dim: scatter_add(zeros(g[0], shape=tuple(_x.shape)), y[1], g[0], dim=dim),
        push=lambda t, y, _x, *, dim: (gather(t[0], y[1], dim=dim), None),
        kernel=getattr(kernels, name),
        outputs=2,
        discrete_outputs=(1,),
        keeps=(1,),
        node=node,
    )


def _reducing(name, node=None):  # the same, with the dimension taken out unless `keepdim`
    return general(
        name,
        lambda g, y, _x, *, dim, keepdim: scatter_add(
            zeros(g[0], shape=tuple(_x.shape)), *(_put_back(z, _x, dim, keepdim) for z in (y[1], g[0])), dim=dim
        ),
        push=lambda t, y, x, *, dim, keepdim: (_read(t[0], y[1], dim, keepdim), None),
        kernel=getattr(kernels, name),
        outputs=2,
        discrete_outputs=(1,),
        keeps=(1,),
        node=node,
    )


def _put_back(z, _x, dim, keepdim):
    return z if keepdim or not _x.ndim else unsqueeze(z, dim=dim)


def _read(t, at, dim, keepdim):
    return reshape(gather(t, _put_back(at, t, dim, keepdim), dim=dim), shape=tuple(at.shape))


argsort = discrete(
    "argsort",
    kernel=lambda xp, x, *, dim, descending: kernels.positions(xp, x, dim, descending=descending),
    promotes="none",
)
sort = _selecting("sort")
topk = _selecting("topk")
kthvalue = _reducing("kthvalue")
mode = _reducing("mode")
median = _reducing("median", node="MedianBackward1")
nanmedian = _reducing("nanmedian", node="NanmedianBackward1")


def _over_all(name, position):  # of all elements, those equal to the result share the cotangent
    return general(
        f"{name}_of_all",
        lambda g, y, x: g * _share(y, x),
        push=lambda t, y, x: sum(t[0] * _share(y, x), dim=None, keepdim=False),
        kernel=lambda xp, x: getattr(kernels, name)(xp, xp.reshape(x, (-1,)), dim=0, keepdim=False)[0],
        node=f"{position}Backward0",
    )


median_of_all = _over_all("median", "Median")
nanmedian_of_all = _over_all("nanmedian", "Nanmedian")


def _share(y, x):
    hit = cast((x == y) | (isnan(x) & isnan(y)), dtype=x.dtype)
    return hit / sum(hit, dim=None, keepdim=False)


unique = discrete("unique", kernel=lambda xp, x: xp.unique(x), promotes="none")  # sorted, of any shape flattened
