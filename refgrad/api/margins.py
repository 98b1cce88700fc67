"""Losses of margins between classes, with the signatures of `torch.nn.functional`."""

from __future__ import annotations

from refgrad.api.activation import logsigmoid
from refgrad.api.loss import reduced, reduction_of
from refgrad.api.naming import recorded_as
from refgrad.creation import arange
from refgrad.ops.comparison import eq
from refgrad.ops.indexing import gather, index
from refgrad.rules import where
from refgrad.tensor import Tensor


def _above_zero(x: Tensor) -> Tensor:
    """`x` where it is positive, else 0; at 0 PyTorch's losses of classes take no gradient, unlike a clamp."""
    return where(x > 0, x, 0.0)


def _rows(t: Tensor) -> Tensor:
    """(N, C), of a number or a row without a batch too."""
    return t.reshape(-1, t.shape[-1] if t.ndim else 1) if t.ndim < 2 else t


@recorded_as("MultiMarginLossBackward0")
def multi_margin_loss(
    input: Tensor, target: Tensor, p: int = 1, margin: float = 1.0, weight: Tensor | None = None,
    size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """How far the other classes come within the margin of the target's, to the power `p`, over the number of classes.

    *shapes*: input (N, C) and classes (N,), or (C,) and a class.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    x, at = _rows(input), target.reshape(-1)
    batch, classes = x.shape
    _check_classes(input, target, weight, batch, classes)
    chosen = gather(x, at.unsqueeze(1), dim=1)
    excess = _above_zero(where(_is_class(at.unsqueeze(1), classes), 0.0, margin - chosen + x))
    loss = excess if p == 1 else excess * excess
    loss = (loss if weight is None else loss * index(weight, at).unsqueeze(1)).sum(1) / classes
    return reduced(loss if target.ndim else loss.squeeze(0), reduction)


def _check_classes(input: Tensor, target: Tensor, weight: Tensor | None, batch: int, classes: int) -> None:
    if weight is not None and weight.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    if weight is not None and weight.shape[0] != classes:
        raise RuntimeError(f"inconsistent weight size, expected {classes} but got {list(weight.shape)}")
    if target.ndim > 1 or target.numel() != batch:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). "
            f"Expected target size [{batch}], but got {list(target.shape)}. Input has shape {list(input.shape)}."
        )
    if ((target < 0) | (target >= classes)).any():
        raise RuntimeError(f"target out of range: classes are 0 to {classes - 1}, got {target.tolist()}")


def _is_class(at: Tensor, classes: int) -> Tensor:
    """(…, 1) -> (…, classes): which class it is."""
    return eq(at, arange(classes, device=at.device))


@recorded_as("MultilabelMarginLossBackward0")
def multilabel_margin_loss(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> Tensor:
    """How far the other classes come within 1 of each target class, over the number of classes.

    *shapes*: (N, C) or (C,) each; of a row of `target` count the classes before the first -1.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if target.shape != input.shape:
        raise RuntimeError(f"inconsistent target size: {list(target.shape)} for input of size: {list(input.shape)}")
    x, at = _rows(input), _rows(target)
    classes = x.shape[1]
    if ((at < -1) | (at >= classes)).any():
        raise RuntimeError(f"argument #2 'target' is out of range: classes are 0 to {classes - 1}, and -1 ends them")
    counts = (at < 0).cumsum(1) == 0  # (N, C): the entries before the first -1
    found = where(counts, at, 0)
    is_target = (_is_class(found.unsqueeze(2), classes) & counts.unsqueeze(2)).any(1)  # (N, C) by class
    margins = 1 - gather(x, found, dim=1).unsqueeze(2) + x.unsqueeze(1)  # (N, entry, class)
    loss = _above_zero(where(counts.unsqueeze(2) & ~is_target.unsqueeze(1), margins, 0.0)).sum((1, 2)) / classes
    return reduced(loss if input.ndim == 2 else loss.squeeze(0), reduction)


def multilabel_soft_margin_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """The mean over the last dimension, the classes, of the cross entropy of each one's sigmoid."""
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    loss = loss if weight is None else loss * weight
    return reduced(loss.sum(-1) / input.shape[-1], reduction_of(reduction, size_average, reduce))
