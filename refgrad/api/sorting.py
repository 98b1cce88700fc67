"""Orders and order statistics."""

from __future__ import annotations

from typing import Any

from refgrad.api.forms import fields, one_dim
from refgrad.ops import sorting as ops
from refgrad.tensor import Tensor


def _pair(name: str, found: Any) -> Any:
    return fields(name, "values", "indices")(*found)


def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """The elements in order along the dimension, and where they were; equal ones keep their order."""
    return _pair("sort", ops.sort(input, dim=one_dim(dim, input.ndim), descending=descending))


def argsort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = True) -> Tensor:
    """Where the elements in order along the dimension were."""
    return ops.argsort(input, dim=one_dim(dim, input.ndim), descending=descending)


def msort(input: Tensor) -> Tensor:
    """The elements in order along the first dimension."""
    return sort(input, 0)[0]


def unique(input: Tensor) -> Tensor:
    """The different elements, in order."""
    return ops.unique(input)


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The k largest (or smallest) elements along the dimension, in order, and where they were."""
    dim = one_dim(dim, input.ndim)
    if not 0 <= k <= (input.shape[dim] if input.ndim else 1):
        raise RuntimeError("selected index k out of range")
    return _pair("topk", ops.topk(input, k=k, dim=dim, largest=largest))


def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The k-th smallest element along the dimension, and where it was."""
    dim = one_dim(dim, input.ndim)
    if not 1 <= k <= (input.shape[dim] if input.ndim else 1):
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {dim}")
    return _pair("kthvalue", ops.kthvalue(input, k=k, dim=dim, keepdim=keepdim))


def _statistic(name: str, of_all: Any, along: Any) -> Any:
    def function(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
        if dim is None:
            return of_all(input)
        dim = one_dim(dim, input.ndim)
        if input.ndim and not input.shape[dim]:
            raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
        return _pair(name, along(input, dim=dim, keepdim=keepdim))

    function.__name__ = name
    function.__doc__ = (
        f"The lower {name} of all elements (ties share the gradient), or along a dimension, with its positions."
    )
    return function


median = _statistic("median", ops.median_of_all, ops.median)
nanmedian = _statistic("nanmedian", ops.nanmedian_of_all, ops.nanmedian)


def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Any:
    """The most frequent element along the dimension, and where it was."""
    return _pair("mode", ops.mode(input, dim=one_dim(dim, input.ndim), keepdim=keepdim))
