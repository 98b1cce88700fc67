"""Elementary functions: exponentials and logarithms, trigonometric and hyperbolic functions and their inverses."""

from __future__ import annotations

import math

from refgrad.rules import elementwise


def _floating(name, *rules, **options):
    return elementwise(name, *rules, promotes="float", **options)


exp = _floating("exp", lambda y, _x: y)
exp2 = _floating("exp2", lambda y, _x: y * math.log(2))
expm1 = _floating("expm1", lambda y, _x: y + 1)
log = _floating("log", lambda _y, x: 1 / x)
log2 = _floating("log2", lambda _y, x: 1 / (x * math.log(2)))
log10 = _floating("log10", lambda _y, x: 1 / (x * math.log(10)))
log1p = _floating("log1p", lambda _y, x: 1 / (x + 1))
sin = _floating("sin", lambda _y, x: cos(x))
cos = _floating("cos", lambda _y, x: -sin(x))
tan = _floating("tan", lambda y, _x: 1 + y * y)
asin = _floating("asin", lambda _y, x: 1 / ((1 - x) * (1 + x)) ** 0.5)
acos = _floating("acos", lambda _y, x: -1 / ((1 - x) * (1 + x)) ** 0.5)
atan = _floating("atan", lambda _y, x: 1 / (1 + x * x))
sinh = _floating("sinh", lambda _y, x: cosh(x))
cosh = _floating("cosh", lambda _y, x: sinh(x))
tanh = _floating("tanh", lambda y, _x: 1 - y * y)
asinh = _floating("asinh", lambda _y, x: 1 / (1 + x * x) ** 0.5)
acosh = _floating("acosh", lambda _y, x: 1 / ((x - 1) ** 0.5 * (x + 1) ** 0.5))
atanh = _floating("atanh", lambda _y, x: 1 / ((1 - x) * (1 + x)))
atan2 = _floating("atan2", lambda _y, a, b: b / (a * a + b * b), lambda _y, a, b: -a / (a * a + b * b))
sigmoid = _floating("sigmoid", lambda y, _x: y * (1 - y))
logaddexp = _floating("logaddexp", lambda y, a, _b: exp(a - y), lambda y, _a, b: exp(b - y))
logaddexp2 = _floating("logaddexp2", lambda y, a, _b: exp2(a - y), lambda y, _a, b: exp2(b - y))
