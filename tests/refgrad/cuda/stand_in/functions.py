"""Functions of CuPy's arrays, with CuPy's names, parameters and element types, computed by NumPy."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.refgrad.cuda.stand_in.array import BFLOAT16, Refused, crossings, host_of, ndarray, wrap

OFFERED = json.loads(Path(__file__).parents[1].joinpath("cupy-14.json").read_text())
"""What CuPy has: see `names`."""


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


def made(group: str, name: str, source: Any) -> Any:
    described = OFFERED[group].get(name)
    function = getattr(source, name, None)
    if described is None or function is None:
        raise AttributeError(f"CuPy has no {name!r}")
    if described and "->" in described[0]:
        return element_wise(name, function, described)
    return by_signature(name, function, described)


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


def _array_ufunc(self: ndarray, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    if method != "__call__" or ufunc.__name__ not in OFFERED[""]:
        return NotImplemented
    return element_wise(ufunc.__name__, getattr(np, ufunc.__name__))(*inputs, **options)


ndarray.__array_ufunc__ = _array_ufunc
