"""Elementary functions: exponentials and logarithms, trigonometric and hyperbolic functions and their inverses."""

from __future__ import annotations

import math

from refgrad.ops.arithmetic import hypot, ordered
from refgrad.rules import elementwise, general, where


def _floating(name, *rules, **options):
    return elementwise(name, *rules, promotes="float", **options)


exp = _floating("exp", lambda y, _x: y)
exp2 = _floating("exp2", lambda y, _x: y * math.log(2))
expm1 = _floating("expm1", lambda y, _x: y + 1)
log = _floating("log", lambda _y, x: 1 / x)
log2 = _floating("log2", lambda _y, x: 1 / (x * math.log(2)))
log10 = _floating("log10", lambda _y, x: 1 / (x * math.log(10)))
log1p = _floating("log1p", lambda _y, x: 1 / (x + 1), node="Log1PBackward0")
sin = _floating("sin", lambda _y, x: cos(x))
cos = _floating("cos", lambda _y, x: -sin(x))
tan = _floating("tan", lambda y, _x: 1 + y * y)
complement = _floating(  # 1 - x², without cancellation near 1; the rule would lose what is left of it near 0
    "complement", lambda _y, x: -2 * x, kernel=lambda xp, x: (1 - x) * (1 + x)
)
asin = _floating("asin", lambda _y, x: 1 / complement(x) ** 0.5)
acos = _floating("acos", lambda _y, x: -1 / complement(x) ** 0.5)
atan = _floating("atan", lambda _y, x: 1 / (1 + x * x))
sinh = _floating("sinh", lambda _y, x: cosh(x))
cosh = _floating("cosh", lambda _y, x: sinh(x))
tanh = _floating("tanh", lambda y, _x: 1 - y * y)
asinh = _floating("asinh", lambda _y, x: _slope_of_asinh(x), plain=(lambda _y, x: _plain_slope_of_asinh(x),))
acosh = _floating("acosh", lambda _y, x: 1 / ((x - 1) ** 0.5 * (x + 1) ** 0.5))
atanh = _floating("atanh", lambda _y, x: 1 / complement(x))
atan2 = general(
    "atan2",
    lambda g, _y, a, b: g * turn(a, b),
    lambda g, _y, a, b: -(g * turn(b, a)),
    push=lambda t, _y, a, b: _across(t, a / _radius(a, b), b / _radius(a, b)) / _radius(a, b),
    plain=(lambda g, _y, a, b: g * (b / (a * a + b * b)), lambda g, _y, a, b: g * (-a / (a * a + b * b))),
    plain_push=lambda t, _y, a, b: _across(t, a / (a * a + b * b), b / (a * a + b * b)),
    promotes="float",
    accepts=ordered,
)
turn = _floating(  # b / (a² + b²), its slopes too without the squares, which overflow and underflow; at the origin 0
    "turn",
    lambda _y, a, b: -2 * (a / _radius(a, b)) * (b / _radius(a, b)) / _radius(a, b) / _radius(a, b),
    lambda _y, a, b: (
        (a / _radius(a, b) - b / _radius(a, b))
        * (a / _radius(a, b) + b / _radius(a, b))
        / _radius(a, b)
        / _radius(a, b)
    ),
    kernel=lambda xp, a, b: _turned(xp, a, b),
)
sigmoid = _floating("sigmoid", lambda y, _x: y * (1 - y))
logaddexp = _floating(  # of the difference, which large numbers do not drown, and infinite ones do not make nan
    "logaddexp",
    lambda _y, a, b: exp(-logaddexp(b - a, 0.0)),  # a sigmoid, whose own derivatives then never subtract from 1
    lambda _y, a, b: exp(-logaddexp(a - b, 0.0)),
)
logaddexp2 = _floating(
    "logaddexp2",
    lambda _y, a, b: exp2(-logaddexp2(b - a, 0.0)),
    lambda _y, a, b: exp2(-logaddexp2(a - b, 0.0)),
)


def _radius(a, b):
    r = hypot(a, b)
    return where(r == 0, 1.0, r)


def _turned(xp, a, b):
    r = xp.hypot(a, b)
    r = xp.where(r == 0, 1.0, r)
    return b / r / r


def _across(t, a, b):
    """What tangents of two operands give across the direction (a, b)."""
    if t[0] is None:
        return -(t[1] * a)
    return t[0] * b if t[1] is None else t[0] * b - t[1] * a


def _slope_of_asinh(x):
    """Real numbers are not squared, which overflows long before the slope underflows."""
    return 1 / hypot(x, 1.0) if x.dtype.kind != "c" else _plain_slope_of_asinh(x)


def _plain_slope_of_asinh(x):
    return 1 / (1 + x * x) ** 0.5
