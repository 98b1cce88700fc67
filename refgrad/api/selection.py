"""What selects triangles of matrices and rows by their number, and repeats elements."""

from __future__ import annotations

from typing import Any

from refgrad.api.forms import one_dim, placed
from refgrad.backends import namespace, to_host
from refgrad.ops import diagonal as ops
from refgrad.ops.embedding import embedding as _embedding
from refgrad.ops.indexing import index_select
from refgrad.tensor import Tensor


def embedding(
    input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Tensor:  # fmt: skip
    """The rows of `weight` at the positions; the row `padding_idx` takes no gradient."""
    if max_norm is not None or sparse:
        raise NotImplementedError("embedding: max_norm and sparse gradients are not part of refgrad")
    padding_idx = padding_idx if padding_idx is None or padding_idx >= 0 else padding_idx + weight.shape[0]
    return _embedding(weight, input, padding_idx=padding_idx, scale_grad_by_freq=scale_grad_by_freq)


def repeat_interleave(input: Tensor, repeats: Any, dim: int | None = None, *, output_size: int | None = None) -> Tensor:
    """Each element (or slice along the dimension) repeated, as often as one number says, or one for each."""
    x, dim = (input.reshape(-1), 0) if dim is None else (input, one_dim(dim, input.ndim))
    counts = to_host(repeats._data) if isinstance(repeats, Tensor) else repeats
    xp = namespace()
    return index_select(x, placed(xp.repeat(xp.arange(x.shape[dim]), counts), x), dim=dim)


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The part of matrices on and below a diagonal."""
    return ops.tril(input, diagonal=diagonal)


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The part of matrices on and above a diagonal."""
    return ops.triu(input, diagonal=diagonal)
