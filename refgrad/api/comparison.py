"""Comparisons, tests, logic and selection by condition."""

from __future__ import annotations

from typing import Any

from refgrad.api.forms import binary, dims, one_dim, operand, unary
from refgrad.ops import comparison as ops
from refgrad.rules import where as _where
from refgrad.tensor import Tensor, wrap

for _name in (
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "logical_and",
    "logical_or",
    "logical_xor",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
):
    globals()[_name] = binary(getattr(ops, _name))
for _name in ("isnan", "isinf", "isfinite", "isposinf", "isneginf", "isreal", "signbit", "logical_not", "bitwise_not"):
    globals()[_name] = unary(getattr(ops, _name))
del _name
not_equal, less, less_equal, greater, greater_equal = ne, lt, le, gt, ge  # noqa: F821


def all(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Whether all elements (along the dimensions) are true."""
    return ops.all(input, dim=dims(dim, input), keepdim=keepdim)


def any(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Whether any element (along the dimensions) is true."""
    return ops.any(input, dim=dims(dim, input), keepdim=keepdim)


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The position of the largest element."""
    return ops.argmax(input, dim=None if dim is None or not input.ndim else one_dim(dim, input.ndim), keepdim=keepdim)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The position of the smallest element."""
    return ops.argmin(input, dim=None if dim is None or not input.ndim else one_dim(dim, input.ndim), keepdim=keepdim)


def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """How many elements are not zero."""
    return ops.count_nonzero(input, dim=dims(dim, input))


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The positions of the elements that are not zero."""
    found = ops.nonzero(input)
    return tuple(wrap(found._data[:, i]) for i in range(found._data.shape[1])) if as_tuple else found


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """`input` where the condition is true, else `other`; without them, the positions where it is."""
    if input is None:
        return nonzero(condition, as_tuple=True)
    return _where(condition, operand(input), operand(other))


def isclose(input: Tensor, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether elements agree to the tolerances."""
    return ops.isclose(input, other, rtol=rtol, atol=atol, equal_nan=equal_nan)


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
    """Whether all elements agree to the tolerances."""
    return bool(isclose(input, other, rtol, atol, equal_nan)._data.all())


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether shape and all elements are the same."""
    return input._data.shape == other._data.shape and bool((input._data == other._data).all())
