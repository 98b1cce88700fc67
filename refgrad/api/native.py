"""Normalisations that give their moments beside the result: `native_layer_norm`, `native_group_norm`, `native_batch_norm`.

The moments are the mean and one over the standard deviation. As in PyTorch, they take no derivative.
"""

from __future__ import annotations

from collections.abc import Sequence

from refgrad.api.normalisation import batch_norm, group_norm, layer_norm
from refgrad.tensor import Tensor

Normalised = tuple[Tensor, Tensor, Tensor]


def native_layer_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None, bias: Tensor | None, eps: float
) -> Normalised:
    """`layer_norm`, with its moments over the last dimensions, each kept with size 1.

    >>> from refgrad import tensor
    >>> native_layer_norm(tensor([[1.0, 3.0]]), (2,), None, None, 0.0)
    (tensor([[-1.,  1.]]), tensor([[2.]]), tensor([[1.]]))
    """
    y = layer_norm(input, normalized_shape, weight, bias, eps)
    return y, *_moments(input, tuple(range(input.ndim - len(tuple(normalized_shape)), input.ndim)), eps)


def native_group_norm(
    input: Tensor, weight: Tensor | None, bias: Tensor | None, N: int, C: int, HxW: int, group: int, eps: float
) -> Normalised:
    """`group_norm` of N instances of C channels with HxW places each, with the moments of each group, (N, group)."""
    if input.numel() != N * C * HxW:
        raise RuntimeError(f"expected input of {N} * {C} * {HxW} elements, but got input of shape {list(input.shape)}")
    y = group_norm(input, group, weight, bias, eps)
    mean, rstd = _moments(input.reshape(N, group, -1 if input.numel() else 0), (2,), eps)
    return y, mean.squeeze(2), rstd.squeeze(2)


def native_batch_norm(
    input: Tensor, weight: Tensor | None, bias: Tensor | None, running_mean: Tensor | None, running_var: Tensor | None,
    training: bool, momentum: float, eps: float,
) -> Normalised:  # fmt: skip
    """`batch_norm`, with the moments of each channel over the batch: none where the running ones are used."""
    y = batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)
    if not training:
        nothing = input.detach().reshape(-1)[:0]
        return y, nothing, nothing.clone()
    mean, rstd = _moments(input, tuple(d for d in range(input.ndim) if d != 1), eps)
    return y, mean.reshape(-1), rstd.reshape(-1)


def _moments(x: Tensor, dim: tuple[int, ...], eps: float) -> tuple[Tensor, Tensor]:
    x = x.detach()
    mean = x.mean(dim, keepdim=True)
    return mean, (((x - mean) * (x - mean)).mean(dim, keepdim=True) + eps).rsqrt()
