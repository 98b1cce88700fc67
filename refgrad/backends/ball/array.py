"""Arrays of balls, with NumPy's indexing and shared views; booleans and indices stay NumPy arrays.

Python's operators are mounted on them by `operators`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from flint import acb, arb

from refgrad.backends.ball.arithmetic import decide, literal, underflow, widen, widens
from refgrad.errors import Undecided


class BallArray:
    """A NumPy array of balls that stands for an array of `dtype`; the balls are exact reals or enclosures of reals.

    >>> x = BallArray.of(np.array([1.0, 2.0]))
    >>> (x * 3 > 4).tolist()
    [False, True]
    """

    __slots__ = ("data", "dtype")
    __array_ufunc__ = None  # NumPy arrays on the left hand over to the reflected operators

    def __init__(self, data: Any, dtype: Any = np.float64) -> None:
        self.data = data if isinstance(data, np.ndarray) else zero_dimensional(data)
        self.dtype = np.dtype(dtype)

    @classmethod
    def of(cls, x: Any, dtype: Any = None, *, relative_radius: float = 0.0) -> BallArray:
        """The array, each element exact or of this relative radius."""
        if isinstance(x, BallArray):
            return x if dtype is None else BallArray(x.data, dtype)
        x = np.asarray(x)
        balls = np.empty(x.shape, object)
        factor = arb(1, relative_radius) if relative_radius else None
        for i, v in np.ndenumerate(x):
            ball = (
                acb(v.real.item(), v.imag.item())
                if x.dtype.kind == "c"
                else arb(v.item() if x.dtype.kind != "b" else int(v))
            )
            balls[i] = ball if factor is None else ball * factor
        return cls(balls, x.dtype if dtype is None else dtype)

    # what an array is asked

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    @property
    def ndim(self) -> int:
        return self.data.ndim

    @property
    def size(self) -> int:
        return self.data.size

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def strides(self) -> tuple[int, ...]:
        return tuple(s // 8 * self.dtype.itemsize for s in self.data.strides)  # object arrays hold 8-byte pointers

    @property
    def flags(self) -> Any:
        return self.data.flags

    @property
    def base(self) -> Any:
        return self.data.base

    @property
    def T(self) -> BallArray:
        return BallArray(self.data.T, self.dtype)

    @property
    def real(self) -> BallArray:
        return _parts(self, lambda x: x.real) if self.dtype.kind == "c" else self

    @property
    def imag(self) -> BallArray:
        return _parts(self, lambda x: x.imag)

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[BallArray]:
        return (self[i] for i in range(len(self.data)))

    def __getitem__(self, index: Any) -> BallArray:
        return BallArray(self.data[index], self.dtype)

    def __setitem__(self, index: Any, value: Any) -> None:
        self.data[index] = elements(value, self.dtype)

    def reshape(self, *shape: Any) -> BallArray:
        return BallArray(self.data.reshape(*shape), self.dtype)

    def transpose(self, *axes: Any) -> BallArray:
        return BallArray(self.data.transpose(*axes), self.dtype)

    def copy(self, order: str = "C") -> BallArray:
        return BallArray(self.data.copy(order), self.dtype)

    def astype(self, dtype: Any, *, copy: bool = True) -> Any:
        """A copy that stands for another dtype; balls are not rounded, booleans and integers are decided."""
        dtype = np.dtype(dtype)
        if dtype.kind == "b":
            return self != 0
        if dtype.kind in "iu":
            return decide("astype", self.shape, lambda: _integers(self, dtype))
        if dtype.kind == "c" and self.dtype.kind != "c":
            return BallArray(each(acb, self.data), dtype)
        source = self.real if dtype.kind != "c" else self
        return BallArray(source.data.copy() if copy else source.data, dtype)

    def __array__(self, *_args: Any, **_kw: Any) -> Any:
        raise TypeError("an array of balls has no NumPy values; use midpoints() or radii()")

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __repr__(self) -> str:
        return f"BallArray({self.data.tolist()!r}, {self.dtype.name})"

    # what is read of the enclosures

    def midpoints(self) -> BallArray:
        """Exact balls at the midpoints."""
        return BallArray(each(lambda x: x.mid(), self.data), self.dtype)

    def radii(self) -> np.ndarray:
        """The radii as floats, rounded up."""
        return np.asarray(np.frompyfunc(_radius, 1, 1)(self.data), np.float64)


def balls(x: Any, dtype: Any) -> np.ndarray:
    """The NumPy array of balls behind `x`: an array of balls, a NumPy array, or a Python number next to `dtype`."""
    if isinstance(x, BallArray):
        return x.data
    if isinstance(x, (np.ndarray, np.generic)):
        return BallArray.of(x).data
    return zero_dimensional(literal(x, np.dtype(dtype)))


def elements(x: Any, dtype: Any) -> Any:
    """What to assign to elements: NumPy would store an array without dimensions as an object of its own."""
    found = balls(x, dtype)
    return found if found.ndim else found[()]


def result_dtype(*xs: Any) -> np.dtype:
    """The dtype of a result: that of the arrays; Python numbers follow them, booleans and integers give way."""
    kinds = [x.dtype for x in xs if isinstance(x, BallArray)]
    kinds += [x.dtype for x in xs if isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc"]
    found = np.result_type(*kinds) if kinds else np.dtype(np.float64)
    if any(isinstance(x, complex) for x in xs) and found.kind != "c":
        return np.result_type(found, np.complex64)
    return found


def elementwise(f: Callable[..., Any], *xs: Any, dtype: Any = None, exact: bool = False) -> BallArray:
    """`f` of each element, widened where results stand for floating point (`exact`: nothing is rounded)."""
    dtype = result_dtype(*xs) if dtype is None else dtype
    values = zero_dimensional(np.frompyfunc(f, len(xs), 1)(*(balls(x, dtype) for x in xs)))
    return BallArray(values if exact or not widens() else each(widen, values), dtype)


def finished(values: Any, dtype: Any) -> BallArray:
    """The outcome of sums and products: what NumPy gives of no elements made balls, underflow widened."""
    values = zero_dimensional(values)
    kind = acb if np.dtype(dtype).kind == "c" else arb
    values = each(lambda v: v if isinstance(v, kind) else kind(v), values)
    return BallArray(each(underflow, values) if widens() else values, dtype)


def evaluated(values: np.ndarray, dtype: Any) -> BallArray:
    """The values of a function, widened by what floating point rounds off them."""
    y = finished(values, dtype)
    return BallArray(each(widen, y.data), y.dtype) if widens() and y.size else y


def zero_dimensional(x: Any) -> np.ndarray:
    """`x` as an object array: NumPy gives the element itself where an array has no dimensions."""
    if isinstance(x, np.ndarray):
        return x
    held = np.empty((), object)
    held[()] = x
    return held


def each(f: Callable[[Any], Any], data: np.ndarray) -> np.ndarray:
    return zero_dimensional(np.frompyfunc(f, 1, 1)(data))


def _parts(x: BallArray, part: Callable[[Any], Any]) -> BallArray:
    return BallArray(each(part, x.data), real_dtype(x.dtype))


def real_dtype(dtype: np.dtype) -> np.dtype:
    return {"complex128": np.dtype(np.float64), "complex64": np.dtype(np.float32)}.get(dtype.name, dtype)


def _integers(x: BallArray, dtype: np.dtype) -> np.ndarray:
    return np.frompyfunc(lambda v: int(_exactly(v)), 1, 1)(x.data).astype(dtype)


def _exactly(x: arb) -> float:
    n = x.unique_fmpz()
    if n is None:
        raise Undecided("astype")
    return float(int(n))


def _radius(x: Any) -> float:
    if isinstance(x, acb):
        return max(_radius(x.real), _radius(x.imag))
    if not x.is_finite():
        return float("inf")
    return float(x.rad()) * (1 + 2.0**-50)
