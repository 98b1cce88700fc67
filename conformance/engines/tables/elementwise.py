"""Elementwise operators over a library that is spelled as NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SAME_NAME = (
    "abs", "ceil", "copysign", "cos", "cosh", "deg2rad", "exp", "exp2", "expm1", "floor", "hypot", "log", "log10",
    "log1p", "log2", "logaddexp", "logaddexp2", "maximum", "minimum", "fmax", "fmin", "rad2deg", "reciprocal", "round",
    "sign", "sin", "sinc", "sinh", "sqrt", "square", "tan", "tanh", "trunc", "where",
)  # fmt: skip
RENAMED = {
    "acos": ("arccos", "acos"),
    "acosh": ("arccosh", "acosh"),
    "asin": ("arcsin", "asin"),
    "asinh": ("arcsinh", "asinh"),
    "atan": ("arctan", "atan"),
    "atanh": ("arctanh", "atanh"),
    "atan2": ("arctan2", "atan2"),
    "fmod": ("fmod",),
    "remainder": ("remainder", "mod"),
    "neg": ("negative",),
    "pow": ("power", "pow"),
}


def elementwise(np: Any) -> dict[str, Callable[..., Any]]:
    """The entries that this library has functions for."""
    found = {name: getattr(np, name) for name in SAME_NAME if hasattr(np, name)}
    for name, spellings in RENAMED.items():
        spelling = next((s for s in spellings if hasattr(np, s)), None)
        if spelling:
            found[name] = getattr(np, spelling)
    found |= {
        "add": lambda a, b, *, alpha: a + b if alpha == 1 else a + alpha * b,
        "sub": lambda a, b, *, alpha: a - b if alpha == 1 else a - alpha * b,
        "mul": lambda a, b: a * b,
        "addcmul": lambda a, b, c, *, value: a + value * b * c,
        "addcdiv": lambda a, b, c, *, value: a + value * b / c,
        "lerp": lambda a, b, weight: a + weight * (b - a),
        "clone": lambda a: a + 0,
        "contiguous": lambda a: a,
        "div": only(lambda a, b: a / b, rounding_mode=None),
        "true_divide": lambda a, b: a / b,
        "clamp": _clamp(np),
        "masked_fill": lambda a, mask, *, value: np.where(mask, value, a),
        "frac": lambda a: a - np.trunc(a) if hasattr(np, "trunc") else a - np.sign(a) * np.floor(np.abs(a)),
    }
    return found


def only(function: Callable[..., Any], **accepted: Any) -> Callable[..., Any]:
    """The function where the attributes have these values; elsewhere it is unsupported."""
    from conformance.errors import Unsupported

    def call(*args: Any, **kw: Any) -> Any:
        for name, value in kw.items():
            if name not in accepted or value != accepted[name]:
                raise Unsupported(f"{name}={value!r}")
        return function(*args)

    return call


def within(function: Callable[..., Any], name: str, accepted: tuple[Any, ...]) -> Callable[..., Any]:
    """The function where one attribute has one of these values; elsewhere it is unsupported."""
    from conformance.errors import Unsupported

    def call(*args: Any, **kw: Any) -> Any:
        if name in kw and kw[name] not in accepted:
            raise Unsupported(f"{name}={kw[name]!r}")
        return function(*args, **kw)

    return call


def _clamp(np: Any) -> Callable[..., Any]:
    def clamp(a: Any, *, min: Any, max: Any) -> Any:
        if min is None:
            return np.minimum(a, max)
        if max is None:
            return np.maximum(a, min)
        if hasattr(min, "ndim") or hasattr(max, "ndim"):  # bounds that are differentiated too: PyTorch's formula
            return np.minimum(np.maximum(a, min), max)
        return np.clip(a, min, max)

    return clamp
