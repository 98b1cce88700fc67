"""Making arrays of balls, and moving their elements, as NumPy does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refgrad.backends import numpy as numpy_backend
from refgrad.backends.ball.arithmetic import widens
from refgrad.backends.ball.array import BallArray, balls, elements, elementwise, result_dtype
from refgrad.backends.ball.operators import equal


def from_host(x: Any) -> Any:
    """An array of the host, as balls compute with it: itself, since both go together."""
    return x


to_host = from_host


def address(x: Any) -> int:
    """Where the first element lies in memory: nowhere that is asked."""
    return 0


def storage(x: BallArray) -> tuple[int, int]:
    """Where the memory that `x` shows begins, and its length in bytes."""
    return 0, x.nbytes


def make_writable(x: BallArray) -> None:
    """Lets a view that NumPy made read-only be written to."""
    x.data.flags.writeable = True


def asarray(x: Any, dtype: Any = None) -> Any:
    """`x` as an array of balls; booleans and integers stay NumPy's."""
    if isinstance(x, BallArray):
        return BallArray.of(x, dtype)
    found = np.asarray(x)
    return found if dtype is None and found.dtype.kind in "biu" else BallArray.of(found, dtype)


def array(x: Any, dtype: Any = None, *, order: str = "C", **_copy: Any) -> Any:
    """A copy of `x`, laid out in this order."""
    return BallArray.of(x, dtype).copy(order) if isinstance(x, BallArray) else asarray(np.array(x), dtype)


def cast(x: BallArray, dtype: Any) -> Any:
    """`x` as an array of `dtype`; between floating-point dtypes the balls stay as they are, but for a rounding."""
    y = x.astype(getattr(dtype, "array", dtype))
    if isinstance(y, BallArray) and widens() and y.dtype.itemsize < x.dtype.itemsize:
        return elementwise(lambda v: v, y)
    return y


def zeros(shape: Any, dtype: Any = None) -> BallArray:
    return BallArray.of(np.zeros(shape), np.float64 if dtype is None else dtype)


def ones(shape: Any, dtype: Any = None) -> BallArray:
    return BallArray.of(np.ones(shape), np.float64 if dtype is None else dtype)


def full(shape: Any, value: Any, dtype: Any = None) -> BallArray:
    dtype = np.dtype(np.float64 if dtype is None else dtype)
    data = np.empty(shape, object)
    data[...] = elements(value, dtype)
    return BallArray(data, dtype)


def zeros_like(x: Any, dtype: Any = None, **_shape: Any) -> Any:
    return _like(x, 0, dtype)


def ones_like(x: Any, dtype: Any = None, **_shape: Any) -> Any:
    return _like(x, 1, dtype)


def full_like(x: Any, value: Any, dtype: Any = None, **_shape: Any) -> Any:
    return _like(x, value, dtype)


empty_like, empty = zeros_like, zeros


def _like(x: Any, value: Any, dtype: Any) -> Any:
    dtype = np.dtype(dtype or x.dtype)
    return np.full(np.shape(x), value, dtype) if dtype.kind in "biu" else full(x.shape, value, dtype)


def eye(n: int, m: int | None = None, k: int = 0, dtype: Any = None) -> BallArray:
    return BallArray.of(np.eye(n, m, k), np.float64 if dtype is None else dtype)


def put(x: BallArray, index: Any, values: Any, accumulate: bool = False) -> BallArray:
    """A copy of `x` in which the elements at `index` are replaced by `values`, or have them added."""
    y = x.data.copy()
    if accumulate:
        np.add.at(y, index, elements(values, x.dtype))
    else:
        y[index] = elements(values, x.dtype)
    return BallArray(y, x.dtype)


def unfold_view(x: BallArray, dimension: int, size: int, step: int) -> Any:
    """Windows along one dimension, as a last dimension."""
    if not isinstance(x, BallArray):
        return numpy_backend.unfold_view(x, dimension, size, step)
    return BallArray(numpy_backend.unfold_view(x.data, dimension, size, step), x.dtype)


def as_strided_view(x: BallArray, size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> BallArray:
    """The elements of the storage of `x` at these strides and this offset, counted in elements."""
    return BallArray(numpy_backend.as_strided_view(x.data, size, stride, offset), x.dtype)


def copy_like(x: BallArray, _template: Any) -> BallArray:
    """A copy of `x`; layout means nothing to balls."""
    return x.copy()


def put_along_axis(x: BallArray, index: Any, values: Any, axis: int) -> None:
    np.put_along_axis(x.data, index, balls(values, x.dtype), axis)


def pad(x: BallArray, width: Any, mode: str = "constant", constant_values: Any = 0) -> BallArray:
    if mode != "constant":
        return BallArray(np.pad(x.data, width, mode=mode), x.dtype)
    return BallArray(np.pad(x.data, width, constant_values=literal_ball(constant_values, x.dtype)), x.dtype)


def literal_ball(value: Any, dtype: Any) -> Any:
    return balls(value, dtype)[()]


def may_share_memory(a: Any, b: Any) -> bool:
    return np.may_share_memory(getattr(a, "data", a), getattr(b, "data", b))


shares_memory = may_share_memory


def shape(x: Any) -> tuple[int, ...]:
    return x.shape


def ndim(x: Any) -> int:
    return x.ndim


def array_equal(a: Any, b: Any) -> bool:
    return a.shape == b.shape and bool(np.all(equal(a, b)))


def where(condition: Any, a: Any, b: Any) -> BallArray:
    """Elements of `a` where the condition holds, of `b` elsewhere."""
    dtype = result_dtype(a, b)
    condition = condition if isinstance(condition, (np.ndarray, np.generic, bool)) else condition != 0
    return BallArray(np.where(condition, balls(a, dtype), balls(b, dtype)), dtype)


def tril(x: Any, k: int = 0) -> Any:
    """The part of matrices on and below a diagonal."""
    return where(np.tri(*x.shape[-2:], k=k, dtype=bool), x, 0) if isinstance(x, BallArray) else np.tril(x, k)


def triu(x: Any, k: int = 0) -> Any:
    """The part of matrices on and above a diagonal."""
    return where(np.tri(*x.shape[-2:], k=k - 1, dtype=bool), 0, x) if isinstance(x, BallArray) else np.triu(x, k)


def diag(x: BallArray, k: int = 0) -> BallArray:
    """The diagonal of a matrix, or the matrix of a diagonal."""
    if x.ndim != 1:
        return BallArray(np.diagonal(x.data, k).copy(), x.dtype)
    n = x.size + np.abs(k)
    y = zeros((n, n), x.dtype)
    i = np.arange(x.size)
    y.data[i + (-k if k < 0 else 0), i + (k if k > 0 else 0)] = x.data
    return y


def _structure(function: Callable[..., Any]) -> Callable[..., Any]:
    def moved(x: Any, *args: Any, **options: Any) -> Any:
        if not isinstance(x, BallArray):
            return function(x, *args, **options)
        return BallArray(np.asarray(function(x.data, *args, **options), object), x.dtype)

    return moved


def _joining(function: Callable[..., Any]) -> Callable[..., Any]:
    def joined(xs: Any, *args: Any, **options: Any) -> BallArray:
        dtype = result_dtype(*xs)
        return BallArray(function([balls(x, dtype) for x in xs], *args, **options), dtype)

    return joined


def _splitting(function: Callable[..., Any]) -> Callable[..., Any]:
    def parts(x: BallArray, *args: Any, **options: Any) -> list[BallArray]:
        return [BallArray(part, x.dtype) for part in function(x.data, *args, **options)]

    return parts


take_along_axis = _structure(np.take_along_axis)
_STRUCTURE = (
    "reshape transpose permute_dims swapaxes moveaxis squeeze expand_dims broadcast_to ravel flip roll rot90 repeat tile take "
    "diagonal atleast_1d atleast_2d atleast_3d fliplr flipud delete compress extract"
)
_JOINING = "concatenate concat stack hstack vstack dstack column_stack"
_SPLITTING = "split array_split unstack hsplit vsplit dsplit"
_NOT_NUMBERS = (
    "arange indices meshgrid broadcast_shapes result_type dtype finfo iinfo float64 float32 float16 int64 int32 bool_ "
    "complex64 complex128 ndindex unravel_index ravel_multi_index tril_indices triu_indices tril_indices_from "
    "triu_indices_from issubdtype floating integer complexfloating errstate s_ ix_ index_exp nonzero bincount"
)
globals().update({name: _structure(getattr(np, name)) for name in _STRUCTURE.split()})
globals().update({name: _joining(getattr(np, name)) for name in _JOINING.split()})
globals().update({name: _splitting(getattr(np, name)) for name in _SPLITTING.split()})
globals().update({name: getattr(np, name) for name in _NOT_NUMBERS.split()})
