"""Elementary functions of balls, real and complex: arithmetic under NumPy's names, and flint's methods element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import acb, arb

from refgrad.backends.ball.array import BallArray, balls, elementwise, result_dtype
from refgrad.backends.ball.operators import power


def method(name: str) -> Callable[..., Any]:
    """The function that flint has as a method of balls."""
    return lambda x: elementwise(lambda v: getattr(v, name)(), x)


def formula(f: Callable[..., Any]) -> Callable[..., Any]:
    """An elementwise function from one formula in balls; the formula counts as one function value."""
    return lambda *xs: elementwise(f, *xs)


exp, expm1, log, log1p = map(method, ("exp", "expm1", "log", "log1p"))
sqrt, rsqrt = map(method, ("sqrt", "rsqrt"))
sin, cos, tan = map(method, ("sin", "cos", "tan"))
asin, acos, atan = arcsin, arccos, arctan = tuple(map(method, ("asin", "acos", "atan")))
sinh, cosh, tanh = map(method, ("sinh", "cosh", "tanh"))
asinh, acosh, atanh = arcsinh, arccosh, arctanh = tuple(map(method, ("asinh", "acosh", "atanh")))

square = formula(lambda x: x * x)
reciprocal = formula(lambda x: 1 / x)
cbrt = formula(lambda x: x.root(3) if x >= 0 else -(-x).root(3))
exp2 = formula(lambda x: arb(2) ** x)
log2 = formula(lambda x: x.log() / arb(2).log())
log10 = formula(lambda x: x.log() / arb(10).log())
sigmoid = expit = formula(lambda x: 1 / (1 + (-x).exp()) if x.real.mid() >= 0 else x.exp() / (1 + x.exp()))
logit = formula(lambda x: (x / (1 - x)).log())
sinc = formula(lambda x: x.sinc_pi())
atan2 = arctan2 = formula(lambda y, x: arb.atan2(y, x))
hypot = formula(lambda x, y: (x * x + y * y).sqrt())
logaddexp = formula(lambda x, y: _logaddexp(x, y))
logaddexp2 = formula(lambda x, y: _logaddexp(x * arb(2).log(), y * arb(2).log()) / arb(2).log())
ldexp = formula(lambda x, y: x * arb(2) ** y)
deg2rad = radians = formula(lambda x: x * arb.pi() / 180)
rad2deg = degrees = formula(lambda x: x * 180 / arb.pi())
pow, float_power = power, power


def _logaddexp(x: Any, y: Any) -> Any:
    first = x.real.mid() > y.real.mid()  # an exact shift: any would do
    high, low = (x, y) if first else (y, x)
    m = high.real.mid()
    if isinstance(high, acb):
        return high + (1 + (low - high).exp()).log()
    found = m + ((x - m).exp() + (y - m).exp()).log()
    if not found.is_finite():  # of vast numbers, whose radii are vast too
        return high + (low - high).exp().log1p()
    return found


# arithmetic


def add(a: Any, b: Any) -> Any:
    return lift(a, b) + b


def subtract(a: Any, b: Any) -> Any:
    return lift(a, b) - b


def multiply(a: Any, b: Any) -> Any:
    return lift(a, b) * b


def divide(a: Any, b: Any) -> Any:
    return lift(a, b) / b


true_divide = divide


def lift(a: Any, b: Any) -> BallArray:
    """`a` as an array of balls beside `b`."""
    return a if isinstance(a, BallArray) else BallArray(balls(a, result_dtype(a, b)), result_dtype(a, b))


def negative(x: BallArray) -> BallArray:
    return -x


def abs(x: BallArray) -> BallArray:
    return x.__abs__()


absolute = fabs = abs


# complex numbers


def conj(x: BallArray) -> BallArray:
    return elementwise(lambda v: acb(v).conjugate(), x, exact=True) if x.dtype.kind == "c" else x


conjugate = conj


def real(x: BallArray) -> BallArray:
    return x.real


def imag(x: BallArray) -> BallArray:
    return x.imag


def angle(x: BallArray) -> BallArray:
    """The phase; of real numbers 0 or π."""
    if x.dtype.kind == "c":
        return elementwise(lambda v: acb(v).arg(), x, dtype=x.real.dtype)
    return elementwise(lambda v: arb.pi() if v < 0 else arb(0), x)


def pairs(x: BallArray) -> BallArray:
    """Complex numbers as pairs of reals along a new last dimension; a copy, as balls keep parts together."""
    return BallArray(np.stack([x.real.data, x.imag.data], axis=-1), x.real.dtype)


def unpaired(x: BallArray) -> BallArray:
    """Pairs of reals along the last dimension as complex numbers."""
    dtype = result_dtype(x, 1j)
    return BallArray(elementwise(acb, x[..., 0], x[..., 1], exact=True).data, dtype)
