"""The projected check: four pairs of a cotangent and a direction, each pulled back under conditions of its own.

A rule that is wrong only for a second pass through one graph, for other strides, or for the expanded cotangent that
``sum().backward()`` makes is so seen for free. Several graphs share one backward pass, since calls are what costs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from conformance.checking import identities
from conformance.checking.judging import Comparison, Slopes, compare, own_scale, scale, settle, slopes
from conformance.checking.kinks import check_kinks
from conformance.checking.locate import fail
from conformance.checking.outcome import Inconclusive, Report
from conformance.checking.separable import refine
from conformance.checking.subject import Run, Subject

PLAIN, STRIDED, AGAIN, EXPANDED = range(4)
CONDITIONS = (
    "a Gaussian cotangent",
    "random signs, non-contiguous inputs and cotangent",
    "a second pass through the same graph",
    "an expanded cotangent of ones",
)
_FINE = 1e-8  # a resolution that lets an element a hundredth of the typical size be judged to 1e-6


@dataclass
class Projection:
    """Everything that a projected check holds: the pairs, what was pulled, what was sampled."""

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

    def draw(self, sizes: np.ndarray, again: int) -> np.ndarray:
        """Fresh directions of these sizes, one for each cotangent."""
        v = _draw(self.subject.n, [self.seed, again])[: len(self.w)] * sizes
        return v if self.moved is None else v * self.moved

    def pull(self, k: int, w: np.ndarray) -> np.ndarray:
        """The pull-back of w in the layout of the k-th pair."""
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
    _pull(p)
    comparison = compare(subject, p.g, p.w, p.v, p.slopes)
    if not comparison.clear:
        comparison = second_look(p, comparison)
    count = len(comparison.analytic) + sum(check_part(p, *where) for where in _drowned(p, comparison))
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


def sample(subject: Subject, seed: int, order: int, runs: tuple[Run, Run]) -> Projection:
    """The slopes along all directions, and the cotangents to pull.

    Gaussian pairs see any error of two entries; random signs shrink none, so that a single one is seen at its full size.
    """
    y = subject.values(runs[0])
    subject.require_finite(y, seed)
    identities.check_repeatable(subject, y, subject.values(runs[1]), seed)
    drawn = _draw(subject.n + subject.m, seed)
    v, w = drawn[:, : subject.n], drawn[:, subject.n :]
    v *= scale(subject)
    w[AGAIN] = identities.FIRST * w[PLAIN] + identities.SECOND * w[STRIDED]
    w[EXPANDED] = _ones(subject)
    s = identities.check_sampling(subject, y, slopes(subject, v), v, seed)
    return Projection(subject, seed, order, runs, v, w, s)


def _draw(count: int, seed: int | list[int]) -> np.ndarray:
    """Four rows of so many Gaussian numbers, the second one of signs."""
    drawn = np.random.Generator(np.random.SFC64(seed)).standard_normal((4, count))
    np.copysign(1.0, drawn[STRIDED], out=drawn[STRIDED])
    return drawn


def _ones(subject: Subject) -> np.ndarray | float:
    """A flat cotangent of ones; a complex one has no imaginary part."""
    if not any(subject.output_complex):
        return 1.0
    ones = np.ones(subject.m)
    for where, is_complex in zip(subject.output_slices, subject.output_complex, strict=True):
        if is_complex:
            ones[where][1::2] = 0.0
    return ones


def _pull(p: Projection) -> None:
    """Pulls the cotangents back, and checks what needs no differences."""
    subject, (plain, strided) = p.subject, p.runs
    given = subject.cotangents(p.w[PLAIN].copy(), plain.outputs)
    jobs = [(plain, given), (strided, subject.cotangents(p.w[STRIDED], plain.outputs, strided=True))]
    jobs += [(subject.run(active=active), given) for active in identities.subsets(subject)]
    aliased = identities.aliased_runs(subject)
    first, twice = _pull_with(subject, jobs, [(run, given) for run in aliased])
    identities.check_unmodified(p, given)
    again = subject.cotangents(p.w[AGAIN], plain.outputs)
    second = subject.pull_all([(plain, again), (strided, subject.expanded(plain))])
    p.g = np.concatenate([first[:2], second])
    identities.check_linear(p)
    if len(first) > 2:
        identities.check_subsets(p, first[2:])
    if len(twice):
        identities.check_aliasing(p, *twice)


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
    s = settle(subject, p.v)
    p.slopes = s
    kinked = s.kink.reshape(-1, subject.m).any(axis=0)
    if kinked.any():
        check_kinks(p, kinked)
        p.w[:, kinked] = 0.0
        note = f"{int(kinked.sum())} outputs at a kink: held against the gradients around it"
        p.notes += [] if note in p.notes else [note]
        p.pull_again()
        if kinked.all():
            return compare(subject, p.g[:0], p.w[:0], p.v[:0], Slopes(s.y, s.value[:0], s.error[:0], s.kink))
    comparison = compare(subject, p.g, p.w, p.v, s)
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
        v = p.draw(sizes, 0)
        s = slopes(subject, v)
        other = compare(subject, p.g, p.w, v, s)
        if not other.wrong.any() and not other.undecided.any():
            p.v, p.slopes = v, s
            return other
    return comparison


def _certain(p: Projection, comparison: Comparison) -> Comparison:
    """The comparison again, now that it matters; or the mismatch.

    Without batching, with the condition of the rule itself, and along fresh directions: an error estimate is an estimate, and
    one that was too small is not so three times, while a fault stays.
    """
    subject = p.subject
    subject.batched = False
    for again in range(3):
        if again:
            p.v = p.draw(scale(subject), again)
        p.slopes = settle(subject, p.v)
        comparison = compare(subject, p.g, p.w, p.v, p.slopes, identities.condition(p))
        if not comparison.wrong.any():
            return comparison
    k = int(np.flatnonzero(comparison.wrong)[0])
    raise fail(p, k, comparison.finding(k, f"⟨pull(w), v⟩ and ⟨w, df(v)⟩ for {CONDITIONS[k]}"))


def _why(p: Projection, c: Comparison) -> str:
    k = int(np.flatnonzero(c.undecided)[0])
    culprit = int(np.argmax(np.abs(p.w[k]) * p.slopes.error[k]))
    name, index = p.subject.output_place(culprit)
    return (
        f"differences are too inaccurate to judge this gradient: an uncertainty of {float(c.tolerance[k]):.2g} where terms "
        f"add up to {float(c.spread[k]):.2g}, most of it from {name}{list(index)}; the function is rough, flat to rounding "
        "or at the edge of its domain here: choose other inputs, or float64"
    )


def _drowned(p: Projection, c: Comparison) -> list[tuple[str, slice]]:
    """Inputs and outputs whose whole share is below the tolerance, so that nothing has been said of them."""
    found: list[tuple[str, slice]] = []
    if not len(c.analytic):
        return found
    tolerance = float(c.tolerance[STRIDED])
    for side, slices, products in (
        ("input", p.subject.slices, p.g * p.v),
        ("output", p.subject.output_slices, p.w * p.slopes.value),
    ):
        if len(slices) > 1:
            found += [
                (side, s)
                for s in slices
                if not 1e-3 * np.abs(products[STRIDED, s]).sum() >= tolerance and s.stop > s.start
            ]
    return found


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
    comparison = compare(subject, alone.g, alone.w, alone.v, alone.slopes)
    if not comparison.clear:
        comparison = second_look(alone, comparison)
    return len(comparison.analytic)


def _resolution(p: Projection, c: Comparison) -> float:
    """The relative error of one element of typical size that the random signs would just have shown."""
    if not len(c.analytic):
        return 0.0
    products = np.abs(p.g[STRIDED] * p.v[STRIDED])
    typical = products.sum() / max(1, np.count_nonzero(products))
    return float(c.tolerance[STRIDED] / typical) if typical > 0 else 0.0
