"""An array of the standard inside one of ours, which has NumPy's dtypes and the operators of Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refgrad.errors import NotInTheStandard


class Carried:
    """An array of the standard, with NumPy's dtype; each backend has a class of its own."""

    __slots__ = ("data", "dtype")
    __array_ufunc__ = None  # NumPy's arrays leave the operators to this class, which refuses them
    __hash__ = None
    backend: Any  # of the array's namespace and device

    def __init__(self, data: Any) -> None:
        self.data, self.dtype = data, self.backend.numpy_dtype(data.dtype)

    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)
    size = property(lambda self: self.data.size)
    itemsize = property(lambda self: self.dtype.itemsize)
    nbytes = property(lambda self: self.size * self.itemsize)
    strides = property(lambda self: np.empty(self.shape, self.dtype).strides)
    T = property(lambda self: self.backend.transpose(self))
    real = property(lambda self: self.backend.real(self) if self.dtype.kind == "c" else self)
    imag = property(lambda self: self.backend.imag(self) if self.dtype.kind == "c" else self * 0)

    def __getitem__(self, index: Any) -> Any:
        index = index if isinstance(index, tuple) else (index,)
        if any(isinstance(i, Carried) for i in index) and len(index) != self.ndim:
            raise NotInTheStandard("indexing with an array and fewer indices than dimensions")
        if not any(i is Ellipsis or isinstance(i, Carried) for i in index):
            index = (*index, Ellipsis)
        return type(self)(self.data[self.backend.bare(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        value = self.backend.asarray(value, self.dtype)
        index = index if isinstance(index, tuple) else (index,)
        if not any(i is Ellipsis or isinstance(i, Carried) for i in index):
            index = (*index, Ellipsis)
        self.data[self.backend.bare(index)] = value.data

    def astype(self, dtype: Any) -> Any:
        return type(self)(self.backend.standard.astype(self.data, self.backend.dtype(dtype)))

    def reshape(self, *shape: Any) -> Any:
        return self.backend.reshape(self, shape[0] if len(shape) == 1 else shape)

    def __bool__(self) -> bool:
        return bool(self.data)

    def __int__(self) -> int:
        return int(self.data)

    def __float__(self) -> float:
        return float(self.data)


def _operator(name: str, *, reflected: bool = False) -> Callable[..., Any]:
    def apply(self: Carried, other: Any) -> Any:
        if not isinstance(other, (type(self), bool, int, float, complex)):
            return NotImplemented
        return getattr(self.backend, name)(*((other, self) if reflected else (self, other)))

    return apply


for _key, _name in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "pow", "mod": "remainder",
    "floordiv": "floor_divide", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor", "matmul": "matmul",
}.items():  # fmt: skip
    setattr(Carried, f"__{_key}__", _operator(_name))
    setattr(Carried, f"__r{_key}__", _operator(_name, reflected=True))
for _key, _name in {
    "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
}.items():  # fmt: skip
    setattr(Carried, f"__{_key}__", _operator(_name))
Carried.__neg__ = lambda self: self.backend.negative(self)
Carried.__invert__ = lambda self: self.backend.bitwise_invert(self)
for _name in ("all", "any", "sum", "max", "min", "argmax", "argmin"):
    setattr(Carried, _name, lambda self, *, _f=_name, **options: getattr(self.backend, _f)(self, **options))
