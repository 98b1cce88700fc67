"""A stand-in for CuPy on machines without a GPU: `install` puts it where `import cupy` finds it.

The backend of refgrad runs on it line by line as on CuPy. Its arrays hold NumPy arrays and show them to no one: they
refuse to mix with NumPy arrays, or with arrays of another device, and write down whatever crosses between host and
device. It has the names, parameters and element types that CuPy has (`cupy-14.json`), and no others.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import json
import operator
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import ml_dtypes
import numpy as np
import scipy.special

OFFERED = json.loads(Path(__file__).with_name("cupy-14.json").read_text())
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
_CHARS = {"E": BFLOAT16}
crossings: list[tuple[str, tuple[int, ...]]] = []
"""What crossed between host and device: the direction, and the shape."""
limits = {"bytes": 1 << 30}
"""The largest array that there is memory for."""
_current = [0]


class Refused(TypeError):
    """An array of the host, or of another device, where one of this device is needed."""


class OutOfMemoryError(MemoryError):
    """CuPy's error for an allocation that does not fit."""


class Memory:
    """One allocation, known by the array that fills it."""

    def __init__(self, root: np.ndarray) -> None:
        self.root, self.size = root, root.nbytes
        self.ptr = root.__array_interface__["data"][0]


class MemoryPointer:
    """A place in an allocation."""

    def __init__(self, mem: Memory, offset: int) -> None:
        self.mem, self._offset = mem, offset

    @property
    def ptr(self) -> int:
        return self.mem.ptr + self._offset


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

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or ufunc.__name__ not in OFFERED[""]:
            return NotImplemented
        return element_wise(ufunc.__name__, getattr(np, ufunc.__name__))(*inputs, **options)

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
    _allocator[0](size)


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


# --- functions --------------------------------------------------------------------------------------------------------


def element_wise(name: str, function: Callable[..., Any], loops: list[str] | None = None) -> Callable[..., Any]:
    """The function, for the types of elements that CuPy computes it for."""
    loops = OFFERED[""][name] if loops is None else loops

    def computed(*args: Any, **options: Any) -> Any:
        hosts = [host_of(a) for a in args]
        dtypes = [h.dtype if isinstance(h, (np.ndarray, np.generic)) else None for h in hosts]
        if not any(_takes(loop.partition("->")[0], dtypes) for loop in loops):
            raise TypeError(f"Wrong type ({dtypes}) of arguments for cupy_{name}")
        if BFLOAT16 in dtypes:  # which CuPy computes in float32, and rounds
            hosts = [h.astype(np.float32) if getattr(h, "dtype", None) == BFLOAT16 else h for h in hosts]
            with np.errstate(all="ignore"):
                y = np.asarray(function(*hosts, **options))
            return wrap(y.astype(BFLOAT16) if y.dtype == np.float32 else y)
        with np.errstate(all="ignore"):
            return wrap(function(*hosts, **options), *args)

    computed.__name__ = name
    return computed


def _takes(chars: str, dtypes: list[Any]) -> bool:
    return len(chars) == len(dtypes) and all(
        d is None or ((d == BFLOAT16) == (c == "E") and (c == "E" or np.can_cast(d, np.dtype(c))))
        for c, d in zip(chars, dtypes, strict=True)
    )


def by_signature(name: str, function: Callable[..., Any], parameters: list[str]) -> Callable[..., Any]:
    """The function with CuPy's parameters only; arrays that it makes hold no number of NumPy."""

    def called(*args: Any, **options: Any) -> Any:
        unknown = [k for k in options if k not in parameters and k != "constant_values"]
        if unknown:
            raise TypeError(f"cupy.{name}() got an unexpected keyword argument {unknown[0]!r}")
        with np.errstate(all="ignore"):
            y = function(*map(host_of, args), **{k: host_of(v) for k, v in options.items()})
        if hasattr(y, "_fields"):
            y = tuple(y)
        flat = [v for a in args for v in (a if isinstance(a, (tuple, list)) else [a])]
        return wrap(y, *flat)

    called.__name__ = name
    return called


_NUMPY = {"max": np.max, "amax": np.amax, "size": np.size}


def _made(group: str, name: str, source: Any) -> Any:
    described = OFFERED[group].get(name)
    function = getattr(source, name, None)
    if described is None or function is None:
        raise AttributeError(f"CuPy has no {name!r}")
    if described and "->" in described[0]:
        return element_wise(name, function, described)
    return by_signature(name, function, described)


class _Module(types.ModuleType):
    """A module whose functions are made when they are asked for."""

    def __init__(self, name: str, group: str, source: Any) -> None:
        super().__init__(name)
        self.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
        self.__path__: list[str] = []
        self._group, self._source = group, source

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = _made(self._group, name, self._source)
        setattr(self, name, found)
        return found


def array(obj: Any, dtype: Any = None, copy: bool = True, order: str = "K") -> Any:
    """An array of the device, copied from the host or from another."""
    if isinstance(obj, ndarray):
        return wrap(np.array(host_of(obj), dtype, order=order))
    if isinstance(obj, (tuple, list)):
        obj = np.array(obj)
    elif not isinstance(obj, (np.ndarray, np.generic, bool, int, float, complex)):
        raise Refused(f"Unsupported type {type(obj)}")
    crossings.append(("to device", np.shape(obj)))
    return wrap(np.array(obj, dtype, order=order))


def asarray(a: Any, dtype: Any = None, order: Any = None) -> Any:
    """The array itself, if it lies on the device and is of the dtype."""
    if isinstance(a, ndarray) and (dtype is None or a.dtype == np.dtype(dtype)):
        host_of(a)
        return a
    return array(a, dtype)


def asnumpy(a: Any) -> np.ndarray:
    """A copy on the host."""
    return a.get() if isinstance(a, ndarray) else np.asarray(a)


def where(condition: Any, x: Any, y: Any) -> Any:
    """Of `x` where the condition holds, else of `y`."""
    if not isinstance(condition, ndarray):
        raise Refused(f"the condition is of type {type(condition).__name__}")
    return wrap(np.where(host_of(condition).astype(bool), host_of(x), host_of(y)))


def clip(a: Any, a_min: Any, a_max: Any) -> Any:
    """The elements between two bounds."""
    if a.dtype.kind == "c":
        raise TypeError("clip of complex numbers")
    return wrap(np.clip(host_of(a), host_of(a_min), host_of(a_max)))


def scatter_add(a: ndarray, slices: Any, value: Any) -> None:
    """Adds values at places that may be one."""
    a.scatter_add(slices, value)


def as_strided(x: ndarray, shape: Any = None, strides: Any = None) -> ndarray:
    """A view with these strides."""
    return ndarray(shape, x.dtype, x.data, strides)


# --- methods and operators --------------------------------------------------------------------------------------------


def _method(name: str) -> Callable[..., Any]:
    def method(self: ndarray, *args: Any, **options: Any) -> Any:
        with np.errstate(all="ignore"):
            return wrap(getattr(host_of(self), name)(*map(host_of, args), **options), self)

    return method


for _name in (
    "all any argmax argmin argsort copy max min nonzero ravel reshape squeeze sum swapaxes transpose"
).split():
    setattr(ndarray, _name, _method(_name))


def _astype(self: ndarray, dtype: Any, copy: bool = True) -> Any:
    return wrap(host_of(self).astype(dtype, copy=copy), self)


ndarray.astype = _astype

_OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "power", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor",
    "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
}  # fmt: skip


def _operator(name: str, *, reflected: bool = False) -> Callable[..., Any]:
    function = element_wise(name, getattr(np, name))

    def apply(self: ndarray, other: Any) -> Any:
        if not isinstance(other, (ndarray, bool, int, float, complex, np.generic)):
            if isinstance(other, np.ndarray):
                raise Refused(f"Unsupported type {type(other)}")
            return NotImplemented
        return function(other, self) if reflected else function(self, other)

    return apply


for _key, _name in _OPERATORS.items():
    setattr(ndarray, f"__{_key}__", _operator(_name))
    setattr(ndarray, f"__r{_key}__", _operator(_name, reflected=True))
for _key, _name in {"neg": "negative", "invert": "invert", "abs": "absolute"}.items():
    setattr(ndarray, f"__{_key}__", element_wise(_name, getattr(np, _name)))
ndarray.__matmul__ = lambda self, other: wrap(operator.matmul(host_of(self), host_of(other)))


def _in_place(self: ndarray, other: Any) -> ndarray:
    self._host += host_of(other)
    return self


ndarray.__iadd__ = _in_place


# --- the modules ------------------------------------------------------------------------------------------------------


class Event:
    """A mark in a stream."""

    done = True

    def __init__(self, block: bool = False, disable_timing: bool = False) -> None:
        self._stream: Any = None

    def record(self, stream: Any = None) -> None:
        self._stream = stream

    def synchronize(self) -> None:
        """All is done at once."""


class Stream:
    """A queue of work; here all work is done at once."""

    null: ClassVar[Any] = None
    _current: ClassVar[list[Any]] = []

    def __init__(self, null: bool = False, non_blocking: bool = False) -> None:
        self._waited_for: list[Any] = []

    def __enter__(self) -> Stream:
        Stream._current.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        Stream._current.pop()

    def record(self, event: Event) -> None:
        event.record(self)

    def wait_event(self, event: Event) -> None:
        self._waited_for.append(event._stream)

    def synchronize(self) -> None:
        """All is done at once."""


Stream.null = Stream(null=True)


class Device:
    """The device."""

    compute_capability = "90"

    def __init__(self, device: int = 0) -> None:
        self.id = device

    def synchronize(self) -> None:
        """All is done at once."""


class _Pool:
    """What hands out memory, and keeps what is given back."""

    def malloc(self, size: int) -> None:
        if size > limits["bytes"]:
            raise OutOfMemoryError(size)

    def used_bytes(self) -> int:
        return 1024

    def total_bytes(self) -> int:
        return 2048

    def free_all_blocks(self) -> None:
        """There are none."""


_pool = _Pool()
_allocator = [_pool.malloc]


def _runtime() -> types.SimpleNamespace:
    return types.SimpleNamespace(
        getDeviceCount=lambda: 1,
        runtimeGetVersion=lambda: 13000,
        driverGetVersion=lambda: 13000,
        memGetInfo=lambda: (1 << 29, 1 << 30),
        getDeviceProperties=lambda _device: {"name": b"stand-in"},
    )


def _cuda() -> types.SimpleNamespace:
    """`cupy.cuda`, fresh: tests break it."""
    _allocator[:] = [_pool.malloc]
    return types.SimpleNamespace(
        get_allocator=lambda: _allocator[0],
        set_allocator=lambda f: _allocator.__setitem__(0, f),
        memory=types.SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
        runtime=_runtime(),
        get_current_stream=lambda: Stream._current[-1] if Stream._current else Stream.null,
        get_elapsed_time=lambda _start, _end: 0.0,
        **{c.__name__: c for c in (Device, Event, MemoryPointer, Stream)},
    )


def modules() -> dict[str, types.ModuleType]:
    """`cupy`, `cupyx` and what refgrad imports of them, by name."""
    cupy = _Module("cupy", "", np)
    cupy.__version__ = "14.2.0"
    cupy.ndarray, cupy.cuda, cupy.get_default_memory_pool = ndarray, _cuda(), lambda: _pool
    for function in (array, asarray, asnumpy, where, clip):
        setattr(cupy, function.__name__, function)
    cupy.linalg, cupy.fft = _Module("cupy.linalg", "linalg", np.linalg), _Module("cupy.fft", "fft", np.fft)
    cupy.lib = types.SimpleNamespace(stride_tricks=types.SimpleNamespace(as_strided=as_strided))
    for name in ("pi", "e", "inf", "nan", "newaxis", "finfo", "iinfo", "errstate"):
        if name != "errstate":
            setattr(cupy, name, getattr(np, name))
    cupy.result_type = lambda *xs: np.result_type(*map(host_of, xs))
    for name in ("uint8", "int64", "int32", "float32", "float64", "complex64", "complex128", "bool_", "dtype"):
        setattr(cupy, name, getattr(np, name))
    cupyx = _Module("cupyx", "", None)
    cupyx.scatter_add, cupyx.errstate = scatter_add, lambda **_: contextlib.nullcontext()
    scipy_ = _Module("cupyx.scipy", "", None)
    scipy_.special = _Module("cupyx.scipy.special", "special", scipy.special)
    cupyx.scipy = scipy_
    return {"cupy": cupy, "cupyx": cupyx, "cupyx.scipy": scipy_, "cupyx.scipy.special": scipy_.special}


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Within it `import cupy`, and with it refgrad's CUDA device, is the stand-in; afterwards all is as before."""
    from refgrad import backends
    from refgrad.backends import devices

    ours = [name for name in sys.modules if name.partition(".")[0] in ("cupy", "cupyx") or name == _BACKEND]
    before = {name: sys.modules.pop(name) for name in ours}
    types_, abroad = dict(backends._BY_TYPE), set(backends._abroad)
    sys.modules.update(modules())
    devices.cuda.cache_clear()
    try:
        yield
    finally:
        for name in [*modules(), _BACKEND]:
            sys.modules.pop(name, None)
        sys.modules.update(before)
        devices.cuda.cache_clear()
        for registry, old in ((backends._BY_TYPE, types_), (backends._abroad, abroad)):
            registry.clear()
            registry.update(old)
        crossings.clear()


_BACKEND = "refgrad.backends.cupy"
