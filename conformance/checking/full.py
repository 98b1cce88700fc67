"""The full check: every row of the Jacobian by the backward pass, every column by differences, entry against entry.

Columns are moved one by one while that is cheap; where there are many, in groups with random weights: a group tests the sum of
its columns, whatever their structure is, and one that fails is taken apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conformance.checking import identities
from conformance.checking.diagnosis import diagnose
from conformance.checking.judging import SAFETY, gamma, scale, too_wide
from conformance.checking.locate import block, columns
from conformance.checking.outcome import Finding, GradientMismatch, Inconclusive, Place, Report
from conformance.checking.projected import PLAIN, Projection, check_projected, sample
from conformance.checking.subject import Run, Subject
from conformance.errors import UsageError
from conformance.oracles.differences import START, exact_direction, ridders, steps

_LARGEST = 1 << 26  # entries of a Jacobian: half a gigabyte
_NUMBERS = 1 << 18  # that one input's differences may handle before its columns are grouped
_ENTRIES = 1 << 12  # that are compared at most for one input, each with the sum of the columns of its group
_NEGLIGIBLE = 1e-6  # of the largest entry of the Jacobian: a column that small is judged on that scale
_LEVELS, _START = 3, 2.0**-5  # of error h^6 for a third of the evaluations: enough for all but a few columns


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
    count, worst, resolution, suspects = 0, 0.0, 0.0, []
    for k, where in enumerate(subject.slices):
        if where.stop == where.start:
            continue
        g = _differences(subject, k, rng, y, seed)
        entries = _judge(subject, jacobian[:, where], g)
        count += entries.ratio.size
        worst, resolution = max(worst, entries.worst), max(resolution, entries.resolution)
        suspects += [where.start + j for j in entries.suspects]
    notes: tuple[str, ...] = ()
    if suspects:
        notes = _take_apart(subject, jacobian, np.array(suspects), run, order, seed)
    if forward_mode:
        identities.check_forward_mode(sample(subject, seed, order, (run, run)))
    return Report("pass", "full", order, subject.n, subject.m, count, min(worst, 1.0), resolution,
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
    """Differences along groups of columns: `v` has the weight of each column, `group` where it belongs."""

    v: np.ndarray
    group: np.ndarray
    value: np.ndarray
    error: np.ndarray


def _differences(subject: Subject, k: int, rng: np.random.Generator, y: np.ndarray, seed: int) -> _Groups:
    where = subject.slices[k]
    size = where.stop - where.start
    h = steps(_LEVELS, _START)
    count = min(size, max(16, min(_NUMBERS // (2 * _LEVELS * (size + subject.m)), _ENTRIES // max(1, subject.m))))
    v = scale(subject)[where]
    if count < size:
        v = v * rng.choice((-1.0, 1.0), size) * rng.uniform(0.5, 1.0, size)
    v = exact_direction(subject.x0[where], v, h, subject.grid)
    group = np.arange(size) % count
    moves = np.zeros((count, size))
    moves[group, np.arange(size)] = v
    moves = np.concatenate([s * moves for s in h])
    points = np.empty((2 * len(moves) + 1, size))
    points[0] = x = subject.x0[where]
    np.add(x, moves, out=points[1 : len(moves) + 1])
    np.subtract(x, moves, out=points[len(moves) + 1 :])
    with np.errstate(all="ignore"):
        found = subject.evaluate(points, only=k)
        if not identities.close(y, found[0], max(subject.roundoff, subject.noise)):
            if not subject.batched:
                raise Inconclusive(identities.OTHER_WITHOUT_GRAPH, seed=seed)
            subject.batched = False
            found = subject.evaluate(points, only=k)
        plus, minus = found[1:].reshape(2, _LEVELS, count, subject.m)
        value, error = ridders(plus, minus, h, subject.noise)
    return _Groups(v, group, value, error)


@dataclass(frozen=True)
class _Entries:
    ratio: np.ndarray  # the error of each entry, as a fraction of its tolerance
    suspects: np.ndarray  # columns that are wrong, or cannot be told
    worst: float
    resolution: float


def _judge(subject: Subject, jacobian: np.ndarray, d: _Groups) -> _Entries:
    products = (jacobian * d.v).T
    size, count = len(d.group), len(d.value)
    analytic, spread = products, np.abs(products)
    if count < size:  # column j is in group j mod count, so that rows of a grid can be added up
        padded = np.zeros((2, -(-size // count) * count, subject.m))
        padded[0, :size], padded[1, :size] = products, spread
        analytic, spread = padded.reshape(2, -1, count, subject.m).sum(axis=1)
    numeric = d.value
    rounding = gamma(subject.roundoff, 16 * (1 + size // count)) * (spread + np.abs(numeric))
    tolerance = SAFETY * (d.error + rounding)
    error = np.abs(analytic - numeric)
    largest = np.maximum(spread, np.abs(numeric)).max(axis=1, initial=0.0)  # of all outputs, for one group
    bad = ~(error <= tolerance) | ~(tolerance <= too_wide(subject.roundoff) * largest[:, None])
    with np.errstate(all="ignore"):
        ratio = np.where(error == 0, 0.0, error / tolerance)
        resolution = np.median(tolerance.max(axis=1) / largest) if len(largest) else 0.0
    suspects = np.flatnonzero(bad.any(axis=1)[d.group])
    worst = float(np.max(ratio, where=~bad, initial=0.0))
    return _Entries(ratio, suspects, worst, float(np.nan_to_num(resolution)))


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
        if c.wrong.any():  # without batching, and with other steps: an unlucky error estimate is not so three times
            subject.batched = False
            for factor in (1.0, 0.7, 1.3):
                c = _columns_against(subject, chunk, analytic, largest_value, weight, factor)
                if not c.wrong.any():
                    break
            else:
                raise _mismatch(p, chunk, analytic, c)
        undecided += chunk[(c.vague & ~_constant(subject, analytic, c, y)).any(axis=1)].tolist()
        kinked = kinked or bool(c.kink.any())
    if undecided:
        name, index = subject.input_place(undecided[0])
        raise Inconclusive(f"differences are too inaccurate for {len(undecided)} inputs, {name}{list(index)} among them; "
                           "choose other inputs, or float64", seed=seed)  # fmt: skip
    return check_projected(subject, seed, order).notes if kinked else ()


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
) -> _Columns:
    value, error, kink = columns(subject, chunk, factor)
    rounding = gamma(subject.roundoff, 16) * (np.abs(analytic) + np.abs(value))
    tolerance = SAFETY * (error + rounding)
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
