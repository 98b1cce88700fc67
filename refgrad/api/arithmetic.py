"""Arithmetic and elementary functions."""

from __future__ import annotations

from typing import Any

from refgrad import dtypes
from refgrad.api.forms import binary, operand, unary
from refgrad.api.naming import recorded_as
from refgrad.ops import arithmetic as ops
from refgrad.ops import elementary
from refgrad.rules import cast
from refgrad.tensor import Tensor

for _name in ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh",
              "tanh", "asinh", "acosh", "atanh", "sigmoid"):  # fmt: skip
    globals()[_name] = unary(getattr(elementary, _name))
for _name in (
    "neg",
    "reciprocal",
    "square",
    "sqrt",
    "rsqrt",
    "sign",
    "abs",
    "floor",
    "ceil",
    "trunc",
    "frac",
    "deg2rad",
    "rad2deg",
):
    globals()[_name] = unary(getattr(ops, _name))
for _name in ("atan2", "logaddexp", "logaddexp2"):
    globals()[_name] = binary(getattr(elementary, _name))
for _name in ("maximum", "minimum", "fmax", "fmin", "remainder", "fmod", "floor_divide", "copysign", "hypot"):
    globals()[_name] = binary(getattr(ops, _name))
del _name
arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2  # noqa: F821, made above
arcsinh, arccosh, arctanh = asinh, acosh, atanh  # noqa: F821
absolute, negative, fix = abs, neg, trunc  # noqa: F821


def positive(input: Tensor) -> Tensor:
    """The input itself, which is no boolean tensor."""
    if input.dtype == dtypes.bool:
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


def _scaled(other: Any, alpha: Any) -> Any:
    return other if alpha == 1 else other * alpha


def add(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """``input + alpha * other``."""
    return ops.add(operand(input), _scaled(operand(other), alpha))


def sub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """``input - alpha * other``."""
    return ops.sub(operand(input), _scaled(operand(other), alpha))


@recorded_as(lambda y, x, other=None, alpha=1: f"RsubBackward{int(not isinstance(other, Tensor))}")
def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """``other - alpha * input``."""
    return ops.rsub(_scaled(operand(input), alpha), operand(other))


def mul(input: Any, other: Any) -> Tensor:
    """``input * other``."""
    return ops.mul(operand(input), operand(other))


def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """``input / other``, rounded down (`floor`) or towards zero (`trunc`) if asked for."""
    a, b = operand(input), operand(other)
    if rounding_mode is None:
        return ops.div(a, b)
    return ops.floor_divide(a, b) if rounding_mode == "floor" else ops.div_trunc(a, b)


def pow(input: Any, exponent: Any) -> Tensor:
    """``input ** exponent``."""
    return ops.pow(operand(input), operand(exponent))


def float_power(input: Any, exponent: Any) -> Tensor:
    """``input ** exponent``, computed in double precision whatever the dtypes are."""
    return pow(_double(input), _double(exponent))


def _double(x: Any) -> Any:
    if not isinstance(x, Tensor):
        return x
    wide = dtypes.complex128 if x.dtype.is_complex else dtypes.float64
    return x if x.dtype == wide else cast(x, dtype=wide.array)


subtract, multiply, divide, true_divide = sub, mul, div, div


@recorded_as(lambda y, x, decimals=0: f"RoundBackward{int(bool(decimals))}")
def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """Rounded to that many decimals, ties to even."""
    return ops.round(input, decimals=decimals)


def _clamp_title(y: Tensor, input: Tensor, min: Any = None, max: Any = None) -> str:
    return "ClampBackward0" if isinstance(min, Tensor) or isinstance(max, Tensor) else "ClampBackward1"


@recorded_as(_clamp_title)
def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """`input` kept between the bounds, of which one may be absent."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    return ops.clamp(input, min, max)


clip = clamp


@recorded_as(lambda y, input, min: f"ClampMinBackward{int(isinstance(min, Tensor))}")
def clamp_min(input: Tensor, min: Any) -> Tensor:
    """`input` kept above the bound; where they are equal the derivative is that of `input`."""
    return ops.clamp(input, operand(min), None)


@recorded_as(lambda y, input, max: f"ClampMaxBackward{int(isinstance(max, Tensor))}")
def clamp_max(input: Tensor, max: Any) -> Tensor:
    """`input` kept below the bound; where they are equal the derivative is that of `input`."""
    return ops.clamp(input, None, operand(max))


def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """``input + weight * (end - input)``."""
    return ops.lerp(input, end, weight)


@recorded_as("AddcmulBackward0")
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """``input + value * tensor1 * tensor2``."""
    return input + _scaled(tensor1 * tensor2, value)


@recorded_as("AddcdivBackward0")
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """``input + value * tensor1 / tensor2``."""
    return input + _scaled(tensor1 / tensor2, value)


def nan_to_num(input: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """`input` with the numbers given in place of nan and infinities."""
    return ops.nan_to_num(input, nan=nan, posinf=posinf, neginf=neginf)


@recorded_as(lambda y, x, value=0: f"FillBackward{int(isinstance(value, Tensor))}")
def fill(input: Tensor, value: Any) -> Tensor:
    """A tensor of the same shape, filled with the value."""
    return ops.fill(input, value)
