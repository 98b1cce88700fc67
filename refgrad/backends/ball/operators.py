"""Python's operators on arrays of balls; powers; comparisons, which have three answers."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from flint import acb, arb

from refgrad.backends.ball.arithmetic import compare, decide, is_nan, widens
from refgrad.backends.ball.array import BallArray, balls, each, elementwise, finished, real_dtype, result_dtype


def calculated(f: Callable[[Any, Any], Any], a: Any, b: Any) -> BallArray:
    """`f` of two operands, of which one may be a number or a NumPy array."""
    dtype = result_dtype(a, b)
    x, y = balls(a, dtype), balls(b, dtype)
    return finished(f(x, y), dtype) if widens() or f is np.matmul else BallArray(f(x, y), dtype)


def power(x: Any, p: Any) -> BallArray:
    """`x` to the power `p`; a negative base takes an exponent that is, or encloses, one integer."""
    return elementwise(_power, x, p)


def _power(x: Any, p: Any) -> Any:
    if isinstance(x, acb) or isinstance(p, acb):
        return _complex_power(acb(x), acb(p))
    n = p.unique_fmpz()
    if n is not None and (p.is_exact() or not x > 0):
        return 1 / _whole_power(x, -int(n)) if n < 0 else _whole_power(x, int(n))  # exact for engines; its ball is not
    if x.is_zero() and p > 0:
        return arb(0)
    return x**p


def _whole_power(x: arb, n: int) -> arb:
    """`x` to an integer power: flint's own, which of balls around zero knows nothing, or else by products."""
    if n < 2:
        return x if n else arb(1)
    y = x**n
    if not y.is_nan() or not x.is_finite():
        return y
    half = _whole_power(x, n // 2)
    return half * half * x if n % 2 else half * half


def _complex_power(x: acb, p: acb) -> acb:
    if p.imag.is_zero() and p.real.is_exact() and p.real.is_integer():
        n = int(p.real.unique_fmpz())
        return 1 / x**-n if n < 0 else x**n
    return acb(0) if x.is_zero() and p.real > 0 else x**p


# comparisons


def _comparison(name: str, yes: Any, no: Any) -> Callable[[Any, Any], np.ndarray]:
    one = np.frompyfunc(compare(name, yes, no), 2, 1)

    def function(a: Any, b: Any) -> np.ndarray:
        if not isinstance(a, BallArray) and not isinstance(b, BallArray):
            return getattr(np, name)(a, b)
        dtype = result_dtype(a, b)
        x, y = balls(a, dtype), balls(b, dtype)
        shape = np.broadcast_shapes(x.shape, y.shape)
        return decide(name, shape, lambda: np.asarray(one(x, y)).astype(bool))

    function.__name__ = name
    return function


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


# what is mounted on the array


def _mount(name: str, f: Callable[[Any, Any], Any], *, in_place: bool = True) -> None:
    def modify(self: BallArray, other: Any) -> BallArray:
        self[...] = calculated(f, self, other)
        return self

    setattr(BallArray, f"__{name}__", lambda self, other: calculated(f, self, other))
    setattr(BallArray, f"__r{name}__", lambda self, other: calculated(f, other, self))
    if in_place:
        setattr(BallArray, f"__i{name}__", modify)


for _name in ("add", "sub", "mul", "truediv"):
    _mount(_name, getattr(operator, _name))
_mount("matmul", np.matmul, in_place=False)
_REST = {
    "pow": power,
    "rpow": lambda self, other: power(other, self),
    "neg": lambda self: BallArray(-self.data, self.dtype),
    "pos": lambda self: self,
    "abs": lambda self: BallArray(each(abs, self.data), real_dtype(self.dtype)),
    "lt": less,
    "le": less_equal,
    "gt": greater,
    "ge": greater_equal,
    "eq": equal,
    "ne": not_equal,
}
for _name, _function in _REST.items():
    setattr(BallArray, f"__{_name}__", _function)
BallArray.__hash__ = None  # type: ignore[assignment] - as for NumPy's arrays
