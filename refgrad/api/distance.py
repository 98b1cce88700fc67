"""Distances and angles between vectors, and the losses made of them, with the signatures of `torch.nn.functional`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from refgrad.api.forms import placed
from refgrad.api.joining import broadcast_tensors
from refgrad.api.loss import reduced, reduction_of
from refgrad.api.naming import recorded_as
from refgrad.api.norms import distances, vector_norm
from refgrad.backends import namespace
from refgrad.rules import where
from refgrad.tensor import Tensor


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosines of the angles between vectors along the dimension; norms below `eps` count as `eps`."""
    x1, x2 = broadcast_tensors(x1, x2)
    a, b = (x / _at_least(vector_norm(x, 2, dim, True), eps) for x in (x1, x2))
    return (a * b).sum(dim)


def _at_least(norm: Tensor, eps: float) -> Tensor:
    """The norm, not below eps. PyTorch hides the cut from the derivative, and is wrong there."""
    return norm.clamp(min=eps)


def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """One less the cosine for targets 1, the cosine above the margin for targets -1."""
    if target.ndim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if input1.ndim != target.ndim + 1 or input2.ndim != target.ndim + 1:
        raise RuntimeError(
            f"{target.ndim}D target tensor expects {target.ndim + 1}D input tensors, but found inputs with sizes "
            f"{list(input1.shape)} and {list(input2.shape)}."
        )
    a, b = (input1 * input1).sum(-1) + 1e-12, (input2 * input2).sum(-1) + 1e-12
    cosine = (input1 * input2).sum(-1) / (a * b).sqrt()
    loss = where(target == 1, 1 - cosine, 0.0) + where(target == -1, (cosine - margin).clamp_min(0), 0.0)
    return reduced(loss, reduction_of(reduction, size_average, reduce))


@recorded_as("NormBackward1")
def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The norms of the differences along the last dimension."""
    return vector_norm(x1 - x2 + eps, p, -1, keepdim)


@recorded_as("PdistBackward0")
def pdist(input: Tensor, p: float = 2.0) -> Tensor:
    """The distances of each row from those after it, all in one dimension; of coinciding rows the gradient is 0."""
    if input.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input.ndim}D")
    if not input.dtype.is_floating_point:
        raise RuntimeError(f"pdist only supports floating-point dtypes, got: {input.dtype}")
    first, second = (placed(at, input) for at in namespace().triu_indices(input.shape[0], 1))
    return distances("pdist", input.index_select(0, first) - input.index_select(0, second), p)


def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """The margin less the signed difference, where positive."""
    if not input1.ndim == input2.ndim == target.ndim:
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.shape}, input2: {input2.shape}, target: {target.shape} "
        )
    return reduced((-target * (input1 - input2) + margin).clamp_min(0), reduction_of(reduction, size_average, reduce))


def hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: float = 1.0, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """`input` for targets 1, the margin less `input`, where positive, for targets -1."""
    loss = where(target != 1, (margin - input).clamp_min(0), 0.0) + where(target != -1, input, 0.0)
    return reduced(loss, reduction_of(reduction, size_average, reduce))


def triplet_margin_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2, eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """`triplet_margin_with_distance_loss` of pairwise distances."""
    return triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=partial(pairwise_distance, p=p, eps=eps), margin=margin, swap=swap,
        reduction=reduction_of(reduction, size_average, reduce),
    )  # fmt: skip


def triplet_margin_with_distance_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0, swap: bool = False, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """How much the distance to the positive exceeds that to the negative less the margin, where positive."""
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {anchor.ndim}D, positive {positive.ndim}D, and negative {negative.ndim}D inputs"
        )
    distance: Any = distance_function or pairwise_distance
    near, far = distance(anchor, positive), distance(anchor, negative)
    far = far.minimum(distance(positive, negative)) if swap else far
    return reduced((margin + near - far).clamp_min(0), reduction)
