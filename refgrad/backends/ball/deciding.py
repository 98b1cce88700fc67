"""Functions of balls that decide: choices, roundings, signs, tests. Where balls overlap, they raise `Undecided`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import acb, arb

from refgrad.backends.ball.arithmetic import decide, is_nan
from refgrad.backends.ball.array import BallArray, elementwise
from refgrad.backends.ball.elementary import lift
from refgrad.backends.ball.operators import greater_equal, less, less_equal
from refgrad.backends.ball.structure import ones_like, where, zeros_like
from refgrad.errors import Undecided


def maximum(a: Any, b: Any) -> BallArray:
    return where(greater_equal(lift(a, b), b), a, b)


def minimum(a: Any, b: Any) -> BallArray:
    return where(less_equal(lift(a, b), b), a, b)


fmax, fmin = maximum, minimum


def clip(x: Any, min: Any = None, max: Any = None, **named: Any) -> BallArray:
    """`x` between the bounds."""
    low, high = named.get("a_min", min), named.get("a_max", max)
    x = x if low is None else maximum(x, low)
    return x if high is None else minimum(x, high)


def bounded(x: BallArray, low: float, high: float) -> BallArray:
    """`x` itself: nothing is rounded that lies between the bounds."""
    return x


def _rounding(name: str, f: Callable[[arb], arb]) -> Callable[..., Any]:
    def exactly(v: arb) -> int | float:
        if not v.is_finite():
            return float("nan") if is_nan(v) else float(v)
        n = f(v).unique_fmpz()
        if n is None:
            raise Undecided(name)
        return int(n)

    def function(x: BallArray) -> BallArray:
        whole = np.frompyfunc(exactly, 1, 1)
        found = decide(name, x.shape, lambda: np.asarray(whole(x.data), object))
        return BallArray(balls_of_integers(found), x.dtype)

    return function


def balls_of_integers(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.frompyfunc(arb, 1, 1)(x), object)


def _half_even(v: arb) -> arb:
    low = (v + arb(0.5)).floor()
    n = low.unique_fmpz()
    tie = n is not None and int(n) % 2 and (v + arb(0.5)).is_exact() and v + arb(0.5) == low
    return low - 1 if tie else low


floor = _rounding("floor", lambda v: v.floor())
ceil = _rounding("ceil", lambda v: v.ceil())
trunc = fix = _rounding("trunc", lambda v: v.floor() if v >= 0 else v.ceil())
_sign = _rounding("sign", lambda v: v.sgn())
_round = _rounding("round", _half_even)


def round(x: BallArray, decimals: int = 0) -> BallArray:
    """The nearest number of so many decimals, ties to even."""
    return _round(x * 10.0**decimals) / 10.0**decimals if decimals else _round(x)


rint = around = round


def sign(x: BallArray) -> BallArray:
    """-1, 0 or 1; of complex numbers z / |z|."""
    return elementwise(lambda v: acb(v).sgn(), x) if x.dtype.kind == "c" else _sign(x)


def fmod(a: Any, b: Any) -> BallArray:
    """The remainder with the sign of `a`."""
    return a - trunc(lift(a, b) / b) * b


def remainder(a: Any, b: Any) -> BallArray:
    """The remainder with the sign of `b`."""
    return a - floor(lift(a, b) / b) * b


mod = remainder


def floor_divide(a: Any, b: Any) -> BallArray:
    return floor(lift(a, b) / b)


def copysign(a: Any, b: Any) -> BallArray:
    return where(signbit(b), -abs(lift(a, b)), abs(lift(a, b)))


def signbit(x: Any) -> np.ndarray:
    return less(x, 0) if isinstance(x, BallArray) else np.signbit(x)


def nan_to_num(x: BallArray, **_replacements: Any) -> BallArray:
    """`x` itself: balls of finite numbers hold nothing to replace."""
    return x


def frexp(x: BallArray) -> tuple[BallArray, np.ndarray]:
    """Mantissas from 1/2 to 1 in size, and exponents."""
    found = decide("frexp", x.shape, lambda: np.asarray(np.frompyfunc(_exponent, 1, 1)(x.data), np.int32))
    return x * BallArray(np.asarray(np.frompyfunc(lambda e: arb(2) ** -e, 1, 1)(found), object), x.dtype), found


def _exponent(v: arb) -> int:
    low, high = (man.bit_length() + exp for man, exp in (v.abs_lower().man_exp(), v.abs_upper().man_exp()))
    if low != high:
        raise Undecided("frexp")
    return int(low) if v != 0 else 0


def nextafter(a: Any, b: Any) -> BallArray:
    """`a` and the step to its neighbour in its dtype towards `b`, as that is at the midpoints."""
    x = lift(a, b)
    there = BallArray.of(b, x.dtype) if not isinstance(b, BallArray) else b
    steps = np.frompyfunc(lambda v, w: _step(x.dtype.type(float(v.mid())), x.dtype.type(float(w.mid()))), 2, 1)
    shape = np.broadcast_shapes(x.shape, there.shape)
    return x + BallArray(decide("nextafter", shape, lambda: np.asarray(steps(x.data, there.data), object)), x.dtype)


def _step(x: Any, towards: Any) -> arb:
    return arb(float(np.nextafter(x, towards))) - arb(float(x))


def heaviside(x: BallArray, values: Any) -> BallArray:
    return where(x == 0, values, where(x > 0, ones_like(x), zeros_like(x)))


def isnan(x: BallArray) -> np.ndarray:
    return np.asarray(np.frompyfunc(is_nan, 1, 1)(x.data)).astype(bool)


def isfinite(x: BallArray) -> np.ndarray:
    return np.asarray(np.frompyfunc(lambda v: v.is_finite(), 1, 1)(x.data)).astype(bool)


def isinf(x: BallArray) -> np.ndarray:
    return ~(isnan(x) | isfinite(x))


def logical_not(x: Any) -> np.ndarray:
    return x == 0


def logical_and(a: Any, b: Any) -> np.ndarray:
    return np.logical_and(_truth(a), _truth(b))


def logical_or(a: Any, b: Any) -> np.ndarray:
    return np.logical_or(_truth(a), _truth(b))


def logical_xor(a: Any, b: Any) -> np.ndarray:
    return np.logical_xor(_truth(a), _truth(b))


def any(x: Any, axis: Any = None, keepdims: bool = False) -> np.ndarray:
    return np.any(_truth(x), axis=axis, keepdims=keepdims)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> np.ndarray:
    return np.all(_truth(x), axis=axis, keepdims=keepdims)


def count_nonzero(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.count_nonzero(_truth(x), axis=axis, keepdims=keepdims)


invert = np.invert


def _truth(x: Any) -> Any:
    return x != 0 if isinstance(x, BallArray) else x
