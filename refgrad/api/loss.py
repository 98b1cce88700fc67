"""Losses of values and of classes, with the signatures of `torch.nn.functional`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from refgrad import dtypes
from refgrad.api.activation import log_softmax, logsigmoid
from refgrad.api.naming import recorded_as
from refgrad.ops.arithmetic import abs
from refgrad.ops.comparison import eq
from refgrad.ops.elementary import exp, log
from refgrad.ops.indexing import gather, index
from refgrad.ops.loss import binary_cross_entropy as _cross_entropy
from refgrad.ops.special import xlogy
from refgrad.rules import where
from refgrad.tensor import Tensor


def reduction_of(reduction: str, size_average: bool | None, reduce: bool | None) -> str:
    """The reduction, which two deprecated arguments may decide."""
    if size_average is None and reduce is None:
        return reduction
    size_average, reduce = size_average is not False, reduce is not False
    chosen = ("mean" if size_average else "sum") if reduce else "none"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{chosen}' instead.",
        UserWarning,
        stacklevel=3,
    )
    return chosen


def reduced(loss: Tensor, reduction: str) -> Tensor:
    """The loss itself, its mean or its sum."""
    if reduction == "none":
        return loss
    if reduction == "mean":
        return loss.mean()
    if reduction == "sum":
        return loss.sum()
    raise ValueError(f"{reduction} is not a valid value for reduction")


def _weighted(loss: Tensor, weight: Tensor | None, reduction: str) -> Tensor:
    if weight is None:
        return reduced(loss, reduction)
    loss = loss * weight
    return loss.sum() / weight.expand_as(loss).sum() if reduction == "mean" else reduced(loss, reduction)


def _warn_of_sizes(input: Tensor, target: Tensor) -> None:
    if input.shape != target.shape:
        warnings.warn(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This will "
            "likely lead to "
            "incorrect results due to broadcasting. Please ensure they have the same size.",
            UserWarning,
            stacklevel=3,
        )


def _unless_weighted(title: str) -> Callable[..., str | None]:
    """With weights, PyTorch's loss is a composition."""
    return lambda y, *_, weight=None, **__: None if weight is not None else title


@recorded_as(_unless_weighted("MseLossBackward0"))
def mse_loss(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """The squared differences."""
    _warn_of_sizes(input, target)
    d = input - target
    return _weighted(d * d, weight, reduction_of(reduction, size_average, reduce))


def l1_loss(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """The absolute differences; equal elements have derivative 0."""
    _warn_of_sizes(input, target)
    return _weighted(abs(input - target), weight, reduction_of(reduction, size_average, reduce))


@recorded_as("SmoothL1LossBackward0")
def smooth_l1_loss(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:  # fmt: skip
    """Half the squared differences over `beta` where they are below `beta`, absolute differences elsewhere."""
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    if beta == 0:
        return l1_loss(input, target, size_average, reduce, reduction)
    _warn_of_sizes(input, target)
    d = input - target
    near = abs(d) < beta
    inner = where(near, d, 0.0)  # so that an infinite difference does not reach the square
    loss = where(near, inner * inner * (0.5 / beta), abs(d) - 0.5 * beta)
    return reduced(loss, reduction_of(reduction, size_average, reduce))


@recorded_as(_unless_weighted("HuberLossBackward0"))
def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None
) -> Tensor:
    """Half the squared differences where they are at most `delta`, `delta` times the absolute ones less ``delta /
    2`` elsewhere.
    """
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    _warn_of_sizes(input, target)
    d = input - target
    near = abs(d) <= delta
    inner = where(near, d, 0.0)
    loss = where(near, 0.5 * inner * inner, delta * (abs(d) - 0.5 * delta))
    return reduced(
        loss if weight is None else loss * weight, reduction
    )  # the mean is not a weighted one, unlike mse_loss


@recorded_as("SoftMarginLossBackward0")
def soft_margin_loss(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> Tensor:
    """``log(1 + exp(-target * input))``."""
    return reduced(-logsigmoid(target * input), reduction_of(reduction, size_average, reduce))


# classes


def _nll_title(y: Tensor, input: Tensor, *_: Any, **__: Any) -> str:
    return "NllLoss2DBackward0" if input.ndim > 2 else "NllLossBackward0"


@recorded_as(_nll_title)
def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """The negated log-probabilities of the target classes: (N, C, …) and (N, …), or (C,) and a class."""
    reduction = reduction_of(reduction, size_average, reduce)
    dim = 1 if input.ndim > 1 else 0
    _check_classes(input, target, ignore_index, dim)
    ignored = eq(target, ignore_index)
    found = where(ignored, 0, target)
    picked = gather(input, found.unsqueeze(dim), dim=dim).squeeze(dim)
    weights = where(ignored, 0.0, index(weight, found) if weight is not None else picked.new_ones(()))
    loss = where(ignored, 0.0, -picked * weights)
    return loss.sum() / weights.expand_as(loss).sum() if reduction == "mean" else reduced(loss, reduction)


def _check_classes(input: Tensor, target: Tensor, ignore_index: int, dim: int) -> None:
    classes = input.shape[dim]
    expected = tuple(n for i, n in enumerate(input.shape) if i != dim)
    if tuple(target.shape) != expected:
        raise ValueError(f"Expected target size {list(expected)}, got {list(target.shape)}")
    outside = ((target < 0) | (target >= classes)) & (target != ignore_index)
    if outside.any():
        raise IndexError(f"Target {int(target[outside].reshape(-1)[0].item())} is out of bounds.")


def _cross_entropy_title(
    y: Tensor, input: Tensor, target: Tensor, *_: Any, label_smoothing: float = 0.0, **__: Any
) -> str | None:
    return None if target.dtype.is_floating_point or label_smoothing else _nll_title(y, input)


@recorded_as(_cross_entropy_title)
def cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None, reduction: str = "mean", label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """The negated log-softmax at the target: classes, or a probability for each class."""
    reduction = reduction_of(reduction, size_average, reduce)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    dim = 1 if input.ndim > 1 else 0
    logs = log_softmax(input, dim)
    classes = input.shape[dim]
    each = None if weight is None else weight.reshape(-1, *(1,) * (input.ndim - dim - 1))
    if target.dtype.category >= dtypes.FLOATING:
        probabilities = target * (1 - label_smoothing) + label_smoothing / classes if label_smoothing else target
        loss = -(logs * probabilities if each is None else logs * probabilities * each).sum(dim)
        return loss.sum() / (loss.numel() or float("nan")) if reduction == "mean" else reduced(loss, reduction)
    loss = nll_loss(logs, target, weight, None, ignore_index, None, reduction)
    if not label_smoothing:
        return loss
    ignored = eq(target, ignore_index)
    smooth = where(ignored, 0.0, -(logs if each is None else logs * each).sum(dim))
    if reduction == "mean":
        counts = where(
            ignored, 0.0, smooth.new_ones(()) if weight is None else index(weight, where(ignored, 0, target))
        )
        smooth = smooth.sum() / counts.expand_as(smooth).sum()
    else:
        smooth = reduced(smooth, reduction)
    return (1 - label_smoothing) * loss + label_smoothing / classes * smooth


def kl_div(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:  # fmt: skip
    """The Kullback-Leibler divergence of the target from `input`, which is given by logarithms."""
    chosen = reduction_of(reduction, size_average, reduce)
    loss = exp(target) * (target - input) if log_target else xlogy(target, target) - target * input
    if chosen == "batchmean":
        return loss.sum() / input.shape[0] if input.ndim else loss
    return reduced(loss, chosen)


@recorded_as("BinaryCrossEntropyBackward0")
def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """The cross entropy of probabilities; logarithms are cut off at -100."""
    if input.shape != target.shape:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is "
            "deprecated. Please "
            "ensure they have the same size."
        )
    if not ((input >= 0) & (input <= 1)).all():
        raise RuntimeError("all elements of input should be between 0 and 1")
    loss = _cross_entropy(input, target)
    return reduced(loss if weight is None else loss * weight, reduction_of(reduction, size_average, reduce))


@recorded_as("BinaryCrossEntropyWithLogitsBackward0")
def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean", pos_weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """The cross entropy of the sigmoid of `input`."""
    if input.shape != target.shape:
        raise ValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    logs = logsigmoid(input)
    loss = (1 - target) * input - (logs if pos_weight is None else ((pos_weight - 1) * target + 1) * logs)
    return reduced(loss if weight is None else loss * weight, reduction_of(reduction, size_average, reduce))


def poisson_nll_loss(
    input: Tensor, target: Tensor, log_input: bool = True, full: bool = False, size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """The negated logarithm of the Poisson likelihood, up to a constant unless `full`."""
    loss = exp(input) - target * input if log_input else input - target * log(input + eps)
    if full:
        stirling = target * log(target) - target + 0.5 * log(2 * 3.141592653589793 * target)
        loss = loss + where(target > 1, stirling, 0.0)
    return reduced(loss, reduction_of(reduction, size_average, reduce))


def gaussian_nll_loss(
    input: Tensor, target: Tensor, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Tensor:
    """The negated logarithm of the Gaussian likelihood, up to a constant unless `full`.

    *shapes*: `var` may lack the last dimension of `input`, or have one of size 1. *errors*: ValueError for others, and for
    negative variances. Those below `eps` count as `eps`, and their gradient does not know.
    """
    var = var if isinstance(var, Tensor) else input.new_full(input.shape, var)
    if (var < 0).any():
        raise ValueError("var has negative entry/entries")
    if var.shape != input.shape:
        var = _one_for_several(var, input)
    kept = var + (var.detach().clamp(min=eps) - var.detach())  # cut off at eps, out of sight of the derivative
    loss = 0.5 * (log(kept) + (input - target) ** 2 / kept)
    return reduced(loss + 0.918938533204672741780329736406 if full else loss, reduction)


def _one_for_several(var: Tensor, input: Tensor) -> Tensor:
    """The variances of several elements, broadcastable to them."""
    if input.shape[:-1] == var.shape:
        return var.unsqueeze(-1)
    shared = [m for n, m in zip(input.shape, var.shape, strict=False) if n != m]
    if var.ndim != input.ndim or shared != [1]:
        raise ValueError(f"var is of incorrect size: {list(var.shape)} for input of size {list(input.shape)}")
    return var
