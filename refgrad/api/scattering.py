"""Reductions of the elements that an index sends to the same place."""

from __future__ import annotations

import math
from typing import Any

from refgrad.api.cumulative import prod
from refgrad.api.forms import one_dim, placed
from refgrad.api.reduction import amax, amin, sum
from refgrad.backends import namespace, to_host
from refgrad.ops.indexing import flat_index
from refgrad.ops.shape import cat
from refgrad.rules import expand, where
from refgrad.tensor import Tensor

_REDUCTIONS = {
    "sum": (sum, 0.0), "mean": (sum, 0.0), "prod": (prod, 1.0), "amax": (amax, -math.inf), "amin": (amin, math.inf)
}  # fmt: skip
"""Each with what changes nothing; a mean is divided afterwards."""


def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """A copy in which each place holds the reduction of what the index sends there, with its own element or without."""
    if reduce not in _REDUCTIONS:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    sources = _sources(input, one_dim(dim, input.ndim), index, src)
    if not sources.size:
        return input.clone()
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
