"""Reductions of the elements that an index sends to the same place."""

from __future__ import annotations

import math
from typing import Any

from refgrad.api.cumulative import prod
from refgrad.api.forms import one_dim, placed
from refgrad.api.naming import recorded_as
from refgrad.api.reduction import amax, amin, sum
from refgrad.backends import namespace, to_host
from refgrad.ops.indexing import flat_index, scatter_add
from refgrad.ops.shape import cat
from refgrad.rules import expand, where
from refgrad.tensor import Tensor

_REDUCTIONS = {
    "sum": (sum, 0.0), "mean": (sum, 0.0), "prod": (prod, 1.0), "amax": (amax, -math.inf), "amin": (amin, math.inf)
}  # fmt: skip
"""Each with what changes nothing; a mean is divided afterwards."""


@recorded_as("ScatterReduceBackward0")
def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """A copy in which each place holds the reduction of what the index sends there, with its own element or without."""
    if reduce not in _REDUCTIONS:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    dim = one_dim(dim, input.ndim)
    _check(input, dim, index, src)
    sources = _sources(input, dim, index, src)
    if not sources.size:
        return scatter_add(input, index, src, dim=dim)
    found = flat_index(_covering(src, index), positions=sources)
    is_source = placed(sources >= 0, input)
    own = input.unsqueeze(-1)
    function, neutral = _REDUCTIONS[reduce]
    if not include_self:
        own = where(is_source[..., :1], neutral, own)
    group = cat(own, where(is_source, found, neutral), dim=input.ndim)
    y = function(group, -1)
    if reduce != "mean":
        return y
    counts = (sources >= 0).sum(-1)
    counts = counts + 1 if include_self else namespace().maximum(counts, 1)
    return y / placed(counts.astype(input._data.dtype), input)


@recorded_as("IndexReduceBackward0")
def index_reduce(
    input: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """A copy in which each slice along the dimension holds the reduction of the source's slices that the index sends there,
    with its own elements or without.

    >>> from refgrad import tensor
    >>> index_reduce(tensor([1.0, 2.0]), 0, tensor([1, 1]), tensor([3.0, 5.0]), "prod").tolist()
    [1.0, 30.0]
    """
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    dim = one_dim(dim, input.ndim)
    if index.ndim > 1:
        raise IndexError(
            f"index_reduce_(): Index is supposed to be a vector, but got dim: {index.ndim} with size: {list(index.shape)}"
        )
    if source.dtype != input.dtype:
        raise RuntimeError(
            f"index_reduce_(): self ({input.dtype}) and source ({source.dtype}) must have the same scalar type"
        )
    slices = source.shape[dim] if source.ndim else 1
    if index.numel() != slices:
        raise RuntimeError(
            f"index_reduce_(): Number of indices ({index.numel()}) should be equal to source.size(dim): ({slices}), for "
            f"dim: {dim}"
        )
    if source.ndim and (*source.shape[:dim], *source.shape[dim + 1 :]) != (*input.shape[:dim], *input.shape[dim + 1 :]):
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = "
            f"{list(input.shape)} source.shape = {list(source.shape)}"
        )
    along = index.reshape(tuple(-1 if d == dim else 1 for d in range(source.ndim)) or ())
    return scatter_reduce(
        input, dim, expand(along, shape=tuple(source.shape)), source, reduce, include_self=include_self
    )


def _check(input: Tensor, dim: int, index: Tensor, src: Tensor) -> None:
    """Raises unless the index says, for elements that there are, where in the input they go."""
    if input.dtype != src.dtype:
        raise RuntimeError(
            f"scatter(): Expected self.dtype to be equal to src.dtype, not {input.dtype} and {src.dtype}"
        )
    if index.dtype.name not in ("int32", "int64"):
        raise RuntimeError(f"scatter(): Expected dtype int32/int64 for index, not {index.dtype}")
    if not index.numel():
        return
    shapes = [x.shape or (1,) for x in (index, input, src)]
    if len({len(s) for s in shapes}) > 1:
        raise RuntimeError(
            "Index tensor must have the same number of dimensions as self tensor and src tensor; they have "
            f"{index.ndim}, {input.ndim} and {src.ndim}"
        )
    if any((d != dim and i > n) or i > m for d, (i, n, m) in enumerate(zip(*shapes, strict=True))):
        raise RuntimeError(
            f"Expected index {list(index.shape)} to be no larger than self {list(input.shape)} apart from dimension {dim} "
            f"and to be no larger size than src {list(src.shape)}"
        )
    size = shapes[1][dim]
    at = to_host(index._data)
    for i in at[(at < 0) | (at >= size)].reshape(-1)[:1].tolist():
        raise RuntimeError(f"index {i} is out of bounds for dimension {dim} with size {size}")


def _covering(src: Tensor, index: Tensor) -> Tensor:
    """The source, whose backward pass is documented only where the index covers all of it."""
    if src.requires_grad and tuple(src.shape) != tuple(index.shape):
        shapes = f"{list(src.shape)} and {list(index.shape)}"
        message = f"scatter_reduce: the backward pass needs src.shape == index.shape, not {shapes}"
        src = src.clone()
        src.register_hook(lambda _: _refuse(message))
    return src if src.ndim else expand(src, shape=(1,))


def _refuse(message: str) -> None:
    raise RuntimeError(message)


def _sources(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Any:
    """(*input.shape, most): the flat positions in the source of what is sent to each element, -1 where there are fewer."""
    xp = namespace()
    at = to_host(index._data) if input.ndim else xp.atleast_1d(to_host(index._data))
    shape = tuple(input.shape) or (1,)
    grid = list(xp.indices(at.shape))
    flat_source = xp.ravel_multi_index(tuple(grid), tuple(src.shape) or (1,)).ravel()
    grid[dim] = at
    target = xp.ravel_multi_index(tuple(grid), shape).ravel()
    order = xp.argsort(target, kind="stable")
    counts = xp.bincount(target, minlength=math.prod(shape))
    found = xp.full((counts.size, int(counts.max(initial=0))), -1, "int64")
    place = xp.arange(target.size) - xp.repeat(xp.cumsum(counts) - counts, counts)
    found[target[order], place] = flat_source[order]
    return found.reshape((*input.shape, found.shape[1]))
