"""The full check: every row of the Jacobian by the backward pass, every column by differences, entry against entry.

Columns are moved in groups with random weights: a group tests the sum of its columns, whatever their structure is, for every
output. One that fails is taken apart, and so is what is too small beside its group.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np

from conformance.checking import identities, rounding
from conformance.checking.diagnosis import diagnose
from conformance.checking.judging import SAFETY, Slopes, first_slopes, gamma, scale, signed, too_wide
from conformance.checking.locate import block, columns
from conformance.checking.outcome import Finding, GradientMismatch, Inconclusive, Place, Report
from conformance.checking.projected import PLAIN, Projection, check_projected, sample
from conformance.checking.subject import Run, Subject
from conformance.errors import UsageError
from conformance.oracles.differences import START

_LARGEST = 1 << 26  # entries of a Jacobian: half a gigabyte
_GROUPS = (
    8  # of columns in all: each finds what is wrong in any of them, and what is too small for that is judged by itself
)
_NEGLIGIBLE = 1e-6  # of the largest entry of the Jacobian: a column that small is judged on that scale


def check_full(subject: Subject, seed: int, order: int = 1, *, forward_mode: bool = False) -> Report:
    """The report; raises `GradientMismatch` or `Inconclusive`."""
    run = subject.run()
    if not subject.n or not subject.m:
        return subject.nothing_to_compare(run, "full", order, seed)
    if subject.n * subject.m > _LARGEST:
        raise UsageError(f"the Jacobian has {subject.n} x {subject.m} entries; use mode='projected'")
    y = subject.values(run)
    subject.require_finite(y, seed)
    rng = np.random.Generator(np.random.SFC64(seed))
    jacobian = _jacobian(subject, run, rng, order, seed)
    size = np.abs(jacobian)
    noise = subject.grid * np.vecdot(size, np.abs(subject.x0))  # what is small beside its terms is rounded with them
    groups = _groups(subject, rng)
    s = identities.check_sampling(subject, y, partial(first_slopes, subject, groups.moves, noise=noise), seed)
    entries = _judge(subject, jacobian, size, groups, s)
    notes: tuple[str, ...] = ()
    if entries.suspects.size:
        notes = _take_apart(subject, jacobian, entries.suspects, run, order, seed)
    if forward_mode:
        identities.check_forward_mode(sample(subject, seed, order, (run, run)))
    return Report("pass", "full", order, subject.n, subject.m, entries.count, entries.worst, entries.resolution,
                  subject.evaluations, subject.batched, seed, notes)  # fmt: skip


def _jacobian(subject: Subject, run: Run, rng: np.random.Generator, order: int, seed: int) -> np.ndarray:
    """Every row; held against one ordinary pull-back of a signed joint cotangent, and taken in turn where it is another."""
    rows = subject.pull_rows(run)
    w = rng.standard_normal(subject.m)
    pulled = subject.pull(run, w)
    if _same(w, rows, pulled, subject):
        return rows
    rows = np.stack([subject.pull(run, unit) for unit in np.eye(subject.m)])
    if _same(w, rows, pulled, subject):
        return rows
    check_projected(subject, seed, order)  # not linear, unless both are rounding: signed joint cotangents tell
    return rows


def _same(w: np.ndarray, rows: np.ndarray, pulled: np.ndarray, subject: Subject) -> bool:
    if not np.isfinite(rows).all():
        return not np.isfinite(pulled).all()  # differences will tell
    terms = np.einsum("m,mn->n", np.abs(w), np.abs(rows))
    slack = max(1e-9, 2.0**12 * subject.roundoff) * max(terms.max(initial=0.0), np.abs(pulled).max(initial=0.0))
    return bool((np.abs(np.einsum("m,mn->n", w, rows) - pulled) <= slack).all())


@dataclass(frozen=True)
class _Groups:
    """Neighbouring columns: a group's row in `moves` has the weight of each of its columns, which lie at one of the `places`.

    The places follow one another, and take up all columns.
    """

    places: list[slice]
    moves: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """The weight of each column, which is in one group."""
        return self.moves.sum(axis=0)

    def sums(self, matrix: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The sum of the weighted columns of each group: groups come first."""
        return np.add.reduceat(matrix * weights, [p.start for p in self.places], axis=1).T

    def columns(self, chosen: np.ndarray) -> np.ndarray:
        """Those of the chosen groups."""
        return np.flatnonzero(chosen @ (self.moves != 0))


def _groups(subject: Subject, rng: np.random.Generator) -> _Groups:
    """Groups of columns of one input, so many that each input has at least two, or its columns one by one if they are few."""
    inputs = [s for s in subject.slices if s.stop > s.start]
    most = max(2, _GROUPS // len(inputs))
    places = [slice(s.start + a, s.start + b) for s in inputs for a, b in _parts(s.stop - s.start, most)]
    weights = signed(rng, (subject.n,)) * scale(subject)
    moves = np.zeros((len(places), subject.n))
    for row, place in zip(moves, places, strict=True):
        row[place] = weights[place]
    return _Groups(places, moves)


def _parts(size: int, most: int) -> Iterable[tuple[int, int]]:
    count = min(size, most)
    edges = [k * size // count for k in range(count + 1)]
    return pairwise(edges)


@dataclass(frozen=True)
class _Entries:
    count: int
    suspects: np.ndarray  # columns that are wrong, or cannot be told
    worst: float
    resolution: float


def _judge(subject: Subject, jacobian: np.ndarray, size: np.ndarray, groups: _Groups, s: Slopes) -> _Entries:
    """The sums of the columns of each group against the slopes along it; `size` is that of the entries."""
    weights = groups.weights  # as they were rounded, which the slopes are along
    columns = -(-subject.n // len(groups.places))
    with np.errstate(all="ignore"):
        spread = np.maximum(groups.sums(size, np.abs(weights)), np.abs(s.value))
        tolerance = SAFETY * (s.error + gamma(subject.roundoff, 32 * columns) * spread)
        error = np.abs(groups.sums(jacobian, weights) - s.value)
        largest = spread.max(axis=1)  # of all outputs, for one group
        good = (error <= tolerance) & (tolerance <= too_wide(subject.roundoff) * largest[:, None])
        worst = np.max(error / tolerance, where=good & (tolerance > 0), initial=0.0)
        resolution = np.nan_to_num(np.max(tolerance.max(axis=1) / largest))
    suspects = _drowned(subject, size, groups, tolerance) if good.all() else groups.columns(~good.all(axis=1))
    return _Entries(good.size, suspects, float(worst), float(resolution))


def _drowned(subject: Subject, size: np.ndarray, groups: _Groups, tolerance: np.ndarray) -> np.ndarray:
    """The columns of which no entry is seen beside the others of its group, though one is not zero."""
    largest = size.max(axis=0)
    group = np.repeat(np.arange(len(groups.places)), [p.stop - p.start for p in groups.places])
    weights = too_wide(subject.roundoff) * np.abs(groups.weights)
    doubtful = np.flatnonzero((weights * largest <= tolerance.max(axis=1)[group]) & (largest > 0))
    return np.array([j for j in doubtful if (weights[j] * size[:, j] <= tolerance[group[j]]).all()], dtype=int)


def _take_apart(
    subject: Subject, jacobian: np.ndarray, suspects: np.ndarray, run: Run, order: int, seed: int
) -> tuple[str, ...]:
    """Judges columns one by one with the best differences there are; raises what they show, or gives notes."""
    p = Projection(subject, seed, order, (run, run), np.empty(0), np.empty(0), None)
    y = subject.evaluate(subject.x0[None])[0]
    largest_value = np.concatenate(
        [np.full(s.stop - s.start, np.abs(y[s]).max(initial=0.0)) for s in subject.output_slices]
    )
    weight = np.abs(jacobian).max(initial=0.0)
    undecided: list[int] = []
    kinked = False
    for chunk in np.array_split(suspects, -(-len(suspects) // 256)):
        analytic = jacobian[:, chunk].T
        c = _columns_against(subject, chunk, analytic, largest_value, weight)
        if c.wrong.any():
            c = _certain(p, chunk, analytic, largest_value, weight)
        undecided += chunk[(c.vague & ~_constant(subject, analytic, c, y)).any(axis=1)].tolist()
        kinked = kinked or bool(c.kink.any())
    if undecided:
        name, index = subject.input_place(undecided[0])
        raise Inconclusive(f"differences are too inaccurate for {len(undecided)} inputs, {name}{list(index)} among them; "
                           "choose other inputs, or float64", seed=seed)  # fmt: skip
    return check_projected(subject, seed, order).notes if kinked else ()


def _certain(
    p: Projection, chunk: np.ndarray, analytic: np.ndarray, largest_value: np.ndarray, weight: float
) -> _Columns:
    """The columns again, now that it matters, or the mismatch: as the projected check makes certain, with other steps each time.

    An entry that the function's own dtype has no slope for is not wrong; beside larger ones of its column it may be as it is.
    """
    subject = p.subject
    measured = [rounding.of_columns(subject, chunk, p.seed, again) for again in range(3)]
    subject.batched = False
    for noise, factor in zip(measured, (1.0, 0.7, 1.3), strict=True):
        c = _columns_against(subject, chunk, analytic, largest_value, weight, factor, noise)
        if not c.wrong.any():
            return c
    own = rounding.of_own_differences(subject, largest_value) / scale(subject)[chunk, None]
    coarse = _columns_against(subject, chunk, analytic, largest_value, weight, factor, noise + own)
    entries = np.maximum(np.abs(analytic), np.abs(c.value))
    lost = c.wrong & ~coarse.wrong & ~(coarse.tolerance <= too_wide(subject.roundoff) * entries)
    if not (c.wrong & ~lost).any():
        return replace(c, wrong=np.zeros_like(lost), vague=c.vague | (lost & coarse.vague))
    raise _mismatch(p, chunk, analytic, c)


@dataclass(frozen=True)
class _Columns:
    value: np.ndarray
    error: np.ndarray
    kink: np.ndarray
    tolerance: np.ndarray
    wrong: np.ndarray
    vague: np.ndarray


def _columns_against(
    subject: Subject,
    chunk: np.ndarray,
    analytic: np.ndarray,
    largest_value: np.ndarray,
    weight: float,
    factor: float = 1.0,
    noise: np.ndarray | float = 0.0,
) -> _Columns:
    """The columns by differences, with steps of another `factor`; `noise` is that of the rule."""
    value, error, kink = columns(subject, chunk, factor)
    products = gamma(subject.roundoff, 16) * (np.abs(analytic) + np.abs(value))
    tolerance = SAFETY * (error + products + noise)
    # What is small beside the other values of its tensor may have been rounded with them, and by no more than they.
    coarse = SAFETY * 4 * subject.noise * largest_value / (START * scale(subject)[chunk])[:, None]
    wrong = ~(np.abs(analytic - value) <= tolerance + coarse) & (kink == 0)
    largest = np.maximum(np.abs(analytic), np.abs(value)).max(axis=1, initial=0.0)
    largest = np.maximum(largest, _NEGLIGIBLE * weight)
    vague = ~(tolerance <= too_wide(subject.roundoff) * largest[:, None]) & (kink == 0)
    return _Columns(value, error, kink, tolerance, wrong, vague)


def _constant(subject: Subject, analytic: np.ndarray, c: _Columns, y: np.ndarray) -> np.ndarray:
    """Where the backward pass says zero but for rounding, and differences could have seen more."""
    unit = np.maximum(np.abs(y), 1.0)
    return (np.abs(analytic) <= 8 * subject.roundoff * subject.n * unit) & (c.tolerance <= 1e-3 * unit)


def _mismatch(p: Projection, chunk: np.ndarray, analytic: np.ndarray, found: _Columns) -> GradientMismatch:
    value, error, tolerance, wrong = found.value, found.error, found.tolerance, found.wrong
    with np.errstate(all="ignore"):
        excess = np.where(wrong, np.nan_to_num(np.abs(analytic - value) / tolerance, nan=np.inf, posinf=np.inf), 0.0)
    c, i = np.unravel_index(int(np.argmax(excess)), wrong.shape)
    j = int(chunk[c])
    numbers = (
        float(analytic[c, i]),
        float(value[c, i]),
        float(abs(analytic[c, i] - value[c, i])),
        float(tolerance[c, i]),
    )
    finding = Finding("this entry", *numbers, {"differences": float(error[c, i]), "times": SAFETY})
    place = Place(*p.subject.output_place(int(i)), *p.subject.input_place(j))
    summary = (
        f"the {'first' if p.order == 1 else 'second'} backward pass contradicts the function, in the full Jacobian"
    )
    return GradientMismatch(summary, finding, place=place, entry=finding, seed=p.seed, order=p.order,
                            diagnosis=diagnose(block(p, PLAIN, int(i), j), linear=True))  # fmt: skip
