"""Sums, means and extrema."""

from __future__ import annotations

from typing import Any

from refgrad import dtypes
from refgrad.api.forms import dims, fields, one_dim
from refgrad.api.naming import recorded_as
from refgrad.api.precision import rounded_once
from refgrad.ops import reduction as ops
from refgrad.ops.arithmetic import root
from refgrad.ops.comparison import argmax, argmin
from refgrad.ops.indexing import gather
from refgrad.ops.shape import squeeze
from refgrad.rules import cast
from refgrad.tensor import Tensor

_ALL = {"dim": None, "keepdim": False}


def _as(input: Tensor, dtype: Any) -> Tensor:
    if dtype is None:
        if input._data.dtype.kind in "fc":
            return input
        return cast(input, dtype=dtypes.int64.array) if input.dtype.category < dtypes.FLOATING else input
    return input if input.dtype == dtype else cast(input, dtype=dtypes.to_array(dtype))


def sum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum of the elements, or of those along the dimensions."""
    if dim is None and not keepdim:
        return Tensor.__apply__(ops.sum, (_as(input, dtype),), _ALL)
    return Tensor.__apply__(ops.sum, (_as(input, dtype),), {"dim": dims(dim, input), "keepdim": keepdim})


def mean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean of the elements, or of those along the dimensions."""
    if dtype is None and input.dtype.category < dtypes.FLOATING:
        raise RuntimeError(
            f"mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: {input.dtype}"
        )
    return ops.mean(_as(input, dtype), dim=dims(dim, input), keepdim=keepdim)


def amax(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """The largest element; ties share the gradient."""
    return ops.amax(input, dim=dims(dim or None if dim == () else dim, input), keepdim=keepdim)


def amin(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """The smallest element; ties share the gradient."""
    return ops.amin(input, dim=dims(dim or None if dim == () else dim, input), keepdim=keepdim)


def _extreme(name: str, all_of: Any, position: Any, pair: Any) -> Any:
    def function(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
        if isinstance(dim, Tensor) or other is not None:
            return pair(input, dim if other is None else other)
        if dim is None:
            if not input.numel():
                raise RuntimeError(
                    f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
                    "with the 'dim' argument."
                )
            return all_of(input, dim=None, keepdim=False)
        if not input.ndim:
            return fields(name, "values", "indices")(input.clone(), position(input, dim=None, keepdim=False))
        dim = one_dim(dim, input.ndim)
        if not input.shape[dim]:
            raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
        at = position(input, dim=dim, keepdim=True)
        values = gather(input, at, dim=dim)
        if not keepdim:
            values, at = squeeze(values, dim=(dim,)), squeeze(at, dim=(dim,))
        return fields(name, "values", "indices")(values, at)

    function.__name__ = name
    function.__doc__ = f"The {name}imum: of all elements, along a dimension with its positions, or of two tensors."
    return function


def _pair(name: str) -> Any:
    from refgrad.ops import arithmetic

    return getattr(arithmetic, name)


def _extreme_title(name: str) -> Any:
    def title(y: Any, input: Tensor, *args: Any, **kwargs: Any) -> str | None:
        if isinstance(y, tuple):
            return f"{name}Backward0"
        return None if args or kwargs else f"{name}Backward1"

    return recorded_as(title)


max = _extreme_title("Max")(_extreme("max", ops.amax, argmax, _pair("maximum")))
min = _extreme_title("Min")(_extreme("min", ops.amin, argmin, _pair("minimum")))


@recorded_as("VarBackward0")
@rounded_once
def var(
    input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: Any = None
) -> Tensor:
    """The variance: squared deviations from the mean, divided by their number less the correction."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    correction = (1 if unbiased else 0) if correction is None else correction
    d = dims(dim, input)
    centred = input - ops.mean(input, dim=d, keepdim=True)
    squares = (centred * centred.conj()).real if input.dtype.is_complex else centred * centred
    count = input.numel() if d is None else _product(input.shape[i] for i in d)
    total = ops.sum(squares, dim=d, keepdim=keepdim)
    freedom = count - correction
    return total / (freedom if freedom > 0 else 0.0)


@recorded_as("StdBackward0")
@rounded_once
def std(
    input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: Any = None
) -> Tensor:
    """The square root of the variance; where it is 0, so is its derivative."""
    return root(var(input, dim, unbiased, keepdim, correction=correction))


@recorded_as("VarMeanBackward0")
def var_mean(
    input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: Any = None
) -> Any:
    """The variance and the mean."""
    return fields("var_mean", "var", "mean")(
        var(input, dim, unbiased, keepdim, correction=correction),
        mean(input, None if isinstance(dim, bool) else dim, keepdim),
    )


@recorded_as("StdMeanBackward0")
def std_mean(
    input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: Any = None
) -> Any:
    """The standard deviation and the mean."""
    return fields("std_mean", "std", "mean")(
        std(input, dim, unbiased, keepdim, correction=correction),
        mean(input, None if isinstance(dim, bool) else dim, keepdim),
    )


def _product(ns: Any) -> int:
    n = 1
    for k in ns:
        n *= k
    return n


@recorded_as("NansumBackward0")
def nansum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum of the elements that are not nan."""
    from refgrad.rules import where

    if input.dtype.is_complex:
        raise RuntimeError(f"nansum does not support complex inputs, such as {input.dtype}")
    if input.dtype.category < dtypes.FLOATING:
        return sum(input, dim, keepdim, dtype=dtype)

    return sum(where(input.isnan(), 0.0, input), dim, keepdim, dtype=dtype)


def nanmean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean of the elements that are not nan."""
    if input.dtype.category < dtypes.FLOATING:
        raise RuntimeError(f"nanmean(): expected input to have floating point or complex dtype but got {input.dtype}")
    return nansum(input, dim, keepdim, dtype=dtype) / sum(~input.isnan(), dim, keepdim)


@recorded_as("AminmaxBackward0")
def aminmax(input: Tensor, *, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest and the largest element; ties share the gradient."""
    if dim is None and not input.numel():
        raise RuntimeError(
            "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity; give `dim`"
        )
    dim = () if dim is None else one_dim(dim, input.ndim)
    if input.ndim and dim != () and not input.shape[dim]:
        raise IndexError(f"aminmax: Expected reduction dim {dim} to have non-zero size.")
    return fields("aminmax", "min", "max")(amin(input, dim, keepdim), amax(input, dim, keepdim))
