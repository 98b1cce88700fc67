"""What a program of one operator must show: truth, tolerance and permitted alternatives, or the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from conformance.codec import is_floating
from conformance.compare import Expectation
from conformance.oracles import balls
from conformance.oracles.conventions import Documented, documented
from conformance.oracles.limits import is_special, limits
from conformance.oracles.reading import largest_given
from conformance.oracles.reasons import NoTruth
from conformance.oracles.sensitivity import other_branches, second_bounds
from conformance.oracles.tolerance import is_loose, is_wide, own_radii, radii, tolerance
from conformance.program import Program


@dataclass(frozen=True)
class Judged:
    """The expectations of a case and the rung that gave its truth."""

    expectations: tuple[Expectation, ...]
    rung: str


def judged(program: Program, dtype: str, group: str) -> Judged:
    """The expectations of every read of the program; raises `NoTruth` with a reason."""
    if is_special(program):
        return limits(program, lambda finite: judged(finite, dtype, group))
    truths = _values(program) if group == "value" else _derivatives(program, dtype)
    radius, branches = _radii(program, dtype, truths.values)
    first = {read: _limit(t, radius.get(read), dtype) for read, t in truths.values.items()}
    sizes = {read: _size(t, branches.get(read, ())) for read, t in truths.values.items()}
    is_any_wide = any(limit is not None and is_wide(sizes[read], limit, dtype) for read, limit in first.items())
    seconds = _second(program, dtype, group, truths, first, sizes) if is_any_wide else {}
    expectations = []
    for read, value in truths.values.items():
        known = truths.documented.get(read, Documented(value))
        around = {"between": known.between, "total": known.total, "partner": known.partner}
        others, second = branches.get(read, ()), seconds.get(read)
        expectations.append(Expectation(read, "array", value, first[read], others, second=second, **around))
    return Judged(tuple(expectations), truths.rung)


@dataclass(frozen=True)
class _Truths:
    """By read: the truth, what is documented where there is a kink, and the sum of absolute products where it is known."""

    values: dict[str, np.ndarray]
    rung: str
    documented: dict[str, Documented] = field(default_factory=dict)
    scales: dict[str, np.ndarray] = field(default_factory=dict)


def _values(program: Program) -> _Truths:
    return _Truths(balls.values(program), "balls")


def _derivatives(program: Program, dtype: str) -> _Truths:
    found = balls.derivatives(program)
    scales = {r: d.scale for r, d in found.items()}
    if any(d.kinks.any() for d in found.values()):
        known = documented(program, dtype, found)
        return _Truths({r: d.value for r, d in known.items()}, "convention", known, scales)
    bits = max((d.bits for d in found.values()), default=0)
    return _Truths({r: d.value for r, d in found.items()}, f"balls at {bits} bits", {}, scales)


def _size(truth: np.ndarray, branches: tuple[np.ndarray, ...]) -> np.ndarray:
    """The truth, or what is largest of it on any branch."""
    return np.max(np.abs([truth, *branches]), axis=0) if branches else truth


def _radii(
    program: Program, dtype: str, truths: dict[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, tuple[np.ndarray, ...]]]:
    """The radii, and what the reads show on other branches where working precision cannot tell which to take."""
    try:
        return radii(program, dtype), {}
    except NoTruth as none:
        if none.reason != "branch":
            raise
    own = radii(program, dtype, any_branch=True)
    others, radius = other_branches(program, dtype, {read: t for read, t in truths.items() if read in own})
    return {read: np.maximum(own[read], radius[read]) for read in others}, others


def _limit(truth: np.ndarray, radius: np.ndarray | None, dtype: str) -> np.ndarray | None:
    """The first tolerance; none for what is no floating-point number."""
    if not is_floating(truth.dtype):
        return None
    if not np.all(np.isfinite(radius) | np.isinf(truth)):
        raise NoTruth("unbounded")
    return tolerance(truth, np.where(np.isfinite(radius), radius, 0.0), dtype)


def _second(
    program: Program,
    dtype: str,
    group: str,
    truths: _Truths,
    limits: dict[str, np.ndarray | None],
    sizes: dict[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """The smaller of both bounds, for every read, and of what a better formula than the textbook's allows where they are not
    small enough; raises `NoTruth` if one of them is too wide even so.
    """
    floating = {read: t for read, t in truths.values.items() if limits[read] is not None}
    bounds = second_bounds(program, dtype, floating, truths.scales)
    found = {read: np.asarray(np.minimum(limits[read], bounds[read])) for read in floating}
    if any(is_wide(sizes[read], found[read], dtype) for read in floating):
        own = own_radii(program, dtype, any_branch=True)
        found = {read: np.asarray(np.minimum(found[read], _limit(t, own[read], dtype))) for read, t in floating.items()}
    held_against = sizes if group == "value" else _nowhere_zero(program, sizes)
    for too_wide, reason in ((is_loose, "loose"), (is_wide, "wide")):
        if any(too_wide(held_against[read], found[read], dtype) for read in floating):
            raise NoTruth(reason)
    return found


def _nowhere_zero(program: Program, sizes: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The sizes, where a derivative that is zero everywhere, as of x - x, has the size of what it is linear in: cotangents and
    tangents.
    """
    if all(np.any(size) for size in sizes.values()):
        return sizes
    given = largest_given(program)
    return {read: size if np.any(size) else np.full_like(size, given[read]) for read, size in sizes.items()}
