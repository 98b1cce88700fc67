"""True derivatives without derivative rules: central differences of the forward program in ball arithmetic.

The truth of a vjp is the gradient of the scalar <w, f(x)>, so one sweep over the elements gives every entry. Each step is
taken twice, h and h·2^-40: their agreement bounds the truncation, which the balls do not enclose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from conformance.oracles.forward import BallEngine, Forward
from conformance.oracles.reasons import NoTruth
from conformance.program import Program
from refgrad.backends.ball import BallArray, arithmetic
from refgrad.errors import Undecided

RUNGS = ((500, 120), (1200, 120), (2600, 500), (8000, 1500))
"""Bits of precision, and the binary exponent of the step: tried in this order until two steps agree."""
CLOSER = 40
AGREEMENT = 1e-30
NEGLIGIBLE = arb(2) ** -1104  # the smallest subnormal times 2^-30


@dataclass(frozen=True)
class Gradient:
    """The truth of one differentiated input, the one-sided derivatives beside it, and the rung that gave it."""

    value: np.ndarray
    right: np.ndarray
    left: np.ndarray
    kinks: np.ndarray
    bits: int


def values(program: Program) -> dict[str, np.ndarray]:
    """What each value read before any gradient must show, rounded to its dtype.

    Raises `NoTruth` where the function is not defined or a comparison stays undecided.
    """
    return _first_rung(lambda bits, _step: _values(program, bits))


def gradients(program: Program) -> dict[str, Gradient]:
    """The truth of every input of the program's gradient statement, by the name of the leaf."""
    return _first_rung(lambda bits, step: _gradients(program, bits, step))


class _Retry(Exception):
    """More bits are needed to settle it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def _first_rung(attempt: Callable[[int, int], Any]) -> Any:
    failed = "convergence"
    for bits, step in RUNGS:
        with arithmetic(bits):
            try:
                return attempt(bits, step)
            except Undecided:
                failed = "overlap"
            except _Retry as retry:
                failed = retry.reason
    raise NoTruth(failed)


def _values(program: Program, _bits: int) -> dict[str, np.ndarray]:
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


def _gradients(program: Program, bits: int, step: int) -> dict[str, Gradient]:
    forward = Forward(program, BallEngine())
    base = forward({})
    outputs = [_finite(base[name]) for name in forward.outputs]
    cotangents = [
        BallArray.of(np.ones(y.shape), y.dtype) if w is None else base[w]
        for y, w in zip(outputs, forward.cotangents, strict=True)
    ]
    leaves = forward.leaves()
    sweep = _Sweep(forward, outputs, cotangents)
    return {name: _gradient(sweep, name, leaves[name], bits, step) for name in forward.inputs}


def _finite(y: BallArray) -> BallArray:
    if not all(v.is_finite() for v in y.data.flat):
        raise _Retry("domain")
    return y


def _gradient(sweep: _Sweep, name: str, x: np.ndarray, bits: int, step: int) -> Gradient:
    value, right, left = (np.zeros(x.shape) for _ in range(3))
    kinks = np.zeros(x.shape, bool)
    for i in np.ndindex(x.shape):
        magnitude = abs(float(x[i]))
        h = arb(2) ** -step * (arb(min(1.0, magnitude)) if magnitude else 1)
        far = sweep.differences(name, x, i, h)
        near = sweep.differences(name, x, i, h * arb(2) ** -CLOSER)
        kinks[i] = _is_kink(far, near)
        right[i], left[i] = float(near.right.mid()), float(near.left.mid())
        value[i] = np.nan if kinks[i] else _extrapolated(far, near)
    return Gradient(rounded_to(value, x.dtype), right, left, kinks, bits)


@dataclass(frozen=True)
class _Differences:
    central: arb
    right: arb
    left: arb
    scale: arb  # the sum of the absolute products, which cancellation does not shrink
    bend: tuple[arb, ...]  # right minus left, output by output


def _extrapolated(far: _Differences, near: _Differences) -> float:
    """The limit of the central differences, whose error falls with h²: exact to 1e-30 of the scale, or to nothing at all."""
    ratio = arb(2) ** (2 * CLOSER)
    limit = near.central + (near.central - far.central) / (ratio - 1)
    error = abs(near.central - far.central).abs_upper() / (ratio - 1) + limit.rad()
    if not limit.is_finite():
        raise _Retry("domain")
    if not (error <= near.scale.abs_upper() * AGREEMENT or error < NEGLIGIBLE):
        raise _Retry("convergence")
    return 0.0 if limit.contains(0) or abs(limit) < error else float(limit.mid())


def _is_kink(far: _Differences, near: _Differences) -> bool:
    """Whether the one-sided quotients keep apart, or run away (a jump), as the step shrinks."""
    if not all(d.is_finite() for d in (far.right, far.left, near.right, near.left)):
        raise _Retry("domain")
    if near.right.abs_lower() > far.right.abs_upper() * 1024 or near.left.abs_lower() > far.left.abs_upper() * 1024:
        return True
    for before, after in zip(far.bend, near.bend, strict=True):
        if not before.is_finite() or not after.is_finite():
            raise _Retry("domain")
        if after.abs_lower() > before.abs_upper() / 1024:
            return True
    return False


class _Sweep:
    """The differences of all outputs along one element at a time."""

    def __init__(self, forward: Forward, outputs: list[BallArray], cotangents: list[Any]) -> None:
        self.forward = forward
        self.outputs = outputs
        self.cotangents = cotangents

    def differences(self, name: str, x: np.ndarray, i: tuple[int, ...], h: arb) -> _Differences:
        above, below = self._at(name, x, i, h), self._at(name, x, i, -h)
        central, right, left, scale = arb(0), arb(0), arb(0), arb(0)
        bend = []
        for w, up, here, down in self._elements(above, below):
            forward, backward = (up - here) / h, (here - down) / h
            slope = (up - down) / (2 * h)
            central, right, left = central + w * slope, right + w * forward, left + w * backward
            scale = scale + abs(w * slope)
            bend.append(forward - backward)
        return _Differences(central, right, left, scale, tuple(bend))

    def _at(self, name: str, x: np.ndarray, i: tuple[int, ...], h: arb) -> list[BallArray]:
        moved = BallArray.of(x)
        moved.data[i] = moved.data[i] + h
        found = self.forward({name: moved})
        return [found[y] for y in self.forward.outputs]

    def _elements(self, above: list[BallArray], below: list[BallArray]) -> Iterator[tuple[arb, arb, arb, arb]]:
        for w, up, here, down in zip(self.cotangents, above, self.outputs, below, strict=True):
            rows = zip(np.asarray(w.data).flat, up.data.flat, here.data.flat, down.data.flat, strict=True)
            yield from (row for row in rows if not row[0].is_zero())
