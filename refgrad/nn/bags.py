"""Embeddings looked up and reduced bag by bag, with the signature of `torch.nn.functional.embedding_bag`."""

from __future__ import annotations

import itertools
from typing import Any

from refgrad.api.forms import placed
from refgrad.api.naming import recorded_as
from refgrad.backends import namespace, to_host
from refgrad.creation import arange
from refgrad.nn.dropout_and_embedding import renormalise
from refgrad.ops.embedding import embedding as look_up
from refgrad.ops.indexing import index
from refgrad.rules import where
from refgrad.tensor import Tensor

MODES = ("sum", "mean", "max")


@recorded_as("EmbeddingBagBackward0")
def embedding_bag(
    input: Tensor, weight: Tensor, offsets: Tensor | None = None, max_norm: float | None = None, norm_type: float = 2,
    scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False,
    per_sample_weights: Tensor | None = None, include_last_offset: bool = False, padding_idx: int | None = None,
) -> Tensor:  # fmt: skip
    """The sum, mean or maximum of the rows of `weight` that each bag of indices names: (bags, columns).

    Bags are the rows of `input`, or parts of it that begin at `offsets`. Empty ones, and those of `padding_idx` alone, are
    zero; what is `padding_idx` counts for nothing. Of equal maxima the first takes the gradient.

    >>> from refgrad import tensor
    >>> table = tensor([[1.0], [2.0], [4.0]])
    >>> embedding_bag(tensor([0, 2, 2]), table, tensor([0, 2, 3]), mode="sum").flatten()
    tensor([5., 4., 0.])
    """
    input, offsets, per_sample_weights = _flat(input, offsets, per_sample_weights)
    _check(weight, mode, sparse, per_sample_weights, scale_grad_by_freq)
    n = weight.shape[0]
    if padding_idx is not None:
        if not -n <= padding_idx < n:
            raise RuntimeError(
                f"padding_idx must be within the number of embeddings, {-n} through {n - 1}, but got {padding_idx}"
            )
        padding_idx %= n
    if max_norm is not None:
        renormalise(weight, input, max_norm, norm_type)
    table = _bags(input, offsets, include_last_offset, n, padding_idx)
    filled = placed(table >= 0, weight).unsqueeze(2)
    rows = look_up(weight, input, padding_idx=None, scale_grad_by_freq=scale_grad_by_freq)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.unsqueeze(1)
    rows = index(rows, placed(_places(table), input))  # (bags, longest, columns)
    if mode == "max":
        return where(filled.any(1), rows.max(1).values if table.shape[1] else rows.sum(1), 0.0)
    total = where(filled, rows, 0.0).sum(1)
    return total / filled.sum(1).clamp(min=1) if mode == "mean" else total


def _flat(input: Tensor, offsets: Tensor | None, weights: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    """Indices, the beginnings of bags, and weights, in one row each."""
    if weights is not None and input.shape != weights.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({weights.shape}) is not None, then it must have the same shape as the "
            f"input ({input.shape})"
        )
    if input.ndim == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length "
                f"sequences. However, found offsets of type {type(offsets)}"
            )
        bags, length = input.shape
        starts = arange(bags, device=input.device) * length
        return input.reshape(-1), starts, None if weights is None else weights.reshape(-1)
    if input.ndim != 1:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}")
    if offsets is None or offsets.ndim != 1:
        raise ValueError("offsets has to be a 1D Tensor" + " but got None" * (offsets is None))
    return input, offsets, weights


def _check(weight: Tensor, mode: str, sparse: bool, weights: Tensor | None, scale_grad_by_freq: bool) -> None:
    if weight.ndim != 2:
        raise ValueError(f"weight has to be a 2D Tensor, but got Tensor of dimension {weight.ndim}")
    if mode not in MODES:
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if mode == "max" and sparse:
        raise ValueError("max mode does not support sparse weights")
    if sparse:
        raise NotImplementedError("embedding_bag(sparse=True): refgrad has no sparse tensors; leave sparse=False")
    if weights is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' "
            f"(got mode='{mode}'). Please open a feature request on GitHub."
        )


def _bags(input: Tensor, offsets: Tensor, ended: bool, rows: int, padding_idx: int | None) -> Any:
    """(bags, longest): the positions in `input` of what each bag holds, without padding; -1 where it holds no more."""
    xp, at, starts = namespace(), to_host(input._data), to_host(offsets._data)
    outside = at[(at < 0) | (at >= rows)]
    if outside.size:
        raise RuntimeError(f"embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be {outside[0]}")
    if starts.size and starts[0] != 0:
        raise RuntimeError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, "
            f"got {starts[0]}"
        )
    if starts.size and starts.max() > at.size:
        raise RuntimeError(
            f"offsets[-1] can not be greater than input's length {at.size} but got offsets[-1] of {starts.max()}"
        )
    bounds = starts if ended else xp.append(starts, at.size)
    bags = [[p for p in range(low, high) if at[p] != padding_idx] for low, high in itertools.pairwise(bounds.tolist())]
    longest = max(map(len, bags), default=0)
    filled = [bag + [-1] * (longest - len(bag)) for bag in bags]
    return xp.asarray(filled, "int64").reshape(len(bags), longest)


def _places(table: Any) -> Any:
    """The same, with the first place of a bag again where it holds no more: its maximum stays where it is."""
    xp = namespace()
    return xp.maximum(xp.where(table < 0, table[:, :1], table), 0)
