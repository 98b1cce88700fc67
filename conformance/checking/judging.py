"""Whether a pull-back agrees with differences of the forward pass, along projections, with a tolerance that is derived.

⟨pull(w), v⟩ against ⟨w, d⟩, d the derivative along v, for every cotangent w and every direction v. The tolerance grows with the
estimated errors and with the sums of absolute products, never with a size and never with the result: near a zero gradient the
result says nothing of the noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from conformance.checking.outcome import Finding
from conformance.checking.subject import Subject
from conformance.oracles.differences import (
    LEVELS,
    START,
    exact_direction,
    extrapolate,
    kinks,
    ridders,
    roughness,
    steps,
)

SAFETY = 20.0  # the estimate covers the truth in 96.5 % of cases at a factor of 1, and has to cover it always
_TOO_WIDE = 1e-3  # a tolerance above this share of what is compared judges nothing
_FLAT = 2.0**27  # roundoffs: only where differences resolve slopes of so many can a function be seen to be constant
_FEW = 16.0  # roundoffs: a gradient of so many is zero but for rounding
_SETTLED = 2.0**-35  # of what is compared: an uncertainty that more steps need not improve
_FIRST = slice(
    1, 5
)  # of the steps, to begin with: of error h^8, for functions that change over distances like their inputs


@dataclass(frozen=True)
class Slopes:
    """Directional derivatives of every output (columns) along every direction (rows), with their errors."""

    y: np.ndarray  # the outputs at the point itself, evaluated together with the others
    value: np.ndarray
    error: np.ndarray
    kink: np.ndarray
    noise: np.ndarray | None = None  # of every output, where it was measured
    samples: tuple[np.ndarray, ...] = ()  # of a first look: the outputs ahead and behind


def scale(subject: Subject, *, wide: bool = False) -> np.ndarray:
    """How far to go along each input element: its own size, at least a hundredth of its neighbours', at most 1 unless `wide`."""
    size = np.abs(subject.x0)
    for where in subject.slices:
        part = size[where]
        if part.size:
            typical = part.sum() / part.size
            np.maximum(part, 1e-2 * typical if typical > 0 else 1.0, out=part)
    return size if wide else np.minimum(size, 1.0, out=size)


def signed(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of random sign and of a size between a half and one: none hides an element, and no two cancel each other."""
    drawn = rng.random(shape)
    drawn -= 0.5
    drawn += np.copysign(0.5, drawn)
    return drawn


def own_scale(subject: Subject) -> np.ndarray:
    """Each element's own size, however small: for domains that end at zero. Zeros go as far as `scale` says."""
    size = np.abs(subject.x0)
    return np.where(size > 0, size, scale(subject))


def first_slopes(subject: Subject, v: np.ndarray, *, noise: np.ndarray | float = 0.0) -> Slopes:
    """The derivatives along v from few steps; the rows of v are rounded in place to what points can represent.

    `noise` is that of the outputs, where it is known.
    """
    v[...] = exact_direction(subject.x0, v, steps(), subject.grid)
    h = steps()[_FIRST]
    with np.errstate(all="ignore"):
        y, plus, minus = _sample(subject, v, h)
        value, error = extrapolate(plus, minus, h, subject.noise, noise)
    return Slopes(y, value, error, np.zeros(()), samples=(plus, minus))


def more_slopes(subject: Subject, v: np.ndarray, first: Slopes) -> Slopes:
    """Those that `slopes` gives, from the samples of a first look and what is missing."""
    with np.errstate(all="ignore"):
        y, *wanting = _sample(subject, v, np.delete(steps(), _FIRST))
        wide = _FIRST.start
        plus, minus = (
            np.concatenate([new[:wide], old, new[wide:]]) for new, old in zip(wanting, first.samples, strict=True)
        )
        value, error = ridders(plus, minus, steps(), subject.noise)
    return Slopes(y, value, error, np.zeros(()))


def slopes(
    subject: Subject, v: np.ndarray, *, start: float = START, noise: np.ndarray | None = None, look: bool = False
) -> Slopes:
    """The derivatives along v, each output's from the steps that suit it; the rows of v are rounded in place.

    `noise` is that of the outputs, where it is known; with `look`, more of it is looked for, and kinks.
    """
    h = steps(LEVELS, start)
    v[...] = exact_direction(subject.x0, v, h, subject.grid)
    with np.errstate(all="ignore"):
        y, plus, minus = _sample(subject, v, h)
        if look:
            measured = np.nan_to_num(roughness(plus, minus, y), nan=np.inf)
            noise = measured if noise is None else np.maximum(noise, measured)
        value, error = ridders(plus, minus, h, subject.noise, noise)
        kink = kinks(plus, minus, y, h, subject.noise) if look else np.zeros(())
    return Slopes(y, value, error, kink, noise)


def _sample(subject: Subject, v: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The outputs at the point, and ahead and behind by step and direction."""
    moves = (h[:, None, None] * v).reshape(len(h) * len(v), subject.n)
    points = np.empty((1 + 2 * len(moves), subject.n))
    points[0] = subject.x0
    np.add(subject.x0, moves, out=points[1 : len(moves) + 1])
    np.subtract(subject.x0, moves, out=points[len(moves) + 1 :])
    y = subject.evaluate(points)
    plus, minus = y[1:].reshape(2, len(h), len(v), subject.m)
    return y[0], plus, minus


def _noise(subject: Subject) -> np.ndarray:
    """How far every output moves when every input does by a unit in the last place."""
    signs = np.random.Generator(np.random.SFC64(0)).choice((-1.0, 0.0, 1.0), (8, subject.n))
    with np.errstate(all="ignore"):
        y = subject.evaluate(np.concatenate([subject.x0[None], subject.x0 * (1 + 2 * subject.grid * signs)]))
        return np.nan_to_num(np.abs(y[1:] - y[0]).max(axis=0), nan=np.inf)


@dataclass(frozen=True)
class Comparison:
    """A table of projections, a row for each cotangent and a column for each direction: both numbers, the tolerance and its parts."""

    analytic: np.ndarray
    numeric: np.ndarray
    error: np.ndarray
    tolerance: np.ndarray
    differences: np.ndarray
    rounding: np.ndarray
    too_wide: float
    spread: np.ndarray  # the larger sum of absolute products
    constant: Callable[[], np.ndarray]  # where the pull-back is zero but for rounding, and differences could see more

    @property
    def wrong(self) -> np.ndarray:
        """Where the two differ by more than the tolerance; NaN differs from everything."""
        return ~(self.error <= self.tolerance)

    @property
    def undecided(self) -> np.ndarray:
        """Where the tolerance is too wide to say anything, and the derivative is not that of a constant either."""
        vague = ~(self.tolerance <= self.too_wide * self.spread) & ~self.wrong
        if vague.any():
            vague &= ~self.constant()
        return vague

    @property
    def clear(self) -> bool:
        """Whether everything agrees, and the tolerances are narrow enough to say so."""
        return bool(((self.error <= self.tolerance) & (self.tolerance <= self.too_wide * self.spread)).all())

    @property
    def settled(self) -> bool:
        """Whether more steps would not make the tolerances much narrower."""
        enough = np.maximum(self.rounding, _SETTLED / SAFETY * self.spread)
        return bool((self.differences <= enough).all())

    def finding(self, at: tuple[int, int], what: str) -> Finding:
        """One projection as a finding."""
        numbers = (float(a[at]) for a in (self.analytic, self.numeric, self.error, self.tolerance))
        parts = {"differences": float(self.differences[at]), "rounding": float(self.rounding[at]), "times": SAFETY}
        return Finding(what, *numbers, parts)

    def worst(self) -> float:
        """The largest error as a fraction of its tolerance."""
        ratios = (e / t for e, t in zip(self.error.flat, self.tolerance.flat, strict=True) if t)
        return max(map(float, ratios), default=0.0)


def compare(
    subject: Subject, g: np.ndarray, w: np.ndarray, v: np.ndarray, s: Slopes, noise: np.ndarray | float = 0.0
) -> Comparison:
    """The pull-back g of every cotangent w against the derivative along every direction v; `noise` is that of the rule."""
    w_abs = np.abs(w)
    with np.errstate(all="ignore"):  # what is not finite agrees with nothing
        analytic, numeric = _products(g, v), _products(w, s.value)
        gv_abs, wd_abs = _products(np.abs(g), np.abs(v)), _products(w_abs, np.abs(s.value))
        differences = _products(w_abs, s.error)
        if np.isnan(differences).any():  # an infinite error counts where the cotangent is not zero
            infinite = ~np.isfinite(s.error)
            differences = _products(w_abs, np.where(infinite, 0.0, s.error))
            differences[_products(w_abs, infinite.astype(float)) > 0] = np.inf
        error = np.abs(analytic - numeric)
        rounding = gamma(subject.roundoff, subject.n + subject.m) * (gv_abs + wd_abs) + noise
    tolerance = SAFETY * (differences + rounding)

    def constant() -> np.ndarray:
        slope_one = w_abs.max(axis=1, initial=0.0)[:, None] * np.abs(v).sum(axis=1)
        zero = gv_abs <= _FEW * subject.roundoff * np.maximum(_products(w_abs, np.abs(s.y)[None]), slope_one)
        seen = tolerance <= min(_FLAT * subject.noise, _TOO_WIDE) * slope_one
        return zero & (seen | (wd_abs == 0))

    return Comparison(
        analytic, numeric, error, tolerance, differences, rounding,
        too_wide(subject.roundoff), np.maximum(gv_abs, wd_abs), constant,
    )  # fmt: skip


def _products(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The scalar product of every row of a with every row of b. (A product of matrices would start threads for large ones.)"""
    return np.vecdot(a[:, None], b)


def gamma(roundoff: float, count: int) -> float:
    """The relative rounding of a sum of so many products; short formats are added up in longer ones."""
    return roundoff * (sqrt(count) if roundoff <= 2.0**-24 else 1.0)


def too_wide(roundoff: float) -> float:
    """The share of what is compared above which a tolerance judges nothing: a quarter for bfloat16."""
    return max(_TOO_WIDE, 64 * roundoff)


def settle(subject: Subject, v: np.ndarray) -> Slopes:
    """The best slope of each output from wide, narrow and narrowest steps; a wide one counts only if the narrower agree.

    A nearby kink or jump spoils the wide steps and may leave their error estimate small; a wrong pull-back is wrong at all.
    """
    v[...] = exact_direction(subject.x0, v, steps(LEVELS, _STARTS[0]), subject.grid)  # one direction for all three
    noise = np.broadcast_to(_noise(subject), (len(v), subject.m))
    settled = slopes(subject, v, start=_STARTS[0], noise=noise, look=True)
    for start in _STARTS[1:]:
        # The widest steps are too wide to tell noise from f itself, and have that of the narrower ones.
        wider = slopes(subject, v, start=start, noise=noise, look=start < START)
        noise = wider.noise
        with np.errstate(invalid="ignore"):
            agrees = np.abs(wider.value - settled.value) <= SAFETY * (wider.error + settled.error)
        take = (wider.error < settled.error) & agrees
        value, error = np.where(take, wider.value, settled.value), np.where(take, wider.error, settled.error)
        settled = Slopes(settled.y, value, error, settled.kink)
    return settled


_STARTS = (2.0**-15, 2.0**-10, START)
