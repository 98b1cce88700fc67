"""Running sums, products and extrema, and what is written with them."""

from __future__ import annotations

from typing import Any

from refgrad import dtypes
from refgrad.api.forms import fields, one_dim
from refgrad.api.naming import recorded_as
from refgrad.api.shape import to_dtype
from refgrad.ops import cumulative as ops
from refgrad.ops.indexing import narrow
from refgrad.tensor import Tensor


def _summand(input: Tensor, dtype: Any) -> Tensor:
    if dtype is None:
        dtype = dtypes.int64 if input.dtype.category < dtypes.FLOATING else input.dtype
    return to_dtype(input, dtype)


def cumsum(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """The sums of all elements up to each one."""
    return ops.cumsum(_summand(input, dtype), dim=one_dim(dim, input.ndim))


def cumprod(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """The products of all elements up to each one."""
    return ops.cumprod(_summand(input, dtype), dim=one_dim(dim, input.ndim))


def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """The logarithms of the sums of exponentials up to each element."""
    return ops.logcumsumexp(input, dim=one_dim(dim, input.ndim))


def cummax(input: Tensor, dim: int) -> Any:
    """The largest element so far and where it is; of equal ones the last."""
    return fields("cummax", "values", "indices")(*ops.cummax(input, dim=one_dim(dim, input.ndim)))


def cummin(input: Tensor, dim: int) -> Any:
    """The smallest element so far and where it is; of equal ones the last."""
    return fields("cummin", "values", "indices")(*ops.cummin(input, dim=one_dim(dim, input.ndim)))


def _prod_title(y: Tensor, input: Tensor, dim: int | None = None, *_: Any, **__: Any) -> str:
    return "ProdBackward0" if dim is None else "ProdBackward1"


@recorded_as(_prod_title)
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The product of the elements, or of those along the dimension; never divides, so zeros have right derivatives."""
    x = _summand(input, dtype)
    if dim is None:
        x, dim, keepdim = x.reshape(-1), 0, False
    dim = one_dim(dim, x.ndim)
    if not x.ndim:
        return x.clone()
    if not x.shape[dim]:
        return x.sum(dim, keepdim) + 1  # the product of nothing
    last = narrow(ops.cumprod(x, dim=dim), dim=dim, start=x.shape[dim] - 1, length=1)
    return last if keepdim else last.squeeze(dim)


def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """The n-th differences of neighbours along the dimension; of booleans, whether neighbours differ."""
    if not input.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    dim = one_dim(dim, input.ndim)
    for end in (e for e in (prepend, append) if e is not None):
        _check_end(input, end, dim)
    if n == 0:
        return recorded_as("CopyBackwards")(Tensor.clone)(input)
    from refgrad.api.joining import cat

    x = (
        cat([p for p in (prepend, input, append) if p is not None], dim)
        if prepend is not None or append is not None
        else input
    )
    for _ in range(n):
        length = max(x.shape[dim] - 1, 0)
        after, before = (narrow(x, dim=dim, start=at, length=length) for at in (min(1, x.shape[dim]), 0))
        x = after ^ before if x.dtype.name == "bool" else after - before
    return x


def _check_end(input: Tensor, end: Tensor, dim: int) -> None:
    """Raises unless what is put before or after the input fits to it."""
    if end.ndim != input.ndim:
        raise RuntimeError(
            f"diff expects prepend or append to be the same dimension as input, {input.ndim}, not {end.ndim}"
        )
    for d, (n, m) in enumerate(zip(input.shape, end.shape, strict=True)):
        if d != dim and n != m:
            raise RuntimeError(
                "diff expects the shape of tensor to prepend or append to match that of input except along the "
                f"differencing dimension; input.size({d}) = {n}, but got tensor.size({d}) = {m}"
            )
