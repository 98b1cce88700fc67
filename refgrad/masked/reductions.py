"""Reductions over the elements that count: functions that take a mask beside the tensor, and give ordinary tensors."""

from __future__ import annotations

import math
from typing import Any

from refgrad import dtypes
from refgrad.api import cumulative, reduction
from refgrad.api.forms import dims
from refgrad.masked.tensor import MaskedTensor
from refgrad.rules import where
from refgrad.tensor import Tensor

_IDENTITIES = {"sum": 0, "sum_to": 0, "mean": 0, "cumprod": 1, "all": True, "any": False}
_SIGNS = {"amax": -1, "argmax": -1, "amin": 1, "argmin": 1}


def _identity(name: str, dtype: dtypes.dtype) -> Any:
    """The value that a reduction does not see; for the extrema the one that every other replaces."""
    if name in _IDENTITIES:
        return _IDENTITIES[name]
    sign = _SIGNS[name]
    if dtype.is_floating_point:
        return sign * math.inf
    if dtype.name == "bool":
        return sign > 0
    unsigned = dtype.array.kind == "u"
    largest = 2 ** (8 * dtype.itemsize - (not unsigned)) - 1
    return largest if sign > 0 else 0 if unsigned else -largest - 1


def filled(name: str, x: Tensor, mask: Tensor) -> Tensor:
    """`x` with the identity of a reduction in the place of what does not count."""
    return where(mask, x, _identity(name, x.dtype))


def nonzero(count: Tensor) -> Tensor:
    """A count as a divisor: nan in the place of 0, as in the mean of nothing."""
    return where(count > 0, count, math.nan)


def _prepared(name: str, input: Tensor, mask: Tensor | None) -> Tensor:
    if isinstance(input, MaskedTensor):
        input, mask = input.get_data(), input.get_mask()
    return input if mask is None else filled(name, input, mask)


def sum(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The sum of the elements that count; 0 where none does."""
    return reduction.sum(_prepared("sum", input, mask), dim, keepdim, dtype=dtype)


def mean(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The mean of the elements that count; nan where none does.

    >>> from refgrad import tensor
    >>> mean(tensor([[1.0, 5.0], [2.0, 4.0]]), dim=1, mask=tensor([[True, False], [True, True]]))
    tensor([1., 3.])
    """
    if dtype is None and input.dtype.category < dtypes.FLOATING:
        raise ValueError(f"mean(): input dtype must be either a floating point or complex dtype, got {input.dtype}")
    mask = input.get_mask() if isinstance(input, MaskedTensor) else mask
    if mask is None:
        return reduction.mean(input, dim, keepdim, dtype=dtype)
    count = reduction.sum(mask.expand(input.shape), dim, keepdim)
    return sum(input, dim, keepdim=keepdim, dtype=dtype, mask=mask) / nonzero(count)


def prod(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The product of the elements that count; 1 where none does."""
    y = _prepared("cumprod", input, mask)
    for d in sorted(dims(dim, y) or range(y.ndim), reverse=True):
        y = cumulative.prod(y, d, keepdim, dtype=dtype)
    return y


def amax(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The largest element that counts; what is below all of its dtype where none does."""
    y = reduction.amax(_prepared("amax", input, mask), dim, keepdim)
    return y if dtype is None else y.to(dtype)


def amin(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The smallest element that counts; what is above all of its dtype where none does."""
    y = reduction.amin(_prepared("amin", input, mask), dim, keepdim)
    return y if dtype is None else y.to(dtype)
