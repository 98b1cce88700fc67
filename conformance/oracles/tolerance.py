"""How far from the truth a right engine may be: twice the radius of the reverse pass in balls at working precision, plus one ulp.

Computed from the program alone and frozen with it; nothing here is tuned, and no engine is asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from ml_dtypes import finfo

from conformance.codec import HALVES, numpy_dtype
from conformance.oracles.forward import BallEngine
from conformance.oracles.reasons import NoTruth
from conformance.program import Program
from refgrad.backends import ball
from refgrad.backends.ball import BallArray, Tape, arithmetic
from refgrad.errors import Undecided

_DOUBLE, _SINGLE = (53, 2.0**-53, 2.0**-1022), (24, 2.0**-24, 2.0**-126)
PRECISION: Mapping[str, tuple[int, float, float]] = {
    "float64": _DOUBLE,
    "complex128": _DOUBLE,
    "float32": _SINGLE,
    "complex64": _SINGLE,
    "float16": (11, 2.0**-11, 2.0**-14),
    "bfloat16": (8, 2.0**-8, 2.0**-126),
}
"""Bits, unit roundoff and smallest normal number of the working arithmetic."""
EXACT_BITS = 400
WIDE = {"float64": 1e-6, "complex128": 1e-6, "float32": 1e-3, "complex64": 1e-3} | dict.fromkeys(HALVES, 0.25)
LOOSE = dict.fromkeys(PRECISION, 1e-3) | dict.fromkeys(HALVES, 0.25)
"""Shares of the largest entry. A quarter is what 16 bits leave room for, two decimal digits and sums: above it a wrong sign
or a wrong factor of two could hide.
"""


def radii(program: Program, dtype: str, *, any_branch: bool = False) -> dict[str, np.ndarray]:
    """The radius of every floating-point array that the program reads, by the name of the read.

    It is that of the textbook formulas, and of refgrad's own rules where these formulas divide by zero or raise. Decisions are
    recorded with many bits and replayed; where working precision cannot take them, engines may branch either way: `NoTruth`,
    unless `any_branch` asks for the radius of the recorded one.
    """
    try:
        found = _radii(program, dtype, any_branch=any_branch)
    except NoTruth as none:
        if none.reason != "no-balls":
            raise
        return own_radii(program, dtype, any_branch=any_branch)  # such as det at singular matrices, by cofactors
    if all(np.isfinite(r).all() for r in found.values()):
        return found
    own = own_radii(program, dtype, any_branch=any_branch)
    return {read: np.where(np.isfinite(r), r, own[read]) for read, r in found.items()}


def own_radii(program: Program, dtype: str, *, any_branch: bool = False) -> dict[str, np.ndarray]:
    """The same of refgrad's own rules, which for some operators are better than the textbook's."""
    with _own_rules():
        return _radii(program, dtype, any_branch=any_branch)


@contextmanager
def _own_rules() -> Iterator[None]:
    ball.PLAIN_RULES = False
    try:
        yield
    finally:
        ball.PLAIN_RULES = True


def _radii(program: Program, dtype: str, *, any_branch: bool) -> dict[str, np.ndarray]:
    bits, roundoff, smallest = PRECISION[dtype]
    tape = recorded(program)
    if tape.decisions and not any_branch:
        with arithmetic(bits, roundoff, smallest):
            observed(program, undecided="branch")
    with arithmetic(bits, roundoff, smallest, tape.rewind()):
        found = observed(program, roundoff)
    return {read: balls.radii() for read, balls in found.items() if isinstance(balls, BallArray)}


def recorded(program: Program) -> Tape:
    """The decisions that the program takes with many bits."""
    tape = Tape()
    with arithmetic(EXACT_BITS, tape=tape):
        observed(program)
    return tape


def observed(program: Program, relative_radius: float = 0.0, *, undecided: str = "overlap") -> dict[str, Any]:
    """What the program reads in the arithmetic in force, as balls; leaves have this relative radius."""
    reply = _Balls(relative_radius).run(program)
    if reply["status"] == "done":
        return {read: o["balls"] for read, o in reply["observations"].items() if "balls" in o}
    error = reply.get("error", {"class": "Unsupported", "message": reply.get("feature", "")})
    if error["class"] == Undecided.__name__:
        raise NoTruth(undecided)
    raise NoTruth("no-balls", f"{error['class']}: {error['message']}")


class _Balls(BallEngine):
    """The whole program is run, its backward passes too; reads give enclosures."""


def tolerance(truth: np.ndarray, radius: np.ndarray, dtype: str) -> np.ndarray:
    """2 R + 1 ulp of the truth, element by element, rounded up to three digits.

    >>> tolerance(np.array([1.0]), np.array([1e-16]), "float64")
    array([4.23e-16])
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return up_to_three_digits(2 * radius + _ulp(_size(truth), dtype))


def _ulp(size: np.ndarray, dtype: str) -> np.ndarray:
    kept = finfo(numpy_dtype(dtype))
    return np.spacing(np.where(np.isfinite(size), size, float(kept.max) / 2).astype(kept.dtype)).astype(np.float64)


def _size(truth: np.ndarray) -> np.ndarray:
    """The modulus of each element; of a complex one the larger of its parts, both of which get the same tolerance."""
    if truth.dtype.kind == "c":
        return np.maximum(np.abs(truth.real), np.abs(truth.imag)).astype(np.float64)
    return np.abs(truth).astype(np.float64)


def up_to_three_digits(values: np.ndarray) -> np.ndarray:
    """The values rounded up to three significant digits, so that a last bit of the oracle's own never shows.

    >>> up_to_three_digits(np.array([1.23456e-16, 0.0, 5e-324]))
    array([1.24e-016, 0.00e+000, 4.94e-324])
    """
    out = np.empty(np.shape(values))
    for i, v in np.ndenumerate(values):
        out[i] = _rounded_up(float(v))
    return out


def _rounded_up(v: float) -> float:
    if v == 0 or not math.isfinite(v):
        return v
    mantissa, exponent = f"{v:.2e}".split("e")
    rounded = float(f"{mantissa}e{exponent}")
    if rounded >= v:
        return rounded
    return float(f"{float(mantissa) + 0.01:.2f}e{exponent}")


def is_wide(truth: np.ndarray, limit: np.ndarray, dtype: str) -> bool:
    """Whether the tolerance exceeds the share of the largest entry from which on a second bound is needed."""
    return _exceeds(truth, limit, WIDE[dtype], dtype)


def is_loose(truth: np.ndarray, limit: np.ndarray, dtype: str) -> bool:
    """Whether the tolerance is too large for a judgement to mean anything."""
    return _exceeds(truth, limit, LOOSE[dtype], dtype)


def _exceeds(truth: np.ndarray, limit: np.ndarray, share: float, dtype: str) -> bool:
    if not truth.size:
        return False
    finite = np.isfinite(truth)
    largest = np.max(np.where(finite, _size(truth), 0.0), initial=0.0)
    worst = np.max(np.where(finite, limit, 0.0), initial=0.0)
    underflow = 64 * PRECISION[dtype][2]  # what is lost there is lost to every engine, and never hides more than that
    return bool(worst > share * largest and worst > underflow)


def tolerances_of_program(program: Program, dtype: str) -> dict[str, np.ndarray]:
    """The part of a tolerance that the program alone determines, 2 R, for every array that it reads.

    For whole imperative programs, such as those of the catalogue, whose expected values are documented ones.
    """
    return {read: up_to_three_digits(2 * r) for read, r in radii(program, dtype).items()}
