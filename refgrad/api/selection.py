"""What selects rows by their number, and repeats elements."""

from __future__ import annotations

from typing import Any

from refgrad.api.forms import one_dim
from refgrad.backends import namespace
from refgrad.ops.indexing import index_select
from refgrad.rules import where
from refgrad.tensor import Tensor, wrap


def embedding(  # noqa: PLR0913 - PyTorch's signature
    input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0,
    scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Tensor:  # fmt: skip
    """The rows of `weight` at the positions; the row `padding_idx` takes no gradient."""
    if max_norm is not None or sparse:
        raise NotImplementedError("embedding: max_norm and sparse gradients are not part of refgrad")
    flat = input.reshape(-1)
    y = index_select(weight, flat, dim=0)
    if scale_grad_by_freq:
        counts = namespace().bincount(flat._data, minlength=weight.shape[0])[flat._data]
        y = y.detach() + (y - y.detach()) / wrap(counts.astype(weight._data.dtype)).unsqueeze(1)
    if padding_idx is not None:
        hidden = flat == (padding_idx if padding_idx >= 0 else padding_idx + weight.shape[0])
        y = where(hidden.unsqueeze(1), y.detach(), y)
    return y.reshape(*input.shape, *weight.shape[1:])


def repeat_interleave(input: Tensor, repeats: Any, dim: int | None = None, *, output_size: int | None = None) -> Tensor:
    """Each element (or slice along the dimension) repeated, as often as one number says, or one for each."""
    x, dim = (input.reshape(-1), 0) if dim is None else (input, one_dim(dim, input.ndim))
    counts = repeats._data if isinstance(repeats, Tensor) else repeats
    xp = namespace()
    return index_select(x, wrap(xp.repeat(xp.arange(x.shape[dim]), counts)), dim=dim)
