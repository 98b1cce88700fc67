"""Arrays of CuPy, on a CUDA device: every name of `cupy` and, after it, of `cupyx.scipy.special`, with what those two
lack or answer otherwise.

Mirrors `refgrad.backends.numpy`; `refgrad.backends.devices` imports it, once CUDA is asked for. Nothing crosses between
host and device here but by `from_host`, `to_host` and `item`; NumPy arrays in any other place are refused by CuPy.
Positions out of range wrap around, since CuPy does not look.
"""

from __future__ import annotations

import contextlib
import sys
import weakref
from typing import Any

import cupy as cp
import cupyx
import cupyx.scipy.special
import ml_dtypes
import numpy as np

from refgrad.backends import formulas, matrices, numpy, register
from refgrad.backends.cupy_functions import (  # noqa: F401 - what operators ask of this module
    digamma,
    erfinv,
    gammainc,
    gammaincc,
    i0,
    i0e,
    i1,
    i1e,
    linalg,
    logaddexp,
    polygamma,
    sign,
    xlog1py,
    xlogy,
    zeta,
)
from refgrad.errors import OutOfDeviceMemory

ARRAY_TYPES = (cp.ndarray,)
PLAIN_RULES = False
DEVICE = "cuda:0"
VERSION = cp.__version__

bfloat16 = np.dtype(ml_dtypes.bfloat16)
broadcast_shapes = np.broadcast_shapes
iv = formulas.bound(sys.modules[__name__], formulas.bessel)["bessel"]
globals().update(
    formulas.bound(
        sys.modules[__name__],
        formulas.bounded,
        formulas.det,
        formulas.lgamma,
        formulas.log_softmax,
        formulas.logsumexp,
        formulas.root_of_powers,
        formulas.sigmoid,
        formulas.softmax,
        matrices.first_minor,
        matrices.lu_factor,
        matrices.matrix_exp,
        matrices.pinv,
        matrices.rank,
        matrices.solve_triangular,
    )
)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    found = getattr(cp, name, None)
    if found is None:
        found = getattr(cupyx.scipy.special, name, None)
    if found is None:
        raise AttributeError(f"neither cupy nor cupyx.scipy.special has {name!r}")
    globals()[name] = found  # so that this is asked once
    return found


# --- between host and device ------------------------------------------------------------------------------------------

_tables: dict[int, tuple[Any, Any]] = {}
"""Tables of positions that were sent before, by the identity of the host's array, which is constant."""


def from_host(x: Any) -> Any:
    """A copy of the host's array on the device."""
    return cp.array(x) if isinstance(x, np.ndarray | np.generic) else x


def _only_read(x: Any) -> Any:
    """The host's array on the device, where nothing writes to it: a table that cannot change on the host is sent once."""
    if not isinstance(x, np.ndarray) or x.base is not None or x.flags.writeable:
        return from_host(x)
    held = _tables.get(id(x))
    if held is None or held[0]() is not x:
        key = id(x)
        held = _tables[key] = weakref.ref(x, lambda _: _tables.pop(key, None)), cp.array(x)
    return held[1]


def to_host(x: Any) -> np.ndarray:
    """A copy of the elements as an array of the host."""
    return cp.asnumpy(x)


def asarray(x: Any, dtype: Any = None) -> Any:
    """`x`, an array of the device or numbers, as an array, 0-d included."""
    if isinstance(x, np.ndarray):
        raise TypeError("an array of the host is sent to the device by `from_host` only")
    return cp.asarray(x, dtype)


# --- numbers ----------------------------------------------------------------------------------------------------------


def errstate(**_: Any) -> Any:
    """Nothing: a device does not warn."""
    return contextlib.nullcontext()


def cast(x: Any, dtype: Any) -> Any:
    """A copy of `x` in `dtype`; the imaginary part is dropped without a warning where `dtype` is real."""
    dtype = getattr(dtype, "array", dtype)
    if x.dtype.kind == "c" and np.dtype(dtype).kind not in "cb":
        x = x.real
    return x.astype(dtype)


# --- moving elements --------------------------------------------------------------------------------------------------


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum."""
    return cp.sum(x, axis=axis, keepdims=keepdims)


def sum_to(x: Any, shape: tuple[int, ...]) -> Any:
    """`x` summed over the dimensions by which `shape` was broadcast to it."""
    lead = x.ndim - len(shape)
    axes = (*range(lead), *[i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1])
    return cp.reshape(cp.sum(x, axis=axes), shape) if axes else x


def may_share_memory(x: Any, y: Any) -> bool:
    """Whether both lie in the same allocation, as a view and what it is made of do."""
    return x.data.mem is y.data.mem


def put(x: Any, index: Any, values: Any, accumulate: bool = False) -> Any:
    """A copy of `x` in which the elements at `index` are replaced by `values`, or have them added."""
    y = x.copy()
    index = tuple(map(_only_read, index)) if isinstance(index, tuple) else _only_read(index)
    if not accumulate:
        y[index] = values
        return y
    values = asarray(values, y.dtype)
    if y.dtype.kind == "c":  # the parts are views
        cupyx.scatter_add(y.real, index, values.real)
        cupyx.scatter_add(y.imag, index, values.imag)
    elif y.dtype.kind in "iub":  # CuPy adds unsigned numbers of 4 or 8 bytes, whose sums have the same bits
        wide = f"u{max(y.itemsize, 4)}"
        total = y.astype(wide)
        cupyx.scatter_add(total, index, values.astype(wide))
        y = total.astype(y.dtype)
    else:
        cupyx.scatter_add(y, index, values)
    return y


def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """The slices of `x` at positions along an axis."""
    return cp.take(x, _only_read(indices), axis=axis)


def take_along_axis(x: Any, indices: Any, axis: int) -> Any:
    """The elements of `x` at positions along an axis."""
    return cp.take_along_axis(x, _only_read(indices), axis)


def reshape(x: Any, shape: tuple[int, ...]) -> Any:
    """The elements of `x` in another shape."""
    return asarray(x).reshape(shape)


def broadcast_to(x: Any, shape: tuple[int, ...]) -> Any:
    """A view of `x` with repeated dimensions."""
    return cp.broadcast_to(asarray(x), shape)


def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Zeros of the shape of `x`, in row-major order."""
    return cp.zeros(x.shape, dtype or x.dtype)


def copy_like(x: Any, template: Any) -> Any:
    """A copy of `x`, laid out as `template` is if that has no gaps."""
    if template.flags.c_contiguous or template.shape != x.shape or not numpy.is_dense(template) or not x.size:
        return cp.array(x, order="C")
    steps = tuple(s // template.itemsize * x.itemsize for s in template.strides)
    y = cp.ndarray(x.shape, x.dtype, cp.empty(x.size, x.dtype).data, steps)
    y[...] = x
    return y


def array(x: Any, dtype: Any = None, order: str = "K") -> Any:
    """A copy of `x`."""
    return cp.array(x, dtype, order=order) if not isinstance(x, np.ndarray) else asarray(x)


def unique(x: Any) -> Any:
    """The different elements in order."""
    return cp.unique(x)


def nonzero(x: Any) -> Any:
    """The positions of what is not zero, one array for each dimension."""
    return cp.nonzero(x)


# --- views ------------------------------------------------------------------------------------------------------------


def address(x: Any) -> int:
    """Where the first element lies in the memory of the device."""
    return x.data.ptr


def storage(x: Any) -> tuple[int, int]:
    """Where the allocation that `x` lies in begins, and the length in bytes of the array that filled it."""
    owner = x if x.base is None else x.base
    memory = x.data.mem
    is_whole = owner.data.ptr == memory.ptr and owner.flags.c_contiguous
    return memory.ptr, owner.nbytes if is_whole else memory.size


def make_writable(_x: Any) -> None:
    """Nothing: every array of the device can be written to."""


def as_strided_view(x: Any, size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> Any:
    """The elements of the storage of `x` at these strides and this offset, counted in elements."""
    numpy.check_strides(size, stride, offset, x.itemsize, storage(x)[1])
    start = cp.cuda.MemoryPointer(x.data.mem, offset * x.itemsize)
    return cp.ndarray(size, x.dtype, start, tuple(s * x.itemsize for s in stride))


def unfold_view(x: Any, dimension: int, size: int, step: int) -> Any:
    """Windows along one dimension, as a last dimension."""
    if not x.ndim:
        return cp.reshape(x, (size,))
    dimension %= x.ndim
    count = (x.shape[dimension] - size) // step + 1
    shape = (*x.shape[:dimension], count, *x.shape[dimension + 1 :], size)
    steps = list(x.strides)
    steps[dimension] *= step
    return cp.lib.stride_tricks.as_strided(x, shape, (*steps, x.strides[dimension]))


def pairs(x: Any) -> Any:
    """Complex numbers as pairs of reals along a new last dimension, sharing memory."""
    real = np.dtype(f"f{x.itemsize // 2}")
    return cp.lib.stride_tricks.as_strided(x.real, (*x.shape, 2), (*x.strides, real.itemsize))


def unpaired(x: Any) -> Any:
    """Pairs of reals along the last dimension as complex numbers, sharing memory where they lie side by side."""
    return cp.ascontiguousarray(x).view(np.dtype(f"c{x.itemsize * 2}"))[..., 0]


# --- the memory of the device -----------------------------------------------------------------------------------------

_before = cp.cuda.get_allocator()


def _allocate(size: int) -> Any:
    try:
        return _before(size)
    except cp.cuda.memory.OutOfMemoryError as error:
        free, total = cp.cuda.runtime.memGetInfo()
        raise OutOfDeviceMemory(size, free, total) from error


cp.cuda.set_allocator(_allocate)
register(sys.modules[__name__], *ARRAY_TYPES)
