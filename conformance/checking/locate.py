"""From a projection that is wrong to the entry of the Jacobian that is, by halving both sides; and what it looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from conformance.checking.diagnosis import Block, diagnose
from conformance.checking.judging import SAFETY, slopes
from conformance.checking.outcome import Finding, GradientMismatch, Place

if TYPE_CHECKING:
    from conformance.checking.projected import Projection

_PARTS = 16
_BLOCK = 24  # rows and columns of the Jacobian that a diagnosis looks at


def fail(p: Projection, k: int, finding: Finding, *, located: bool = True, diagnosis: str = "") -> GradientMismatch:
    """The error to raise for the k-th pair: located, diagnosed, with the seed."""
    summary = f"the {_ORDERS[p.order]} backward pass contradicts the function"
    if not located:
        return GradientMismatch(summary, finding, diagnosis=diagnosis, seed=p.seed, order=p.order)
    j = _worst_input(p, k)
    column, error = _column(p, j)
    i = _worst_output(p, k, j, column, error)
    unit = np.zeros(p.subject.m)
    unit[i] = 1.0
    analytic, numeric = float(p.pull(k, unit)[j]), float(column[i])
    tolerance = SAFETY * float(error[i]) + SAFETY * p.subject.roundoff * max(abs(analytic), abs(numeric))
    entry = Finding("", analytic, numeric, abs(analytic - numeric), tolerance,
                    {"differences": float(error[i]), "times": SAFETY})  # fmt: skip
    place = Place(*p.subject.output_place(i), *p.subject.input_place(j))
    if not diagnosis:
        diagnosis = _only_there(p, k, finding) or diagnose(_block(p, k, i, j), linear=entry.error > entry.tolerance)
    return GradientMismatch(summary, finding, place=place, entry=entry, diagnosis=diagnosis, seed=p.seed, order=p.order)


_ORDERS = {1: "first", 2: "second"}


def _only_there(p: Projection, k: int, finding: Finding) -> str:
    """The condition under which alone the pull-back is wrong, or nothing."""
    from conformance.checking.projected import AGAIN, EXPANDED, STRIDED

    if k not in (AGAIN, STRIDED, EXPANDED) or len(p.w) <= EXPANDED:
        return ""
    plain = float(p.subject.pull(p.subject.run(), p.w[k].copy()) @ p.v[k])
    if not abs(plain - finding.numeric) <= finding.tolerance:
        return ""
    return {
        AGAIN: "only the second backward pass through one graph is wrong: the first one changed what was saved",
        STRIDED: "only non-contiguous inputs or cotangents go wrong: strides are ignored",
        EXPANDED: "only an expanded cotangent, as sum().backward() makes it, goes wrong: its strides are 0",
    }[k]


def _narrow(size: int, ratios: Callable[[list[np.ndarray]], np.ndarray]) -> int:
    """The index that is left when the part with the largest ratio is kept again and again."""
    kept = np.arange(size)
    while len(kept) > 1:
        parts = [part for part in np.array_split(kept, min(_PARTS, len(kept))) if len(part)]
        found = np.asarray(ratios(parts))
        kept = parts[int(np.argmax(np.where(np.isnan(found), np.inf, found)))]
    return int(kept[0])


def _worst_input(p: Projection, k: int) -> int:
    g, w, v = p.g[k], p.w[k], p.v[k]
    gamma = p.subject.roundoff * np.sqrt(p.subject.n)

    def ratios(parts: list[np.ndarray]) -> np.ndarray:
        rows = np.zeros((len(parts), p.subject.n))
        for row, part in zip(rows, parts, strict=True):
            row[part] = v[part]
        s = slopes(p.subject, rows)
        difference = np.abs((g * rows).sum(axis=1) - s.value @ w)
        return difference / (np.nan_to_num(s.error) @ np.abs(w) + gamma * np.abs(g * rows).sum(axis=1) + 1e-300)

    return _narrow(p.subject.n, ratios)


def _column(p: Projection, j: int) -> tuple[np.ndarray, np.ndarray]:
    """The j-th column of the Jacobian by differences, with its errors."""
    row = np.zeros((1, p.subject.n))
    row[0, j] = p.v[0, j] or 1.0
    s = slopes(p.subject, row)
    step = row[0, j] or 1.0
    return s.value[0] / step, s.error[0] / abs(step)


def _worst_output(p: Projection, k: int, j: int, column: np.ndarray, error: np.ndarray) -> int:
    w = p.w[k]

    def ratios(parts: list[np.ndarray]) -> np.ndarray:
        found = []
        for part in parts:
            only = np.zeros_like(w)
            only[part] = w[part]
            difference = abs(p.pull(k, only)[j] - only @ column)
            found.append(
                difference / (np.abs(only) @ error + p.subject.roundoff * np.abs(only) @ np.abs(column) + 1e-300)
            )
        return np.array(found)

    return _narrow(p.subject.m, ratios)


def _block(p: Projection, k: int, i: int, j: int) -> Block:
    """Some rows and columns around an entry, as the pull-back has them and as differences do."""
    rows, columns = _around(i, p.subject.m), _around(j, p.subject.n)
    directions = np.zeros((len(columns), p.subject.n))
    steps = np.where(p.v[0, columns] == 0, 1.0, p.v[0, columns])
    directions[np.arange(len(columns)), columns] = steps
    s = slopes(p.subject, directions)
    analytic = []
    for row in rows:
        unit = np.zeros(p.subject.m)
        unit[row] = 1.0
        analytic.append(p.pull(k, unit)[columns])
    numeric, error = (s.value[:, rows] / steps[:, None]).T, (s.error[:, rows] / np.abs(steps)[:, None]).T
    whole = len(rows) == p.subject.m and len(columns) == p.subject.n
    return Block(np.array(analytic), numeric, SAFETY * error, p.subject.x0[columns], whole)


def _around(k: int, size: int) -> np.ndarray:
    begin = max(0, min(k - _BLOCK // 2, size - _BLOCK))
    return np.arange(begin, min(size, begin + _BLOCK))
