"""Dropout in its forms, and the look-up of embeddings: what is more than a formula in `torch.nn.functional`."""

from __future__ import annotations

from typing import Any

from refgrad import creation, dtypes, random
from refgrad.modes import no_grad
from refgrad.ops.embedding import embedding as look_up
from refgrad.tensor import Tensor


def _kept(shape: tuple[int, ...], p: float, like: Tensor) -> Tensor:
    """Ones with probability 1 - p, divided by it, else zeros."""
    return (random.rand(shape, dtype=dtypes.float64) >= p).to(like) * (0.0 if p == 1 else 1 / (1 - p))


def _dropped(input: Tensor, shape: tuple[int, ...], p: float, training: bool, inplace: bool) -> Tensor:
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training:
        return input
    kept = _kept(shape, p, input)
    return input.mul_(kept) if inplace else input * kept


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """`input` with each element set to zero with probability p, the others divided by 1 - p.

    >>> from refgrad import ones
    >>> dropout(ones(3), p=1.0), dropout(ones(3), training=False)
    (tensor([0., 0., 0.]), tensor([1., 1., 1.]))
    """
    return _dropped(input, tuple(input.shape), p, training, inplace)


def _of_channels(n: int) -> Any:
    def drop(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
        lead = tuple(input.shape[: input.ndim - n])
        return _dropped(input, (*lead, *(1,) * n), p, training, inplace)

    drop.__name__ = f"dropout{n}d"
    drop.__doc__ = f"`input` with whole channels, of {n} dimension{'s' * (n > 1)} each, set to zero with probability p."
    return drop


dropout1d, dropout2d, dropout3d = _of_channels(1), _of_channels(2), _of_channels(3)


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Dropout that keeps the mean and variance of what SELU gives: dropped elements take its lower limit."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0:
        return input
    limit = -1.7580993408473766  # -alpha * scale of SELU, Klambauer et al. 2017
    if p == 1:
        return input.mul_(0.0) if inplace else input * 0.0
    kept = (random.rand(tuple(input.shape), dtype=dtypes.float64) >= p).to(input)
    scale = ((1 - p) * (1 + p * limit**2)) ** -0.5
    y = (input.mul_(kept) if inplace else input * kept) * scale + (1 - kept) * (limit * scale) - scale * limit * p
    return input.copy_(y) if inplace else y


def embedding(
    input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None,
    norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Tensor:  # fmt: skip
    """The rows of `weight` at the indices, cut in place to `max_norm`; that of `padding_idx` takes no gradient."""
    if sparse:
        raise NotImplementedError("embedding(sparse=True): refgrad has no sparse tensors; leave sparse=False")
    if input.dtype not in (dtypes.int64, dtypes.int32):
        raise RuntimeError(
            f"Expected tensor for argument #1 'indices' to have scalar types: Long, Int; but got {input.dtype}"
        )
    n = weight.shape[0]
    if padding_idx is not None:
        if not -n <= padding_idx < n:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= n
    if input._level is None and input.numel() and not (input._data.min() >= 0 and input._data.max() < n):
        raise IndexError("index out of range in self")
    if max_norm is not None:
        renormalise(weight, input, max_norm, norm_type)
    return look_up(weight, input, padding_idx=padding_idx, scale_grad_by_freq=scale_grad_by_freq)


def renormalise(weight: Tensor, at: Tensor, max_norm: float, norm_type: float) -> None:
    """Scales the rows that are looked up down to the norm, in place: graphs that saved the table notice."""
    with no_grad():
        rows = sorted(set(at.reshape(-1).tolist()))
        norms = ((weight.detach()[rows].abs() ** norm_type).sum(1)) ** (1 / norm_type)
        for row, norm in zip(rows, norms.tolist(), strict=True):
            if norm > max_norm:
                weight[row] = weight[row] * (max_norm / (norm + 1e-7))


def gumbel_softmax(logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:
    """A sample of the Gumbel-softmax distribution along the dimension; a `hard` one is one-hot, with the soft one's gradient."""
    uniform = 1 - random.rand_like(logits)  # never 0
    soft = ((logits - (-uniform.log()).log()) / tau).softmax(dim)
    if not hard:
        return soft
    chosen = soft.detach().argmax(dim, keepdim=True)
    one_hot = creation.zeros_like(soft).scatter(dim, chosen, creation.ones_like(soft))
    return one_hot - soft.detach() + soft
