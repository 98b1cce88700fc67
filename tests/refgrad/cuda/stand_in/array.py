"""CuPy's array: it holds one of NumPy's and shows it to no one."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

import ml_dtypes
import numpy as np

from tests.refgrad.cuda.stand_in.driver import Memory, MemoryPointer, allocator

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
crossings: list[tuple[str, tuple[int, ...]]] = []
"""What crossed between host and device: the direction, and the shape."""
_current = [0]


class Refused(TypeError):
    """An array of the host, or of another device, where one of this device is needed."""


class ndarray:  # noqa: N801 - CuPy's name
    """CuPy's array."""

    __slots__ = ("__weakref__", "_device_id", "_host", "_mem", "base")
    __array_priority__ = 100
    __hash__ = None

    def __init__(self, shape: Any, dtype: Any = float, memptr: Any = None, strides: Any = None) -> None:
        if strides is not None and memptr is None:
            raise ValueError("memptr is required if strides is given.")
        self._device_id, self.base = _current[0], None
        if memptr is None:
            allocate(np.dtype(dtype).itemsize * int(np.prod(shape)))
            self._host = np.zeros(shape, dtype)
            self._mem = Memory(self._host)
        else:
            self._mem = memptr.mem
            root = self._mem.root
            flat = (root if root.flags.c_contiguous else root.T).reshape(-1).view(np.uint8)
            plain = np.uint16 if np.dtype(dtype) == BFLOAT16 else dtype  # buffers know no bfloat16
            self._host = np.ndarray(shape, plain, flat, memptr._offset, strides).view(dtype)

    # what it says of itself

    shape = property(lambda self: self._host.shape)
    ndim = property(lambda self: self._host.ndim)
    dtype = property(lambda self: self._host.dtype)
    size = property(lambda self: self._host.size)
    itemsize = property(lambda self: self._host.itemsize)
    nbytes = property(lambda self: self._host.nbytes)
    strides = property(lambda self: self._host.strides)
    data = property(lambda self: MemoryPointer(self._mem, self._host.__array_interface__["data"][0] - self._mem.ptr))
    T = property(lambda self: wrap(self._host.T, self))
    real = property(lambda self: wrap(self._host.real, self))
    imag = property(lambda self: wrap(self._host.imag, self))
    device = property(lambda self: types.SimpleNamespace(id=self._device_id))

    @property
    def flags(self) -> Any:
        flags = self._host.flags
        return types.SimpleNamespace(
            c_contiguous=flags.c_contiguous, f_contiguous=flags.f_contiguous, owndata=self.base is None
        )

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise Refused(
            "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy array "
            "explicitly."
        )

    # what crosses

    def get(self) -> np.ndarray:
        crossings.append(("to host", self.shape))
        return self._host.copy()

    def item(self) -> Any:
        return self.get().item()

    def tolist(self) -> Any:
        return self.get().tolist()

    def __bool__(self) -> bool:
        return bool(self.get())

    def __int__(self) -> int:
        return int(self.get())

    def __float__(self) -> float:
        return float(self.get())

    __index__ = __int__

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    # elements

    def __getitem__(self, index: Any) -> Any:
        return wrap(self._host[_index(index)], self)

    def __setitem__(self, index: Any, value: Any) -> None:
        self._host[_index(index)] = host_of(value)

    def scatter_add(self, index: Any, value: Any) -> None:
        if self.dtype.type not in (np.int32, np.uint32, np.uint64, np.float16, np.float32, np.float64):
            raise TypeError(f"cupyx.scatter_add does not support {self.dtype}")
        np.add.at(self._host, _index(index), host_of(value))

    def view(self, dtype: Any) -> Any:
        return wrap(self._host.view(dtype), self)


def _index(index: Any) -> Any:
    parts = index if isinstance(index, tuple) else (index,)
    found = tuple(_index_part(p) for p in parts)
    return found if isinstance(index, tuple) else found[0]


def _index_part(part: Any) -> Any:
    if isinstance(part, ndarray):
        return host_of(part)
    if part is None or part is Ellipsis or isinstance(part, (int, slice, np.integer)):
        return part
    raise Refused(f"an index of type {type(part).__name__} is not on the device")


def host_of(x: Any) -> Any:
    """The NumPy array inside an array of the current device; numbers as they are; all else is refused."""
    if isinstance(x, ndarray):
        if x._device_id != _current[0]:
            raise Refused(f"Array device must be same as the current device: array device = {x._device_id}")
        return x._host
    if isinstance(x, (tuple, list)):
        return type(x)(host_of(v) for v in x)
    if isinstance(x, np.ndarray):
        raise Refused(f"Unsupported type {type(x)}")
    return x


def allocate(size: int) -> None:
    """Asks whoever hands out memory, as CuPy does for each new array."""
    allocator[0](size)


def wrap(y: Any, *sources: Any) -> Any:
    """What NumPy gave as arrays of the device: views of those that they share memory with, else new ones."""
    if isinstance(y, (tuple, list)):
        return tuple(wrap(part, *sources) for part in y)
    if not isinstance(y, (np.ndarray, np.generic)):
        return y
    y = np.asarray(y)
    made = object.__new__(ndarray)
    made._device_id = _current[0]
    for source in sources:
        if isinstance(source, ndarray) and y.size and np.may_share_memory(y, source._mem.root):
            made._host, made._mem, made.base = y, source._mem, source if source.base is None else source.base
            return made
    if y.base is not None or not (y.flags.c_contiguous or y.flags.f_contiguous):
        y = np.array(y, order="C" if not y.flags.f_contiguous else "F")
    allocate(y.nbytes)
    made._host, made._mem, made.base = y, Memory(y), None
    return made
