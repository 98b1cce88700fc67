"""Arrays of balls, with Python's operators, NumPy's indexing and shared views; booleans and indices stay NumPy arrays."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from flint import acb, arb

from refgrad.backends.ball_arithmetic import compare, decide, is_nan, literal, underflow, widen, widens


class BallArray:
    """A NumPy array of balls that stands for an array of `dtype`; the balls are exact reals or enclosures of reals.

    >>> x = BallArray.of(np.array([1.0, 2.0]))
    >>> (x * 3 > 4).tolist()
    [False, True]
    """

    __slots__ = ("data", "dtype")
    __array_ufunc__ = None  # NumPy arrays on the left hand over to the reflected operators

    def __init__(self, data: Any, dtype: Any = np.float64) -> None:
        self.data = data if isinstance(data, np.ndarray) else _zero_dimensional(data)
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
            return BallArray(_each(acb, self.data), dtype)
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
        return BallArray(_each(lambda x: x.mid(), self.data), self.dtype)

    def radii(self) -> np.ndarray:
        """The radii as floats, rounded up."""
        return np.asarray(np.frompyfunc(_radius, 1, 1)(self.data), np.float64)

    def __neg__(self) -> BallArray:
        return BallArray(-self.data, self.dtype)

    def __pos__(self) -> BallArray:
        return self

    def __abs__(self) -> BallArray:
        return BallArray(_each(abs, self.data), _real_dtype(self.dtype))

    def __add__(self, other: Any) -> Any:
        return _arithmetic(operator.add, self, other)

    def __radd__(self, other: Any) -> Any:
        return _arithmetic(operator.add, other, self)

    def __sub__(self, other: Any) -> Any:
        return _arithmetic(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return _arithmetic(operator.sub, other, self)

    def __mul__(self, other: Any) -> Any:
        return _arithmetic(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Any:
        return _arithmetic(operator.mul, other, self)

    def __truediv__(self, other: Any) -> Any:
        return _arithmetic(_quotient, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _arithmetic(_quotient, other, self)

    def __pow__(self, other: Any) -> Any:
        return power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return power(other, self)

    def __matmul__(self, other: Any) -> Any:
        return _arithmetic(np.matmul, self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _arithmetic(np.matmul, other, self)

    def __iadd__(self, other: Any) -> BallArray:
        self[...] = self + other
        return self

    def __isub__(self, other: Any) -> BallArray:
        self[...] = self - other
        return self

    def __imul__(self, other: Any) -> BallArray:
        self[...] = self * other
        return self

    def __itruediv__(self, other: Any) -> BallArray:
        self[...] = self / other
        return self

    def __lt__(self, other: Any) -> Any:
        return less(self, other)

    def __le__(self, other: Any) -> Any:
        return less_equal(self, other)

    def __gt__(self, other: Any) -> Any:
        return greater(self, other)

    def __ge__(self, other: Any) -> Any:
        return greater_equal(self, other)

    def __eq__(self, other: object) -> Any:
        return equal(self, other)

    def __ne__(self, other: object) -> Any:
        return not_equal(self, other)

    __hash__ = None  # type: ignore[assignment] - as for NumPy's arrays


def balls(x: Any, dtype: Any) -> np.ndarray:
    """The NumPy array of balls behind `x`: an array of balls, a NumPy array, or a Python number next to `dtype`."""
    if isinstance(x, BallArray):
        return x.data
    if isinstance(x, (np.ndarray, np.generic)):
        return BallArray.of(x).data
    return _zero_dimensional(literal(x, np.dtype(dtype)))


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
    values = _zero_dimensional(np.frompyfunc(f, len(xs), 1)(*(balls(x, dtype) for x in xs)))
    return BallArray(values if exact or not widens() else _each(widen, values), dtype)


def finished(values: Any, dtype: Any) -> BallArray:
    """The outcome of sums and products: what NumPy gives of no elements made balls, underflow widened."""
    values = _zero_dimensional(values)
    values = _each(lambda v: v if isinstance(v, (arb, acb)) else arb(v), values)
    return BallArray(_each(underflow, values) if widens() else values, dtype)


def power(x: Any, p: Any) -> BallArray:
    """`x` to the power `p`; a negative base takes an exponent that is, or encloses, one integer."""
    return elementwise(_power, x, p)


def _power(x: Any, p: Any) -> Any:
    if isinstance(x, acb) or isinstance(p, acb):
        return acb(x) ** acb(p)
    n = p.unique_fmpz()
    if n is not None and (p.is_exact() or not x > 0):
        return arb(1) / x ** -int(n) if n < 0 else x ** int(n)  # the engine's exponent is exact; its ball is not
    if x.is_zero() and p > 0:
        return arb(0)
    return x**p


def _arithmetic(f: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    dtype = result_dtype(a, b)
    x, y = balls(a, dtype), balls(b, dtype)
    return finished(f(x, y), dtype) if widens() or f is np.matmul else BallArray(f(x, y), dtype)


def _quotient(x: Any, y: Any) -> Any:
    return x / y


def _comparison(name: str, yes: Any, no: Any) -> Callable[[Any, Any], np.ndarray]:
    each = np.frompyfunc(compare(name, yes, no), 2, 1)

    def function(a: Any, b: Any) -> np.ndarray:
        if not isinstance(a, BallArray) and not isinstance(b, BallArray):
            return getattr(np, name)(a, b)
        dtype = result_dtype(a, b)
        x, y = _comparable(balls(a, dtype)), _comparable(balls(b, dtype))
        shape = np.broadcast_shapes(x.shape, y.shape)
        return decide(name, shape, lambda: np.asarray(each(x, y)).astype(bool))

    function.__name__ = name
    return function


def _comparable(x: np.ndarray) -> np.ndarray:
    return x


def _equal(a: Any, b: Any) -> bool:
    return bool(a == b)


def _differ(a: Any, b: Any) -> bool:
    return not a.overlaps(b) and not is_nan(a) and not is_nan(b)


less = _comparison("less", lambda a, b: a < b, lambda a, b: a >= b)
less_equal = _comparison("less_equal", lambda a, b: a <= b, lambda a, b: a > b)
greater = _comparison("greater", lambda a, b: a > b, lambda a, b: a <= b)
greater_equal = _comparison("greater_equal", lambda a, b: a >= b, lambda a, b: a < b)
equal = _comparison("equal", _equal, _differ)
not_equal = _comparison("not_equal", _differ, _equal)


def _zero_dimensional(x: Any) -> np.ndarray:
    """`x` as an object array: NumPy gives the element itself where an array has no dimensions."""
    if isinstance(x, np.ndarray):
        return x
    held = np.empty((), object)
    held[()] = x
    return held


def _each(f: Callable[[Any], Any], data: np.ndarray) -> np.ndarray:
    return _zero_dimensional(np.frompyfunc(f, 1, 1)(data))


def _parts(x: BallArray, part: Callable[[Any], Any]) -> BallArray:
    return BallArray(_each(part, x.data), _real_dtype(x.dtype))


def _real_dtype(dtype: np.dtype) -> np.dtype:
    return {"complex128": np.dtype(np.float64), "complex64": np.dtype(np.float32)}.get(dtype.name, dtype)


def _integers(x: BallArray, dtype: np.dtype) -> np.ndarray:
    return np.frompyfunc(lambda v: int(_exactly(v)), 1, 1)(x.data).astype(dtype)


def _exactly(x: arb) -> float:
    from refgrad.errors import Undecided

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
