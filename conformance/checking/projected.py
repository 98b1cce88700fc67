"""The projected check: three cotangents, each pulled back under conditions of its own, against the slope along a direction.

A rule that is wrong only for a second pass through one graph, for other strides, or for the expanded cotangent that
``sum().backward()`` makes is so seen for free. Calls are what costs: several graphs share one backward pass, and steps and
directions begin few, since mostly that settles it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from conformance.checking import identities, rounding
from conformance.checking.judging import (
    Comparison,
    Slopes,
    compare,
    first_slopes,
    more_slopes,
    own_scale,
    scale,
    settle,
    signed,
    slopes,
)
from conformance.checking.kinks import check_kinks
from conformance.checking.locate import fail
from conformance.checking.outcome import Inconclusive, Report
from conformance.checking.separable import refine
from conformance.checking.subject import Run, Subject

PLAIN, STRIDED, EXPANDED = range(3)
CONDITIONS = (
    "a Gaussian cotangent",
    "non-contiguous inputs and cotangent, in a second pass through the same graph",
    "an expanded cotangent of ones, with non-contiguous inputs",
)
_SIZE = 8.0  # of the Gaussian cotangent, so that both large and small numbers are in it
_MORE = 4  # directions for a second look
_FINE = 1e-8  # a resolution that lets an element a hundredth of the typical size be judged to 1e-6


@dataclass
class Projection:
    """Everything that a projected check holds: the cotangents and what they were pulled to, the directions and the slopes along them."""

    subject: Subject
    seed: int
    order: int
    runs: tuple[Run, Run]  # as given, and with non-contiguous inputs
    v: np.ndarray
    w: np.ndarray
    slopes: Slopes
    g: np.ndarray = field(default_factory=lambda: np.empty(0))
    notes: list[str] = field(default_factory=list)
    moved: np.ndarray | None = None  # which inputs the directions move, if not all

    def compare(self, noise: np.ndarray | float = 0.0) -> Comparison:
        """Every pull-back against every slope; `noise` is that of the rule."""
        return compare(self.subject, self.g, self.w, self.v, self.slopes, noise)

    def draw(self, sizes: np.ndarray, again: int) -> np.ndarray:
        """Fresh directions of these sizes: more of them, since it matters now."""
        rng = np.random.Generator(np.random.SFC64([self.seed, again]))
        v = np.concatenate([signed(rng, (1, len(sizes))), rng.standard_normal((_MORE - 1, len(sizes)))]) * sizes
        return v if self.moved is None else v * self.moved

    def pull(self, k: int, w: np.ndarray) -> np.ndarray:
        """The pull-back of w in the layout of the k-th cotangent."""
        return self.subject.pull(self.runs[k == STRIDED], w, strided=k == STRIDED)

    def pull_again(self) -> None:
        """Pulls every cotangent back once more, one by one, after the cotangents have changed."""
        self.g = np.stack([self.pull(k, w) for k, w in enumerate(self.w)])


def check_projected(subject: Subject, seed: int, order: int = 1, *, forward_mode: bool = False) -> Report:
    """The report; raises `GradientMismatch` or `Inconclusive`."""
    runs = subject.run(), subject.run(strided=True)
    if not subject.n or not subject.m:
        return subject.nothing_to_compare(runs[0], "projected", order, seed)
    p = sample(subject, seed, order, runs)
    subsets, twice = _pull(p)
    comparison = _look(p)
    identities.check_subsets(p, subsets, comparison)
    identities.check_aliasing(p, twice)
    if not comparison.clear:
        identities.check_linear(p, comparison)
        comparison = second_look(p, comparison)
    count = comparison.analytic.size + sum(check_part(p, *where) for where in _drowned(p, comparison))
    if forward_mode:
        identities.check_forward_mode(p)
    resolution = _resolution(p, comparison)
    if resolution > _FINE:
        more, resolution = refine(p, resolution)
        count += more
    return Report(
        "pass", "projected", order, subject.n, subject.m, count, comparison.worst(), resolution,
        subject.evaluations, subject.batched, seed, tuple(p.notes),
    )  # fmt: skip


def _look(p: Projection) -> Comparison:
    """The comparison with as many steps as it takes to settle it, and along more directions if nothing does."""
    comparison = p.compare()
    if not comparison.settled or _resolution(p, comparison) > _FINE:
        p.slopes = more_slopes(p.subject, p.v, p.slopes)
        comparison = p.compare()
    if not comparison.settled:
        p.v = p.draw(scale(p.subject), 0)
        p.slopes = slopes(p.subject, p.v)
        comparison = p.compare()
    return comparison


def sample(subject: Subject, seed: int, order: int, runs: tuple[Run, Run]) -> Projection:
    """The first slopes along a direction, and the cotangents to pull."""
    y = subject.values(runs[0])
    subject.require_finite(y, seed)
    identities.check_repeatable(subject, y, subject.values(runs[1]), seed)
    rng = np.random.Generator(np.random.SFC64(seed))
    drawn = signed(rng, (1, subject.n + subject.m))
    v = drawn[:, : subject.n] * scale(subject)
    w = np.empty((3, subject.m))
    w[PLAIN] = _SIZE * rng.standard_normal(subject.m)
    w[STRIDED] = drawn[0, subject.n :]
    w[EXPANDED] = _ones(subject)
    s = identities.check_sampling(subject, y, lambda: first_slopes(subject, v), seed)
    return Projection(subject, seed, order, runs, v, w, s)


def _ones(subject: Subject) -> np.ndarray | float:
    """A flat cotangent of ones; a complex one has no imaginary part."""
    if not any(subject.output_complex):
        return 1.0
    ones = np.ones(subject.m)
    for where, is_complex in zip(subject.output_slices, subject.output_complex, strict=True):
        if is_complex:
            ones[where][1::2] = 0.0
    return ones


def _pull(p: Projection) -> tuple[np.ndarray, np.ndarray]:
    """Pulls the cotangents back; what comes back are the first one's pull-backs to some inputs alone, and to one tensor as two."""
    subject, (plain, strided) = p.subject, p.runs
    given = subject.cotangents(p.w[PLAIN].copy(), plain.outputs)
    jobs = [(plain, given), (strided, subject.expanded(plain))]
    jobs += [(subject.run(active=active), given) for active in identities.subsets(subject)]
    aliased = [(run, given) for run in identities.aliased_runs(subject)]
    try:
        first, twice = _pull_with(subject, jobs, aliased)
    except Exception:
        subject.pull_all(jobs[:1])  # into an expanded cotangent one cannot write: is that what was tried?
        identities.check_unmodified(p, given)
        raise
    identities.check_unmodified(p, given)
    second = subject.pull(strided, p.w[STRIDED], strided=True)
    p.g = np.empty((3, subject.n))
    p.g[PLAIN], p.g[STRIDED], p.g[EXPANDED] = first[0], second, first[1]
    return first[2:], twice


def _pull_with(subject: Subject, jobs: list, optional: list) -> tuple[np.ndarray, np.ndarray]:
    """The pull-backs of the jobs and of the optional ones; of the jobs alone if an optional one raises."""
    if optional:
        try:
            g = subject.pull_all([*jobs, *optional])
        except Exception:  # noqa: BLE001 - equal inputs may be singular for the backward pass, which is no fault
            optional = []
        else:
            return g[: len(jobs)], g[len(jobs) :]
    return subject.pull_all(jobs), np.empty((0, subject.n))


def second_look(p: Projection, first: Comparison) -> Comparison:
    """The comparison with the best slopes that can be had; raises what it then shows."""
    subject = p.subject
    p.v = p.draw(scale(subject), 0)
    p.slopes = s = settle(subject, p.v)
    kinked = s.kink.reshape(-1, subject.m).any(axis=0)
    if kinked.any():
        check_kinks(p, kinked)
        p.w[:, kinked] = 0.0
        note = f"{int(kinked.sum())} outputs at a kink: held against the gradients around it"
        p.notes += [] if note in p.notes else [note]
        p.pull_again()
        if kinked.all():
            return compare(subject, p.g[:0], p.w[:0], p.v, s)
    comparison = p.compare()
    if comparison.undecided.any() and not comparison.wrong.any():
        comparison = _wider(p, comparison)
    if comparison.wrong.any():
        comparison = _certain(p, comparison)
    if comparison.undecided.any():
        raise Inconclusive(_why(p, comparison), seed=p.seed)
    return comparison


def _wider(p: Projection, comparison: Comparison) -> Comparison:
    """Steps in proportion to each input itself: for functions that change over distances far from 1."""
    subject = p.subject
    for sizes in (own_scale(subject), scale(subject, wide=True)):
        v = p.draw(sizes, 1)
        s = slopes(subject, v)
        other = compare(subject, p.g, p.w, v, s)
        if not other.wrong.any() and not other.undecided.any():
            p.v, p.slopes = v, s
            return other
    return comparison


def _certain(p: Projection, comparison: Comparison) -> Comparison:
    """The comparison again, now that it matters; or the mismatch.

    Without batching, with the condition of the rule itself, and along fresh directions: an error estimate is an estimate, and
    one that was too small is not so three times, while a fault stays. Where the function's own dtype has no slope that could be
    judged, nothing is said.
    """
    subject = p.subject
    subject.batched = False
    for again in range(3):
        p.v = p.draw(scale(subject), again)
        p.slopes = settle(subject, p.v)
        noise = rounding.of_projections(p, again)
        comparison = p.compare(noise)
        if not comparison.wrong.any():
            return comparison
    own = p.compare(noise + np.abs(p.w) @ rounding.of_own_differences(subject, p.slopes.y)[:, None])
    if not (comparison.wrong & ~own.undecided).any():
        return own
    k, along = (int(a[0]) for a in np.nonzero(comparison.wrong))
    finding = comparison.finding((k, along), f"⟨pull(w), v⟩ and ⟨w, df(v)⟩ for {CONDITIONS[k]}")
    raise fail(p, (k, along), finding)


def _why(p: Projection, c: Comparison) -> str:
    k, along = (int(a[0]) for a in np.nonzero(c.undecided))
    culprit = int(np.argmax(np.abs(p.w[k]) * p.slopes.error[along]))
    name, index = p.subject.output_place(culprit)
    return (
        f"differences are too inaccurate to judge this gradient: an uncertainty of {float(c.tolerance[k, along]):.2g} where "
        f"terms add up to {float(c.spread[k, along]):.2g}, most of it from {name}{list(index)}; the function is rough, flat to rounding "
        "or at the edge of its domain here: choose other inputs, or float64"
    )


def _drowned(p: Projection, c: Comparison) -> list[tuple[str, slice]]:
    """Inputs and outputs whose whole share is below the tolerance, so that nothing has been said of them."""
    if not c.analytic.size:
        return []
    tolerance = float(c.tolerance[STRIDED, 0])
    sides = {
        "input": (p.subject.slices, p.g[STRIDED], p.v[0]),
        "output": (p.subject.output_slices, p.w[STRIDED], p.slopes.value[0]),
    }
    return [
        (side, s)
        for side, (slices, a, b) in sides.items()
        for s in slices[: len(slices) if len(slices) > 1 else 0]
        if s.stop > s.start and not 1e-3 * np.abs(a[s] * b[s]).sum() >= tolerance
    ]


def check_part(p: Projection, side: str, part: slice) -> int:
    """Judges one input, or one output, by itself; returns how many comparisons that took."""
    subject = p.subject
    mask = np.zeros(subject.n if side == "input" else subject.m)
    mask[part] = 1.0
    if side == "input":
        v = p.v * mask
        alone = Projection(subject, p.seed, p.order, p.runs, v, p.w.copy(), slopes(subject, v), p.g, p.notes, mask)
    else:
        alone = Projection(subject, p.seed, p.order, p.runs, p.v.copy(), p.w * mask, p.slopes, p.g, p.notes)
        alone.pull_again()
    comparison = alone.compare()
    if not comparison.clear:
        comparison = second_look(alone, comparison)
    return comparison.analytic.size


def _resolution(p: Projection, c: Comparison) -> float:
    """The relative error of one element of typical size that the random signs would just have shown."""
    if not c.analytic.size:
        return 0.0
    products = np.abs(p.g[STRIDED] * p.v[0])
    typical = products.sum() / max(1, np.count_nonzero(products))
    return float(c.tolerance[STRIDED, 0] / typical) if typical > 0 else 0.0
