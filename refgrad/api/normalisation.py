"""Layers that centre and scale, with the signatures of `torch.nn.functional`."""

from __future__ import annotations

import math
from typing import Any

from refgrad import dtypes
from refgrad.api.naming import recorded_as
from refgrad.api.padding import pad
from refgrad.api.pooling import avg_pool1d
from refgrad.inplace import write
from refgrad.tensor import Tensor


def _standardised(x: Tensor, dim: tuple[int, ...], eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """`x` less its mean, over its biased standard deviation; and these two moments."""
    mean = x.mean(dim, keepdim=True)
    centred = x - mean
    variance = (centred * centred).mean(dim, keepdim=True)
    return centred * (variance + eps).rsqrt(), mean, variance


def _affine(y: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def _per_channel(x: Tensor | None, ndim: int) -> Tensor | None:
    return x if x is None or ndim < 2 else x.reshape(1, -1, *(1,) * (ndim - 2))


def _last(x: Tensor, normalized_shape: Any) -> tuple[int, ...]:
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not shape or tuple(x.shape[x.ndim - len(shape) :]) != shape:
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [*, {', '.join(map(str, shape))}], but "
            "got input "
            f"of size{list(x.shape)}"
        )
    return tuple(range(x.ndim - len(shape), x.ndim))


@recorded_as("NativeLayerNormBackward0")
def layer_norm(
    input: Tensor, normalized_shape: Any, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """`input` standardised over its last dimensions, scaled and shifted element by element."""
    return _affine(_standardised(input, _last(input, normalized_shape), eps)[0], weight, bias)


def rms_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None) -> Tensor:
    """`input` over the root of its mean square over its last dimensions; `eps` is that of the dtype if not given."""
    dim = _last(input, normalized_shape)
    eps = (
        2.0**-52
        if eps is None and input.dtype in (dtypes.float64, dtypes.complex128)
        else 2.0**-23
        if eps is None
        else eps
    )
    return _affine(input * ((input * input).mean(dim, keepdim=True) + eps).rsqrt(), weight, None)


@recorded_as("NativeBatchNormBackward0")
def batch_norm(
    input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None = None,
    bias: Tensor | None = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """Each channel standardised over the batch (which updates the running moments), or by the running moments."""
    ndim = input.ndim
    if training or running_mean is None or running_var is None:
        dim = tuple(d for d in range(ndim) if d != 1)
        count = math.prod(input.shape[d] for d in dim)
        if training and count == 1:
            raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}")
        y, mean, variance = _standardised(input, dim, eps)
        _update(running_mean, mean, momentum)
        _update(running_var, variance * (count / max(count - 1, 1)), momentum)
    else:
        y = (input - _per_channel(running_mean, ndim)) * (_per_channel(running_var, ndim) + eps).rsqrt()
    return _affine(y, _per_channel(weight, ndim), _per_channel(bias, ndim))


def _update(running: Tensor | None, now: Tensor, momentum: float) -> None:
    if running is not None:
        write(running, running._data * (1 - momentum) + now._data.reshape(-1) * momentum)


def instance_norm(
    input: Tensor, running_mean: Tensor | None = None, running_var: Tensor | None = None, weight: Tensor | None = None,
    bias: Tensor | None = None, use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """Each channel of each instance standardised over its own elements."""
    ndim = input.ndim
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    dim = tuple(range(2, ndim))
    count = math.prod(input.shape[2:])
    if count == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.shape}")
    y, mean, variance = _standardised(input, dim, eps)
    _update(running_mean, mean.mean(0), momentum)
    _update(running_var, variance.mean(0) * (count / max(count - 1, 1)), momentum)
    return _affine(y, _per_channel(weight, ndim), _per_channel(bias, ndim))


@recorded_as("NativeGroupNormBackward0")
def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """Groups of channels of each instance standardised."""
    batch, channels = input.shape[:2]
    if channels % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(input.shape)} "
            f"and num_groups={num_groups}"
        )
    groups = input.reshape(batch, num_groups, channels // num_groups * math.prod(input.shape[2:]))
    y = _standardised(groups, (2,), eps)[0].reshape(input.shape)
    return _affine(y, _per_channel(weight, input.ndim), _per_channel(bias, input.ndim))


def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """`input`, (N, C, *sizes), over ``(k + alpha * m) ** beta``, m the mean square of `size` channels around each.

    Channels beyond the ends count as zeros.
    """
    if input.ndim < 3:
        raise ValueError(f"Expected 3D or higher dimensionality input (got {input.ndim} dimensions)")
    if not input.numel():
        return input
    channels = (input * input).moveaxis(1, -1)
    means = avg_pool1d(pad(channels.flatten(1, -2), (size // 2, (size - 1) // 2)), size, 1)
    means = means.reshape(channels.shape).moveaxis(-1, 1)
    return input / (means * alpha + k) ** beta
