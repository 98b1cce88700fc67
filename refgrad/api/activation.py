"""Activations, softmax and gates, with the signatures of `torch.nn.functional`."""

from __future__ import annotations

import math
from typing import Any

from refgrad import dtypes
from refgrad.api.forms import dims, one_dim
from refgrad.api.naming import recorded_as
from refgrad.api.shape import to_dtype
from refgrad.inplace import in_place
from refgrad.ops import activation as ops
from refgrad.ops import normalisation
from refgrad.ops.shape import split
from refgrad.tensor import Tensor

SELU_ALPHA, SELU_SCALE = ops.SELU_ALPHA, ops.SELU_SCALE


def _applied(op: Any, x: Tensor, inplace: bool, **attrs: Any) -> Tensor:
    return in_place(x, lambda y: op(y, **attrs)) if inplace else op(x, **attrs)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """The positive part; its derivative at 0 is 0."""
    return _applied(ops.relu, input, inplace)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """`input` kept between 0 and 6."""
    return _applied(ops.hardtanh, input, inplace, min_val=0.0, max_val=6.0)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """`input` above the threshold, `value` elsewhere."""
    return _applied(ops.threshold, input, inplace, threshold=threshold, value=value)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """`input` kept between the bounds; at them the derivative is 0."""
    return _applied(ops.hardtanh, input, inplace, min_val=min_val, max_val=max_val)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """A sigmoid of three straight pieces."""
    return _applied(ops.hardsigmoid, input, inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """``input * hardsigmoid(input)``."""
    return _applied(ops.hardswish, input, inplace)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """`input`, its negative part scaled."""
    return _applied(ops.leaky_relu, input, inplace, negative_slope=negative_slope)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """`input` where positive, ``alpha * expm1(input)`` elsewhere."""
    return _applied(ops.elu, input, inplace, alpha=alpha, scale=1.0, input_scale=1.0)


@recorded_as("CeluBackward0")
def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """`input` where positive, ``alpha * expm1(input / alpha)`` elsewhere."""
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return _applied(ops.elu, input, inplace, alpha=alpha, scale=1.0, input_scale=1 / alpha)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """The exponential unit that keeps mean 0 and variance 1."""
    return _applied(ops.elu, input, inplace, alpha=SELU_ALPHA, scale=SELU_SCALE, input_scale=1.0)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """``input * sigmoid(input)``."""
    return _applied(ops.silu, input, inplace)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """``input * tanh(softplus(input))``."""
    return _applied(ops.mish, input, inplace)


def gelu(input: Tensor, *, approximate: str = "none") -> Tensor:
    """`input` times the normal distribution function, or its approximation by tanh."""
    if approximate not in {"none", "tanh"}:
        raise RuntimeError("approximate argument must be either none or tanh.")
    return ops.gelu(input, approximate=approximate)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """``log(1 + exp(beta * input)) / beta``, and `input` itself above the threshold."""
    return ops.softplus(input, beta=beta, threshold=threshold)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """`input` moved towards 0 by `lambd`, at most to 0."""
    if lambd < 0:
        raise RuntimeError(f"lambda must be greater or equal to 0, but found to be {lambd:g}.")
    return ops.softshrink(input, lambd=lambd)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """`input`, but 0 between -lambd and lambd."""
    return ops.hardshrink(input, lambd=lambd)


def softsign(input: Tensor) -> Tensor:
    """``input / (1 + abs(input))``."""
    return input / (1 + input.abs()) if input.dtype.is_complex else ops.softsign(input)


def tanhshrink(input: Tensor) -> Tensor:
    """``input - tanh(input)``."""
    return ops.tanhshrink(input)


def logsigmoid(input: Tensor) -> Tensor:
    """The logarithm of the sigmoid."""
    return ops.log_sigmoid(input)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """`input`, its negative part scaled by a learnt weight for each channel."""
    if weight.numel() != 1:
        channels = input.shape[1] if input.ndim > 1 else 1
        if weight.numel() != channels:
            raise RuntimeError(
                f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {weight.numel()} "
                f"and channel size = {channels}."
            )
        weight = weight.reshape(1, -1, *(1,) * (input.ndim - 2))
    elif weight.ndim:
        weight = weight.reshape(())
    return ops.prelu(input, weight)


@recorded_as("GluBackward0")
def glu(input: Tensor, dim: int = -1) -> Tensor:
    """One half of `input` along the dimension, times the sigmoid of the other."""
    dim = one_dim(dim, input.ndim)
    if input.shape[dim] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {input.shape[dim]}")
    half = input.shape[dim] // 2
    a, b = split(input, sizes=(half, half), dim=dim)
    return a * b.sigmoid()


# softmax


def _implicit(ndim: int) -> int:
    return 0 if ndim in (0, 1, 3) else 1


def _along(op: Any, input: Tensor, dim: int | None, dtype: Any) -> Tensor:
    dim = _implicit(input.ndim) if dim is None else dim
    x = input if dtype is None else to_dtype(input, dtype)
    return op(x, dim=dims(dim, x))


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """Exponentials divided by their sum along the dimension."""
    dtype, _stacklevel = (_stacklevel, 3) if isinstance(_stacklevel, dtypes.dtype) else (dtype, _stacklevel)
    return _along(normalisation.softmax, input, dim, dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """The logarithm of softmax."""
    dtype, _stacklevel = (_stacklevel, 3) if isinstance(_stacklevel, dtypes.dtype) else (dtype, _stacklevel)
    return _along(normalisation.log_softmax, input, dim, dtype)


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """Softmax of the negative."""
    return softmax(-input, dim, _stacklevel, dtype)


def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """The logarithm of the sum of exponentials along the dimensions."""
    return normalisation.logsumexp(input, dim=dims(dim, input), keepdim=keepdim)


def _linear_title(y: Tensor, input: Tensor, weight: Tensor, bias: Tensor | None = None) -> str | None:
    return "AddmmBackward0" if input.ndim == 2 and bias is not None else None


@recorded_as(_linear_title)
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input @ weight.T + bias``."""
    y = input @ (weight.t() if weight.ndim == 2 else weight)
    return y if bias is None else y + bias


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input1[…, i] * weight[o, i, j] * input2[…, j]``, summed over i and j, plus the bias."""
    if bias is not None and tuple(bias.shape) != (weight.shape[0],):
        raise RuntimeError(
            f"bilinear(): bias size does not match weight size: got {list(bias.shape)} but expected [{weight.shape[0]}]"
        )
    left = (input1.unsqueeze(-2).unsqueeze(-2) @ weight).squeeze(-2)  # (…, 1, 1, i) @ (o, i, j) -> (…, o, j)
    y = (left * input2.unsqueeze(-2)).sum(-1)
    return y if bias is None else y + bias


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """The values, weighted by the softmax of the scaled products of queries and keys."""
    if is_causal and attn_mask is not None:
        raise RuntimeError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
    if enable_gqa:
        repeats = query.shape[-3] // key.shape[-3]
        key, value = key.repeat_interleave(repeats, -3), value.repeat_interleave(repeats, -3)
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = (query @ key.mT) * factor
    if is_causal:
        from refgrad.creation import ones

        attn_mask = ones(query.shape[-2], key.shape[-2], dtype=dtypes.bool, device=query.device).tril()
    if attn_mask is not None:
        scores = scores.masked_fill(~attn_mask, -math.inf) if attn_mask.dtype == dtypes.bool else scores + attn_mask
    weights = softmax(scores, -1)
    if dropout_p:
        from refgrad.creation import full_like
        from refgrad.random import bernoulli

        weights = weights * bernoulli(full_like(weights.detach(), 1 - dropout_p)) / (1 - dropout_p)
    return weights @ value
