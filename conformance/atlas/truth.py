"""The distance between what an engine says and the truth, in units in the last place: proven, or not stated."""

from __future__ import annotations

import math

import numpy as np
from flint import arb, ctx

from conformance.atlas.curves import ORDER, Curve, variable

PRECISIONS = (160, 500, 1400, 3600, 9000)
"""Bits, tried in this order until the enclosure is a thousand times narrower than the unit in the last place."""
_NARROW = 2.0**-10
_DIGITS = {"float64": 53, "float32": 24}
_LOWEST = {"float64": -1074, "float32": -149}


def errors(curve: Curve, x: np.ndarray, answers: list[np.ndarray | None]) -> np.ndarray:
    """The error of value and derivatives at every point, in ulp of the truth: one row for each order.

    Infinite for NaN or infinity where the truth is finite; NaN where there is no answer, or no enclosure narrow enough.
    An answer beyond the largest number is right as infinity.
    """
    found = np.full((ORDER, len(x)), np.nan)
    before = ctx.prec
    try:
        for i, at in enumerate(x):
            given = [None if a is None else float(a[i]) for a in answers]
            found[:, i] = _at(curve, float(at), given, x.dtype.name)
    finally:
        ctx.prec = before
    return found


def _at(curve: Curve, at: float, given: list[float | None], dtype: str) -> list[float]:
    found = [math.nan] * ORDER
    missing = [k for k, answer in enumerate(given) if answer is not None]
    for bits in PRECISIONS:
        ctx.prec = bits
        series = _evaluated(curve, at)
        if series is None:
            continue
        for k in tuple(missing):
            error = distance(series[k] * math.factorial(k), given[k], dtype)
            if error is not None:
                found[k] = error
                missing.remove(k)
        if not missing:
            break
    return found


def _evaluated(curve: Curve, at: float) -> list[arb] | None:
    try:
        series = curve.formula(variable(at), at)
        return [series[k] for k in range(ORDER)]
    except (ValueError, ZeroDivisionError, OverflowError):  # a ball that holds zero, at few bits
        return None


def distance(truth: arb, answer: float, dtype: str) -> float | None:
    """The error of an answer in ulp of the truth, as the dtype spaces numbers there; None if the enclosure is too wide.

    >>> distance(arb(1), 1 + 2.0**-52, "float64"), distance(arb(2) ** 1330, math.inf, "float64")
    (1.0, 0.0)
    """
    if not truth.is_finite():
        return None
    size = truth.abs_upper()
    exponent = _exponent(size)
    largest = 2 ** (1024 if dtype == "float64" else 128)
    ulp = arb(2) ** max(exponent - _DIGITS[dtype] + 1, _LOWEST[dtype])
    if truth.rad() > _NARROW * ulp:
        return None
    if size >= largest * (1 - arb(2) ** -(_DIGITS[dtype] + 1)):
        return 0.0 if math.isinf(answer) and (answer > 0) == (truth.mid() > 0) else math.inf
    if not math.isfinite(answer):
        return math.inf
    return float((abs(arb(answer) - truth.mid()) / ulp).mid())


def _exponent(size: arb) -> int:
    """The binary exponent of a positive number: 2^e <= size < 2^(e + 1), up to rounding."""
    mantissa, exponent = size.mid().man_exp() if not size.is_zero() else (1, -10_000)
    return int(exponent) + int(abs(mantissa)).bit_length() - 1
