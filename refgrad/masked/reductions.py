"""Reductions over the elements that count: functions that take a mask beside the tensor, and give ordinary tensors.

What does not count is replaced before anything is computed, so that not even a nan among it reaches values or gradients.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from refgrad import dtypes
from refgrad.api import activation, cumulative, norms, reduction, sorting
from refgrad.api.forms import checked, dims
from refgrad.api.naming import recorded_as
from refgrad.api.precision import rounded_once
from refgrad.api.shape import to_dtype
from refgrad.creation import ones
from refgrad.dtypes import bool as boolean
from refgrad.masked.tensor import MaskedTensor
from refgrad.ops.arithmetic import root
from refgrad.rules import where
from refgrad.tensor import Tensor

_IDENTITIES = {"sum": 0, "sum_to": 0, "mean": 0, "prod": 1, "cumprod": 1, "median": math.nan, "all": True, "any": False}
_SIGNS = {"amax": -1, "argmax": -1, "logsumexp": -1, "amin": 1, "argmin": 1}


def _identity(name: str, dtype: dtypes.dtype) -> Any:
    """The value that a reduction does not see; for the extrema the one that every other replaces."""
    if name in _IDENTITIES:
        return _IDENTITIES[name]
    sign = _SIGNS[name]
    if dtype.category >= dtypes.FLOATING:
        return sign * math.inf
    if dtype.name == "bool":
        return sign > 0
    unsigned = dtype.array.kind == "u"
    largest = 2 ** (8 * dtype.itemsize - (not unsigned)) - 1
    return largest if sign > 0 else 0 if unsigned else -largest - 1


def filled(name: str, x: Tensor, mask: Tensor) -> Tensor:
    """`x` with the identity of a reduction in the place of what does not count."""
    return where(mask, x, _identity(name, x.dtype))


def each(total: Tensor, count: Tensor) -> Tensor:
    """What a total comes to for each of a count; nan where nothing counts, as in the mean of nothing."""
    return total / where(count > 0, to_dtype(count, total.dtype), math.nan)


def parts(input: Tensor, mask: Tensor | None, name: str) -> tuple[Tensor, Tensor | None]:
    """The data, and which of its elements count, in its shape: None if all do.

    *errors*: TypeError for what is no tensor, IndexError for a mask of more dimensions than the data, RuntimeError for one
    that does not broadcast to its shape.
    """
    if isinstance(input, MaskedTensor):
        return input.get_data(), input.get_mask()
    checked(input, name)
    if mask is None:
        return input, None
    if mask.ndim > input.ndim:
        raise IndexError(
            f"{name}(): expected a broadcastable mask, but got mask dimensionality higher than of the input: {mask.ndim} "
            f"and {input.ndim}"
        )
    return input, to_dtype(mask, boolean).expand(input.shape)


def prepared(name: str, input: Tensor, mask: Tensor | None, identity: str = "") -> Tensor:
    """The data with what leaves the named function as it is in the place of what does not count."""
    x, counts = parts(input, mask, name)
    return x if counts is None else filled(identity or name, x, counts)


def once(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The function of several steps, which rounds the result of short formats once where no other dtype is asked for."""
    rounded = rounded_once(function)

    @functools.wraps(function)
    def public(*args: Any, dtype: Any = None, **named: Any) -> Tensor:
        return rounded(*args, **named) if dtype is None else function(*args, dtype=dtype, **named)

    return public


def _cast(x: Tensor, dtype: Any) -> Tensor:
    return x if dtype is None else to_dtype(x, dtype)


def _over(dim: Any, x: Tensor) -> tuple[int, ...] | None:
    """The dimensions counted from the front; None for all of them, which `()` means here too."""
    found = dims(dim, x)
    for d in found or ():
        if found.count(d) > 1:
            raise RuntimeError(f"dim={d} appears multiple times in the list of dims: {dim}")
    return found


@recorded_as("SumBackward1")
def sum(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The sum of the elements that count; 0 where none does."""
    x = prepared("sum", input, mask)
    return reduction.sum(x, _over(dim, x), bool(keepdim), dtype=dtype)


def prod(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The product of the elements that count; 1 where none does."""
    y = prepared("prod", input, mask)
    if dtype is None and y.dtype.category < dtypes.FLOATING:
        dtype = dtypes.int64
    y = _cast(y, dtype)
    for d in sorted(_over(dim, y) or range(y.ndim), reverse=True):
        y = cumulative.prod(y, d, bool(keepdim))
    return y


def amax(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The largest element that counts, or what is below all of its dtype where none does; equal ones share the gradient."""
    x = prepared("amax", input, mask)
    return _cast(reduction.amax(x, _over(dim, x) or (), bool(keepdim)), dtype)


def amin(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The smallest element that counts, or what is above all of its dtype where none does; equal ones share the gradient."""
    x = prepared("amin", input, mask)
    return _cast(reduction.amin(x, _over(dim, x) or (), bool(keepdim)), dtype)


def median(
    input: Tensor, dim: int = -1, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The lower median of the elements that count; nan where none does, and a ValueError for integers there.

    >>> from refgrad import tensor
    >>> median(tensor([3.0, 9.0, 1.0, 2.0]), mask=tensor([True, False, True, True]))
    tensor(2.)
    """
    x, counts = parts(input, mask, "median")
    floating, whole = x.dtype.is_floating_point, x.dtype if dtype is None else dtype
    x = x if floating else to_dtype(x, dtypes.float32)
    y = sorting.nanmedian(x if counts is None else filled("median", x, counts), dim, keepdim)[0]
    if floating:
        return y
    if y.isnan().any():
        raise ValueError(
            f"median(): expected no fully masked out rows if dtype is not floating point; got {whole}, give a floating input"
        )
    return to_dtype(y, whole)


def norm(
    input: Tensor,
    ord: float = 2.0,
    dim: Any = None,
    *,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The norm of the elements that count, zeros in the place of the others; for ``ord=-inf`` infinities."""
    x = prepared("norm", input, mask, identity="amin" if ord == -math.inf else "sum")
    return norms.vector_norm(x, ord, _over(dim, x), bool(keepdim), dtype=dtype)


def logsumexp(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The logarithm of the sum of exponentials of the elements that count; -inf where none does."""
    x = prepared("logsumexp", input, mask)
    return to_dtype(activation.logsumexp(x, _over(dim, x), bool(keepdim)), dtype or x.dtype)


# of the elements that count, how many they are


@once
@recorded_as("DivBackward0")
def mean(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The mean of the elements that count; nan where none does.

    >>> from refgrad import tensor
    >>> mean(tensor([[1.0, 5.0], [2.0, 4.0]]), dim=1, mask=tensor([[True, False], [True, True]]))
    tensor([1., 3.])
    """
    x, counts = parts(input, mask, "mean")
    if (x.dtype if dtype is None else dtype).category < dtypes.FLOATING:
        raise ValueError(
            f"mean(): Could not infer output dtype: it must be either a floating point or complex dtype, got {dtype or x.dtype}"
        )
    dim = _over(dim, x)
    if counts is None:
        return reduction.mean(x, dim, bool(keepdim), dtype=dtype)
    total = reduction.sum(filled("sum", x, counts), dim, bool(keepdim), dtype=dtype)
    return each(total, reduction.sum(counts, dim, bool(keepdim)))


@once
def var(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    *,
    correction: float | None = None,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The variance of the elements that count: squared deviations from their mean, divided by their number less the
    correction; nan where that is not positive and they are all equal, and complex of complex numbers.

    *errors*: AssertionError if both `unbiased` and `correction` are given.

    >>> from refgrad import nan, tensor
    >>> x = tensor([1.0, 3.0, nan], requires_grad=True)
    >>> y = var(x, mask=~x.isnan())
    >>> y.backward()
    >>> y, x.grad
    (tensor(2., grad_fn=<DivBackward0>), tensor([-2.,  2.,  0.]))
    """
    y, dtype = _variance(input, dim, unbiased, correction, keepdim, dtype, mask, "var")
    return to_dtype(y, dtype)


@once
def std(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    *,
    correction: float | None = None,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The square root of `var`; where it is 0, so is its derivative."""
    y, dtype = _variance(input, dim, unbiased, correction, keepdim, dtype, mask, "std")
    return to_dtype(root(y), dtype)


def _variance(
    input: Tensor, dim: Any, unbiased: Any, correction: Any, keepdim: Any, dtype: Any, mask: Tensor | None, name: str
) -> tuple[Tensor, Any]:
    """The variance as a real tensor, and the dtype that the result has."""
    if unbiased is not None and correction is not None:
        raise AssertionError(f"{name}(): only one of unbiased={unbiased} and correction={correction} may be given")
    correction = float(correction if correction is not None else unbiased is None or unbiased)
    x, counts = parts(input, mask, name)
    dtype = dtype or (x.dtype if x.dtype.category >= dtypes.FLOATING else dtypes.float32)
    x = to_dtype(x, dtype if dtype.category >= dtypes.FLOATING else dtypes.float32)
    counts = ones(x.shape, dtype=boolean, device=x.device) if counts is None else counts
    dim = _over(dim, x)
    x = filled("sum", x, counts)
    d = where(counts, x - each(reduction.sum(x, dim, True), reduction.sum(counts, dim, True)), 0)
    total = reduction.sum((d * d.conj()).real if d.dtype.is_complex else d * d, dim, bool(keepdim))
    freedom = to_dtype(reduction.sum(counts, dim, bool(keepdim)), total.dtype) - correction
    return total / freedom.clamp(min=0), dtype
