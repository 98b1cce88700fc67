"""Ridders' differences in floating point, with an error estimate for every element: the last rung of truth, and all of live checking.

Pure NumPy. Sampling an engine's function is in `conformance.checking`; judging with these numbers is there too.
Source: C. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering Software 4 (1982), 75–76.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

LEVELS = 7
START = 2.0**-4
"""The widest step, relative to the scale of a direction. Powers of two, so that scaling by a step is exact."""


@dataclass(frozen=True)
class Estimate:
    """Derivatives along a direction with their errors; `kink` is half the jump of the slope where one was noticed, else zero."""

    value: np.ndarray
    error: np.ndarray
    kink: np.ndarray
    direction: np.ndarray  # the one asked for, rounded to what the points can represent


@cache
def steps(levels: int = LEVELS, start: float = START) -> np.ndarray:
    """The steps of the table: start, start/2, start/4 …

    >>> steps(3, 0.5)
    array([0.5  , 0.25 , 0.125])
    """
    h = start * 0.5 ** np.arange(levels)
    h.flags.writeable = False
    return h


def ridders(
    plus: np.ndarray, minus: np.ndarray, h: np.ndarray, roundoff: float, noise: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The derivative and its error, element by element, from f(x + h v) and f(x - h v) stacked by step.

    Each element takes the entry of its own extrapolation table whose error estimate is the least: the distance to the entry
    that it was made from, plus the rounding of f at its smallest step; `noise` is that of each element, where it was measured.
    Steps where f is not finite are left out.

    >>> h, x = steps(), 0.7
    >>> value, error = ridders(np.sin(x + h), np.sin(x - h), h, 2.0**-53)
    >>> bool(abs(value - np.cos(x)) <= error), bool(error < 1e-13)
    (True, True)
    """
    shape = plus.shape[1:]
    plus, minus = plus.reshape(len(h), -1), minus.reshape(len(h), -1)
    count = plus.shape[1]
    floor = np.zeros(count) if noise is None else noise.reshape(-1)
    if count <= _COLUMNS:
        value, error = _best_entries(plus, minus, h, roundoff, floor)
        return value.reshape(shape), error.reshape(shape)
    value, error = np.empty(count), np.empty(count)
    for begin in range(0, count, _COLUMNS):
        part = slice(begin, begin + _COLUMNS)
        value[part], error[part] = _best_entries(plus[:, part], minus[:, part], h, roundoff, floor[part])
    return value.reshape(shape), error.reshape(shape)


_COLUMNS = 1024  # elements at a time: the whole table of so many stays in the cache


def _best_entries(
    plus: np.ndarray, minus: np.ndarray, h: np.ndarray, roundoff: float, floor: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    table = _table(len(h))
    quotients = plus - minus
    quotients *= (0.5 / h)[:, None]
    sizes = np.maximum(np.abs(plus), np.abs(minus))
    bad = None
    if not np.isfinite(quotients).all():  # some steps left the domain
        bad = ~(np.isfinite(quotients) & np.isfinite(sizes))
        quotients, sizes = np.where(bad, 0.0, quotients), np.where(bad, 0.0, sizes)
    error = table.gaps @ quotients
    np.abs(error, out=error)
    error += (1 / h[table.smallest])[:, None] * np.maximum(roundoff * sizes.max(axis=0), floor)
    if bad is not None:
        error[(table.entries != 0).astype(float) @ bad > 0] = np.inf
    best = error.argmin(axis=0)
    columns = np.arange(len(best))
    return (table.entries @ quotients)[best, columns], error[best, columns]


def extrapolate(
    plus: np.ndarray, minus: np.ndarray, h: np.ndarray, roundoff: float, noise: np.ndarray | float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """The last entry of the table alone, with its error estimate: a first look, which says when it is too coarse.

    It uses all steps, so the error is NaN where f is not finite at one of them.

    >>> h, x = steps(4, 2.0**-5), 0.7
    >>> value, error = extrapolate(np.sin(x + h), np.sin(x - h), h, 2.0**-53)
    >>> bool(abs(value - np.cos(x)) <= error), bool(error < 1e-13)
    (True, True)
    """
    table = _table(len(h))
    quotients = (plus - minus).reshape(len(h), -1)
    quotients *= (0.5 / h)[:, None]
    value, gap = table.last @ quotients
    rounding = roundoff * np.maximum(np.abs(plus[-1]), np.abs(minus[-1]))
    error = np.abs(gap).reshape(rounding.shape) + np.maximum(rounding, noise) / h[-1]
    return value.reshape(rounding.shape), error


@dataclass(frozen=True)
class _Table:
    """Richardson's extrapolation is linear in the quotients: an entry is one row, and so is its distance to its parents.

    Kept are the diagonal, which begins with the widest steps, and the last row, which ends with the smallest: the others
    seldom win, and cost as much. Of the two distances, that to the parent above is always the larger.
    """

    entries: np.ndarray
    gaps: np.ndarray
    smallest: np.ndarray  # the level of the smallest step that an entry uses
    last: np.ndarray  # the last entry and its gap


@cache
def _table(levels: int) -> _Table:
    column = list(np.eye(levels))
    entries, gaps, smallest = [], [], []
    for j in range(1, levels):
        following = [b + (b - a) / (4.0**j - 1) for a, b in zip(column, column[1:], strict=False)]
        for i in {0, len(following) - 1}:
            entries.append(following[i])
            gaps.append(following[i] - column[i])
            smallest.append(i + j)
        column = following
    return _Table(np.array(entries), np.array(gaps), np.array(smallest), np.array([entries[-1], gaps[-1]]))


def kinks(plus: np.ndarray, minus: np.ndarray, middle: np.ndarray, h: np.ndarray, roundoff: float) -> np.ndarray:
    """Half the jump between the one-sided slopes, per element, where it does not shrink with the step; zero where f is smooth.

    A central difference at a kink is exact and wrong: for relu at 0 it is ½ at every step.

    >>> h = steps()
    >>> kinks(np.maximum(h, 0)[:, None], np.maximum(-h, 0)[:, None], np.zeros(1), h, 2.0**-53)
    array([0.5])
    """
    with np.errstate(invalid="ignore", over="ignore"):
        width = h.reshape(-1, *[1] * (plus.ndim - 1))
        gaps = np.abs(plus + minus - 2 * middle) / width
        noise = 64 * roundoff / h[-1] * np.maximum(np.abs(middle), np.maximum(np.abs(plus[-1]), np.abs(minus[-1])))
        slope = np.abs(plus[-1] - minus[-1]) / h[-1]
        # f'' makes the gap shrink with the step, 64-fold in all, and noise makes it grow; at a kink it stays.
        stays = gaps.min(axis=0) > 0.2 * gaps.max(axis=0)
    jumps = stays & (gaps[-1] > noise) & (gaps[-1] > 1e-6 * slope)
    return np.where(jumps, 0.5 * gaps[-1], 0.0)


def roughness(plus: np.ndarray, minus: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """The noise of f, measured: what a polynomial of degree 6 through all samples leaves over.

    A sum of large terms rounds by more than its last place, and a rounded function is a staircase. For steps of 2^-10 and less,
    at which a smooth function is such a polynomial.

    >>> h = steps(start=2.0**-10)
    >>> stairs = lambda x: np.round(x * 1e6) / 1e6
    >>> bool(1e-7 < roughness(stairs(1 + h)[:, None], stairs(1 - h)[:, None], stairs(np.ones(1)))[0] < 1e-6)
    True
    """
    values = np.concatenate([plus, minus]) - middle
    rest = _rest(len(plus))
    return np.abs((rest @ values.reshape(len(values), -1)).reshape(values.shape)).max(axis=0)


@cache
def _rest(levels: int) -> np.ndarray:
    """The projection of values at plus and minus the steps onto what no polynomial of degree 1 to 6 explains."""
    t = np.concatenate([steps(levels, 1.0), -steps(levels, 1.0)])
    basis, _ = np.linalg.qr(np.stack([t**k for k in range(1, 7)], axis=1))
    return np.eye(len(t)) - basis @ basis.T


def differentiate(
    f: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    v: np.ndarray,
    *,
    levels: int = LEVELS,
    start: float = START,
    roundoff: float = 2.0**-53,
) -> Estimate:
    """The derivative of a NumPy function along v, or nearly so, with its error and whether a kink was noticed.

    >>> differentiate(np.exp, np.zeros(2), np.array([1.0, 2.0])).value.round(12)
    array([1., 2.])
    """
    h = steps(levels, start)
    v = exact_direction(x, v, h, roundoff)
    plus, minus = (np.stack([np.asarray(f(x + s * t * v), dtype=float) for t in h]) for s in (1, -1))
    value, error = ridders(plus, minus, h, roundoff)
    return Estimate(value, error, kinks(plus, minus, np.asarray(f(x), dtype=float), h, roundoff), v)


def exact_direction(x: np.ndarray, v: np.ndarray, h: np.ndarray, roundoff: float) -> np.ndarray:
    """The direction nearest to v along which x ± h v is exact at every step.

    Otherwise the step taken is not the step divided by: at x = 1e8 and h = 1e-3 they differ by one part in 1e5.
    """
    if roundoff == 2.0**-53:  # the smallest step, once taken and looked at, is exact, and so are its doubles
        moved = x + h[-1] * v
        moved -= x
        moved *= 1 / h[-1]
        return moved
    quantum = np.spacing(np.abs(x) + h[0] * np.abs(v)) * (roundoff * 2.0**53 / h[-1])
    return np.rint(v / quantum) * quantum
