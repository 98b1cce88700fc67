"""Functions of the elements that count that keep the shape: of the others the results mean nothing, and gradients are zero."""

from __future__ import annotations

from typing import Any

from refgrad.api import activation, arithmetic, cumulative
from refgrad.api.shape import to_dtype
from refgrad.masked.reductions import norm, once, parts, prepared
from refgrad.tensor import Tensor


def softmax(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """Exponentials divided by their sum over what counts along the dimension; 0 for what does not.

    >>> from refgrad import tensor
    >>> softmax(tensor([1.0, 7.0, 1.0]), 0, mask=tensor([True, False, True]))
    tensor([0.5000, 0.0000, 0.5000])
    """
    return activation.softmax(prepared("softmax", input, mask, identity="amax"), dim, dtype=dtype)


def log_softmax(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """The logarithm of `softmax`; -inf for what does not count."""
    return activation.log_softmax(prepared("log_softmax", input, mask, identity="amax"), dim, dtype=dtype)


def softmin(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """`softmax` of the negative."""
    return activation.softmin(prepared("softmin", input, mask, identity="amin"), dim, dtype=dtype)


@once
def normalize(
    input: Tensor, ord: float, dim: int, *, eps: float = 1e-12, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The elements that count, divided by their norm along the dimension or by `eps`, whichever is larger."""
    length = norm(input, ord, dim, keepdim=True, dtype=dtype, mask=mask)
    return prepared("normalize", input, mask, identity="sum") / arithmetic.maximum(length, length.new_full((), eps))


def cumsum(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """The sums of what counts up to each element, in the dtype of the input unless told otherwise."""
    x = prepared("cumsum", input, mask, identity="sum")
    return to_dtype(cumulative.cumsum(x, dim, dtype=dtype or x.dtype), dtype or x.dtype)


def cumprod(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """The products of what counts up to each element, in the dtype of the input unless told otherwise."""
    x = prepared("cumprod", input, mask)
    return to_dtype(cumulative.cumprod(x, dim, dtype=dtype or x.dtype), dtype or x.dtype)


def logaddexp(
    input: Tensor,
    other: Tensor,
    *,
    dtype: Any = None,
    input_mask: Tensor | None = None,
    other_mask: Tensor | None = None,
) -> Tensor:
    """The logarithm of the sum of two exponentials, of which either may not count; -inf where neither does.

    >>> from refgrad import tensor
    >>> logaddexp(tensor([1.0, 2.0]), tensor([3.0, 4.0]), other_mask=tensor([False, False]))
    tensor([1., 2.])
    """
    x, y = (prepared("logaddexp", a, mask, identity="amax") for a, mask in ((input, input_mask), (other, other_mask)))
    return to_dtype(arithmetic.logaddexp(x, y), dtype or parts(input, None, "logaddexp")[0].dtype)
