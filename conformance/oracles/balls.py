"""True derivatives without derivative rules: central differences of the forward program in ball arithmetic.

A derivative along k directions is a mixed k-th difference; the truth of a gradient is that of the scalar <w, f(x)>, so one
sweep over the elements gives every entry. Each step is taken twice, h and h·2^-40: their agreement bounds the truncation,
which the balls do not enclose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from conformance.oracles.forward import BallEngine, Forward
from conformance.oracles.reading import Reading, Term
from conformance.oracles.reasons import NoTruth
from conformance.oracles.stencil import Direction, Mixed, Points, flat, mixed
from conformance.program import Program
from refgrad.backends.ball import BallArray, arithmetic
from refgrad.errors import Undecided

RUNGS = ((500, 120), (1200, 120), (2600, 500), (8000, 1500))
"""Bits of precision, and the binary exponent of the step: tried in this order until two steps agree."""
HIGHER = {
    2: ((1600, 120), (4000, 120), (5200, 500), (8000, 1500)),
    3: ((1900, 120), (6000, 120), (8000, 500), (8000, 1500)),
}
"""The same at orders 2 and 3, where steps divide twice and three times; enough at once to tell a zero from the negligible."""
CLOSER = 40
AGREEMENT = 1e-30
NEGLIGIBLE = arb(2) ** -1104  # the smallest subnormal times 2^-30


@dataclass(frozen=True)
class Derivative:
    """The truth of one read, the one-sided quotients beside it, where there is a kink, and the rung that gave it.

    `scale` is the sum of the absolute products that the value sums up, which cancellation does not shrink.
    """

    term: Term
    value: np.ndarray
    right: np.ndarray
    left: np.ndarray
    scale: np.ndarray
    kinks: np.ndarray
    bits: int


def values(program: Program) -> dict[str, np.ndarray]:
    """What each value read before any gradient must show, rounded to its dtype.

    Raises `NoTruth` where the function is not defined or a comparison stays undecided.
    """
    return _first_rung(RUNGS, lambda _bits, _step: _values(program))


def derivatives(program: Program) -> dict[str, Derivative]:
    """The truth of every read of a derivative, by the name of the read."""
    reading = Reading(program)
    order = max((t.order for t in reading.reads.values()), default=1)
    if order > max(HIGHER):
        raise NoTruth("no-balls", f"a derivative of order {order}")
    return _first_rung(HIGHER.get(order, RUNGS), lambda bits, step: _derivatives(reading, bits, step))


def gradients(program: Program) -> dict[str, Derivative]:
    """The truth of every gradient that is read, by the name of the leaf."""
    return {d.term.leaf: d for d in derivatives(program).values() if d.term.leaf}


class _Retry(Exception):
    """More bits are needed to settle it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def _first_rung(rungs: tuple[tuple[int, int], ...], attempt: Callable[[int, int], Any]) -> Any:
    failed = "convergence"
    for bits, step in rungs:
        with arithmetic(bits):
            try:
                return attempt(bits, step)
            except Undecided:
                failed = "overlap"
            except _Retry as retry:
                failed = retry.reason
    raise NoTruth(failed)


def _values(program: Program) -> dict[str, np.ndarray]:
    forward = Forward(program, BallEngine())
    found = forward({})
    return {read: _rounded(found[name]) for read, name in forward.observed.items()}


def _rounded(value: Any) -> np.ndarray:
    if not isinstance(value, BallArray):
        return np.asarray(value)
    out = np.empty(value.shape, np.complex128 if value.dtype.kind == "c" else np.float64)
    for i, ball in np.ndenumerate(value.data):
        out[i] = complex(_settled(ball.real), _settled(ball.imag)) if value.dtype.kind == "c" else _settled(ball)
    return rounded_to(out, value.dtype)


def _settled(ball: arb) -> float:
    """The number that the ball pins down to 1e-25; zero if it encloses zero and nothing else that matters."""
    if not ball.is_finite():
        raise _Retry("domain")
    if ball.rad() <= abs(ball.mid()) * 1e-25:
        return float(ball.mid())
    if ball.abs_upper() < NEGLIGIBLE:
        return 0.0
    raise _Retry("convergence")


def rounded_to(values: np.ndarray, dtype: Any) -> np.ndarray:
    """The values in a dtype, overflowing to infinity without a word."""
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(values).astype(dtype)


# derivatives


def _derivatives(reading: Reading, bits: int, step: int) -> dict[str, Derivative]:
    sweep = _Sweep(reading, step)
    found = {}
    for read, term in reading.reads.items():
        if term.order:
            value, *rest = sweep.derivative(term)
            found[read] = Derivative(term, rounded_to(value, sweep.dtype(term)), *rest, bits)
    return found


class _Sweep:
    """All derivatives of one program at one rung; points that several of them need are evaluated once."""

    def __init__(self, reading: Reading, step: int) -> None:
        self.leaves = reading.leaves
        self.forward = Forward(reading.function, BallEngine(), documented_gradient=reading.is_reverse)
        self.base = self.forward({})
        self.step = step
        self._points: dict[tuple[str, ...], tuple[Points, Points]] = {}

    def derivative(self, term: Term) -> tuple[np.ndarray, ...]:
        """Value, right, left, scale and kinks of one read."""
        along = [Direction.along(pairs, self.leaves, self.step) for pairs in term.along]
        if term.output:
            return self._of_output(self.base[term.output], self._differences(term, along))
        if term.leaf not in self.leaves:
            raise NoTruth(
                "no-balls", "a derivative with respect to a computed tensor takes its truth from the catalogue"
            )
        return self._of_leaf(self.leaves[term.leaf], term, along)

    def dtype(self, term: Term) -> np.dtype:
        """That of the derivative: of the output, or of the input."""
        return self.leaves[term.leaf or term.like].dtype if term.leaf or term.like else self.base[term.output].dtype

    def _of_output(self, y: BallArray, found: tuple[Mixed, Mixed]) -> tuple[np.ndarray, ...]:
        """Every element of an output; of complex ones the real parts come first."""
        far, near = found
        parts = [_element(far.only(i), near.only(i)) for i in range(len(far.central))]
        return (
            tuple(_joined(list(part), y.shape, y.dtype) for part in zip(*parts, strict=True)) if parts else _nothing(y)
        )

    def _of_leaf(self, x: np.ndarray, term: Term, along: list[Direction]) -> tuple[np.ndarray, ...]:
        """Every element of an input, the outputs weighted; of complex ones the real parts come first."""
        weights = np.concatenate([flat(self._weight(y, w)) for y, w in term.weights])
        parts = []
        for unit in (1, 1j) if x.dtype.kind == "c" else (1,):
            for i in np.ndindex(x.shape):
                here = Direction.of_element(term.leaf, i, self.leaves, self.step, unit)
                far, near = self._differences(term, [here, *along])
                parts.append(_element(far.weighted(weights), near.weighted(weights)))
        return (
            tuple(_joined(list(part), x.shape, x.dtype) for part in zip(*parts, strict=True)) if parts else _nothing(x)
        )

    def _weight(self, output: str, weight: str | None) -> BallArray:
        y = self.base[output]
        return BallArray.of(np.ones(y.shape), y.dtype) if weight is None else self.base[weight]

    def _differences(self, term: Term, directions: list[Direction]) -> tuple[Mixed, Mixed]:
        if term.outputs not in self._points:
            outputs = [self.base[name] for name in term.outputs]
            if not all(v.is_finite() for y in outputs for v in flat(y)):
                raise _Retry("domain")
            self._points[term.outputs] = tuple(
                Points(self.forward, term.outputs, self.leaves, arb(2) ** -closer) for closer in (0, CLOSER)
            )
        far, near = (mixed(points, directions) for points in self._points[term.outputs])
        return far, near


def _nothing(like: Any) -> tuple[np.ndarray, ...]:
    empty = np.zeros(like.shape)
    return (*[empty] * 4, empty.astype(bool))


def _joined(numbers: list[Any], shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """The numbers in an array of this shape; for a complex one the imaginary parts follow the real ones."""
    if isinstance(numbers[0], bool):
        parts = np.array(numbers, bool)
        half = len(parts) // (2 if dtype.kind == "c" else 1)
        return (parts[:half] | parts[-half:]).reshape(shape)
    parts = np.array(numbers, np.float64)
    if dtype.kind == "c":
        half = len(parts) // 2
        parts = parts[:half] + 1j * parts[half:]
    return parts.reshape(shape)


def _element(far: Mixed, near: Mixed) -> tuple[float, float, float, float, bool]:
    """Value, right, left, scale, and whether there is a kink, of one entry."""
    kink = _is_kink(far, near)
    right, left, scale = (float(_sum(side).mid()) for side in (near.right, near.left, abs(near.central)))
    return (np.nan if kink else _extrapolated(far, near)), right, left, scale, kink


def _sum(balls: np.ndarray) -> arb:
    return sum(balls, arb(0))


def _extrapolated(far: Mixed, near: Mixed) -> float:
    """The limit of the central differences, whose error falls with h²: exact to 1e-30 of the scale, or to nothing at all."""
    ratio = arb(2) ** (2 * CLOSER)
    first, second = _sum(far.central), _sum(near.central)
    scale = _sum(abs(near.central))  # of the sum of absolute products, which cancellation does not shrink
    limit = second + (second - first) / (ratio - 1)
    error = abs(second - first).abs_upper() / (ratio - 1) + limit.rad()
    if not limit.is_finite():
        raise _Retry("domain")
    if not (error <= scale.abs_upper() * AGREEMENT or error < NEGLIGIBLE):
        raise _Retry("convergence")
    return 0.0 if limit.contains(0) or abs(limit) < error else float(limit.mid())


def _is_kink(far: Mixed, near: Mixed) -> bool:
    """Whether one-sided quotients keep apart, or run away (a jump), as the step shrinks."""
    sides = [(_sum(before), _sum(after)) for before, after in zip(far.one_sided, near.one_sided, strict=True)]
    bends = list(zip(far.bends(), near.bends(), strict=True))
    if not all(d.is_finite() for pair in (*sides, *bends) for d in pair):
        raise _Retry("domain")
    runs_away = any(after.abs_lower() > before.abs_upper() * 1024 for before, after in sides)
    return runs_away or any(after.abs_lower() > before.abs_upper() / 1024 for before, after in bends)
