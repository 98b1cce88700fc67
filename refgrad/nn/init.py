"""Initial values of parameters, written in place and not recorded; random ones by the default generator or another."""

from __future__ import annotations

import math
from typing import Any

from refgrad import creation, random
from refgrad.modes import no_grad
from refgrad.tensor import Tensor


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much a layer before this nonlinearity should scale, so that variances stay.

    >>> calculate_gain("relu"), calculate_gain("tanh")
    (1.4142135623730951, 1.6666666666666667)
    """
    if nonlinearity in {"linear", "sigmoid", *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3))}:
        return 1.0
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    found = {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}.get(nonlinearity)
    if found is None:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return found


def fans(tensor: Tensor) -> tuple[int, int]:
    """How many inputs each output of a layer with this weight has, and how many outputs each input."""
    if tensor.ndim < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


_calculate_fan_in_and_fan_out = fans


def _fan(tensor: Tensor, mode: str) -> int:
    if mode not in {"fan_in", "fan_out"}:
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return fans(tensor)[mode == "fan_out"]


@no_grad()
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """The tensor, drawn evenly from [a, b)."""
    return tensor.uniform_(a, b, generator=generator)


@no_grad()
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """The tensor, drawn from a normal distribution."""
    return tensor.normal_(mean, std, generator=generator)


@no_grad()
def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None
) -> Tensor:
    """The tensor, drawn from a normal distribution within [a, b]."""
    low, high = (math.erf((x - mean) / (std * math.sqrt(2))) for x in (a, b))
    return tensor.uniform_(low, high, generator=generator).erfinv_().mul_(std * math.sqrt(2)).add_(mean).clamp_(a, b)


@no_grad()
def constant_(tensor: Tensor, val: float) -> Tensor:
    """The tensor, filled with one value."""
    return tensor.fill_(val)


def ones_(tensor: Tensor) -> Tensor:
    """The tensor, filled with ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """The tensor, filled with zeros."""
    return constant_(tensor, 0.0)


@no_grad()
def eye_(tensor: Tensor) -> Tensor:
    """The matrix, made the identity."""
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return tensor.copy_(creation.eye(*tensor.shape))


@no_grad()
def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """The weight of a convolution, made to pass its input on unchanged."""
    if not 3 <= tensor.ndim <= 5:
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    if tensor.shape[0] % groups:
        raise ValueError("dim 0 must be divisible by groups")
    tensor.zero_()
    out = tensor.shape[0] // groups
    centre = tuple(n // 2 for n in tensor.shape[2:])
    for group in range(groups):
        for i in range(min(out, tensor.shape[1])):
            tensor[(group * out + i, i, *centre)] = 1
    return tensor


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """The tensor, drawn evenly as in Glorot & Bengio 2010."""
    bound = gain * math.sqrt(6 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """The tensor, drawn from a normal distribution as in Glorot & Bengio 2010."""
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(fans(tensor))), generator)


def kaiming_uniform_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Tensor:
    """The tensor, drawn evenly as in He et al. 2015; `a` is the slope of the leaky ReLU that follows."""
    bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / _fan(tensor, mode))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Tensor:
    """The tensor, drawn from a normal distribution as in He et al. 2015."""
    return normal_(tensor, 0.0, calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode)), generator)


@no_grad()
def orthogonal_(tensor: Tensor, gain: float = 1, generator: Any = None) -> Tensor:
    """The tensor as a matrix (its first dimension against all others), made semi-orthogonal as in Saxe et al. 2013."""
    if tensor.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    from refgrad.api import decomposition

    rows, columns = tensor.shape[0], tensor.numel() // tensor.shape[0]
    q, r = decomposition.qr(
        random.randn(max(rows, columns), min(rows, columns), dtype=tensor.dtype, generator=generator)
    )
    q = q * r.diagonal().sign()  # a uniformly distributed one: signs of R's diagonal made positive
    return tensor.copy_((q.t() if rows < columns else q).reshape(tensor.shape) * gain)


@no_grad()
def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """The matrix, normally distributed, with this fraction of each column set to zero."""
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    tensor.normal_(0, std, generator=generator)
    rows, columns = tensor.shape
    for column in range(columns):
        tensor[random.randperm(rows, generator=generator)[: math.ceil(sparsity * rows)], column] = 0
    return tensor
