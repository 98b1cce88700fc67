"""Arithmetic: sums, products, quotients, powers and roots, signs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from refgrad.rules import cast, conj, constant, elementwise, general, where, zeros_like


def _kinds(dtypes):  # of the operands, "" of numbers
    return ["" if d is None else d.kind for d in dtypes]


def _no_booleans(_name, dtypes):
    if "b" in _kinds(dtypes):
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use "
            "the `~` or `logical_not()` operator instead."
        )


def ordered(name: str, dtypes: Sequence[Any]) -> None:
    """Raises for complex numbers, which have no order."""
    if "c" in _kinds(dtypes):
        raise NotImplementedError(f"{name} is not implemented for complex tensors")


def _numbers_in_order(name, dtypes):
    ordered(name, dtypes)
    if set(_kinds(dtypes)) == {"b"}:
        raise NotImplementedError(f"{name} is not implemented for 'Bool'")


add = elementwise("add", 1, 1)
sub = elementwise("sub", 1, -1, kernel="subtract", accepts=_no_booleans)
rsub = elementwise(  # what `2 - x` is called
    "rsub", -1, 1, kernel=lambda xp, a, b: b - a, node="RsubBackward1", accepts=_no_booleans
)
mul = elementwise("mul", lambda _y, _a, b: b, lambda _y, a, _b: a, kernel="multiply")
neg = elementwise("neg", -1, kernel="negative")
div = elementwise(
    "div",
    lambda _y, _a, b: _inverse(b),
    lambda _y, a, b: a / b / -b,  # not a / b²: that overflows while the quotient does not
    kernel="true_divide",
    promotes="float",
    plain=(lambda _y, _a, b: _inverse(b), lambda _y, a, b: a / -(b * b)),
)


def _inverse(b):
    """1 / b, also of the number 0, by which Python does not divide."""
    return math.copysign(math.inf, b) if type(b) in (int, float) and b == 0 else 1 / b


reciprocal = elementwise("reciprocal", lambda y, _x: -y * y, kernel=lambda xp, x: xp.reciprocal(x), promotes="float")
square = elementwise(
    "square",
    lambda _y, x: 2 * x,
    node="PowBackward0",
    kernel=lambda xp, x: xp.square(x if x.dtype.kind != "b" else xp.cast(x, "int64")),
)
sqrt = elementwise("sqrt", lambda y, _x: 0.5 / y, promotes="float")
root = elementwise(  # the square root as deviations take it: where it is 0, so is the derivative
    "root", lambda y, _x: where(y == 0, 0.0, 0.5 / where(y == 0, 1.0, y)), kernel="sqrt", node="SqrtBackward0"
)
rsqrt = elementwise("rsqrt", lambda y, _x: -0.5 * y * y * y, kernel=lambda xp, x: 1 / xp.sqrt(x), promotes="float")


_NUMBER = (int, float, complex)


def _power_kernel(xp, x, p):
    return xp.square(x) if isinstance(p, (int, float)) and p == 2 else xp.power(x, p)


def _by_base(_y, x, p):
    """The slope p · x^(p-1), and zero where p and x are, although x^-1 is infinite; elsewhere it still changes with p."""
    if isinstance(p, _NUMBER):
        if p == 2:
            return 2 * x
        return zeros_like(x) if p == 0 else p * pow(x, p - 1)
    at_zero = (p == 0) & ((x == 0) | _isnan(x))
    return where(at_zero, 0.0, p * pow(x, where(at_zero, 1.0, p - 1)))


def _by_exponent(y, x, p):
    """x^p · ln x, and zero where x is and p ≥ 0: 0^p is constant there."""
    from refgrad.ops.elementary import log

    if isinstance(x, (int, float)) and not isinstance(x, bool) and x > 0:
        return y * math.log(x)
    at_zero = (x == 0) & (_real(p) >= 0)
    one = (
        1.0 if getattr(x, "dtype", y.dtype) == y.dtype else zeros_like(y) + 1
    )  # a shorter base is as long as its power
    return where(at_zero, 0.0, y * log(where(at_zero, one, x)))


def _real(p):
    from refgrad.ops.complex import real

    return p if isinstance(p, (int, float)) or p.dtype.kind != "c" else real(p)


pow = elementwise(
    "pow",
    _by_base,
    _by_exponent,
    kernel=_power_kernel,
    node=lambda x, p: (
        "PowBackward0" if isinstance(p, _NUMBER) else "PowBackward2" if isinstance(x, _NUMBER) else "PowBackward1"
    ),
)
sign = constant("sign")
abs = general(
    "abs",
    lambda g, _y, x: g * _sgn(x),
    push=lambda ts, _y, x: _real(ts[0] * conj(_sgn(x))) if x.dtype.kind == "c" else ts[0] * sign(x),
    kernel=lambda xp, x: xp.abs(x),
)
floor = constant("floor")
ceil = constant("ceil")
trunc = constant("trunc")
round = constant("round", kernel=lambda xp, x, *, decimals=0: xp.round(x, decimals))
frac = elementwise("frac", 1, kernel=lambda xp, x: x - xp.trunc(x))


def _sgn(x):
    from refgrad.ops.complex import sgn

    return sgn(x) if x.dtype.kind == "c" else sign(x)


def _quotient(a, b, rounding_mode):
    return floor_divide(a, b) if rounding_mode == "floor" else div_trunc(a, b)


floor_divide = constant("floor_divide", node="DivBackward2", accepts=_numbers_in_order)
div_trunc = constant(
    "div_trunc", kernel=lambda xp, a, b: _truncated(xp, a, b), node="DivBackward2", accepts=_numbers_in_order
)


def _truncated(xp, a, b):
    q = xp.trunc(xp.true_divide(a, b))
    is_whole = all(x.dtype.kind in "biu" for x in (a, b) if hasattr(x, "dtype"))
    return q.astype(xp.result_type(a, b)) if is_whole else q


def _by_last(name):
    """PyTorch numbers the forms of some operators: the last operand is a number (0) or a tensor (1)."""
    return lambda *args: f"{name}Backward{int(hasattr(args[-1], 'shape'))}"


remainder = elementwise(
    "remainder", 1, lambda _y, a, b: -floor_divide(a, b), node=_by_last("Remainder"), accepts=_numbers_in_order
)
fmod = elementwise("fmod", 1, lambda _y, a, b: -div_trunc(a, b), node=_by_last("Fmod"), accepts=_numbers_in_order)
maximum = elementwise(  # ties share; a nan on either side passes the cotangent on to both
    "maximum",
    lambda _y, a, b: where(a == b, 0.5, 1 - cast(a < b, dtype=_float_of(a, b))),
    lambda _y, a, b: where(a == b, 0.5, 1 - cast(b < a, dtype=_float_of(a, b))),
    accepts=ordered,
)
minimum = elementwise(
    "minimum",
    lambda _y, a, b: where(a == b, 0.5, 1 - cast(a > b, dtype=_float_of(a, b))),
    lambda _y, a, b: where(a == b, 0.5, 1 - cast(b > a, dtype=_float_of(a, b))),
    accepts=ordered,
)
fmax = elementwise(  # a nan gives way to a number, and ties go to the first
    "fmax",
    lambda _y, a, b: (a >= b) | _isnan(b),
    lambda _y, a, b: (a < b) | (_isnan(a) & _is_number(b)),
    accepts=ordered,
)
fmin = elementwise(
    "fmin",
    lambda _y, a, b: (a <= b) | _isnan(b),
    lambda _y, a, b: (a > b) | (_isnan(a) & _is_number(b)),
    accepts=ordered,
)


def _isnan(x):
    return x != x  # noqa: PLR0124 - true for nan alone


def _is_number(x):
    return x == x  # noqa: PLR0124 - false for nan alone


def _float_of(a, b):
    return a.dtype if hasattr(a, "dtype") else b.dtype


def _inside(x, low, high):
    inside = _is_number(x) if low is None else x >= low
    return inside if high is None else inside & (x <= high)


clamp = elementwise(
    "clamp",
    lambda _y, x, low, high: _inside(x, low, high),
    lambda _y, x, low, high: (x < low) & (True if high is None else low < high),
    lambda _y, x, low, high: (x > high) | (False if low is None else high < low),
    kernel=lambda xp, x, low, high: xp.clip(x, low, high),
    accepts=lambda name, dtypes: ordered(name, [d for d in dtypes if d is not None]),
)
lerp = elementwise(
    "lerp",
    lambda _y, _a, _b, w: 1 - w,
    lambda _y, _a, _b, w: w,
    lambda _y, a, b, _w: b - a,
    node=_by_last("Lerp"),
    kernel=lambda xp, a, b, w: xp.where(xp.abs(w) < 0.5, a + w * (b - a), b - (b - a) * (1 - w)),
)
bounded = elementwise(  # what lies within the bounds already, but for rounding: nothing is cut off its derivative
    "bounded", 1.0, kernel=lambda xp, x, *, low, high: xp.bounded(x, low, high), node="ClampBackward1"
)
fill = elementwise("fill", 0.0, 1, kernel=lambda xp, x, v: xp.zeros_like(x) + v)
copysign = elementwise(
    "copysign", lambda y, x, _s: where(x == 0, 0.0, sign(x) * sign(y)), 0.0, promotes="float", accepts=ordered
)
hypot = elementwise("hypot", lambda y, a, _b: a / y, lambda y, _a, b: b / y, promotes="float", accepts=ordered)
nan_to_num = elementwise(
    "nan_to_num",
    lambda _y, x: (x - x) == 0,
    kernel=lambda xp, x, *, nan, posinf, neginf: xp.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
)
deg2rad = elementwise("deg2rad", math.pi / 180, promotes="float", node="Deg2RadBackward0")
rad2deg = elementwise("rad2deg", 180 / math.pi, promotes="float", node="Rad2DegBackward0")
copy_over = elementwise(
    "copy_over", 0.0, 1, kernel=lambda xp, x, v: xp.broadcast_to(v, x.shape), node="CopyBackwards", promotes="none"
)
