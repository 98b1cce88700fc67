"""From a projection that is wrong to the entry of the Jacobian that is, by halving both sides; and what it looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from conformance.checking.diagnosis import Block, diagnose
from conformance.checking.judging import SAFETY, own_scale, scale, settle, slopes
from conformance.checking.outcome import Finding, GradientMismatch, Place
from conformance.checking.subject import Subject

if TYPE_CHECKING:
    from conformance.checking.projected import Projection

_PARTS = 16
_BLOCK = 24  # rows and columns of the Jacobian that a diagnosis looks at
_NUMBERS = 400_000  # in so many rows, or fewer of them


def fail(
    p: Projection,
    at: tuple[int, int],
    finding: Finding,
    *,
    located: bool = True,
    diagnosis: str = "",
    at_kink: bool = False,
) -> GradientMismatch:
    """The error to raise for a cotangent and a direction, by their numbers: located, diagnosed, with the seed."""
    k, along = at
    summary = f"the {_ORDERS[p.order]} backward pass contradicts the function"
    if located and not diagnosis:
        diagnosis = _only_there(p, k, along, finding)
        located = not diagnosis
    if not located:
        return GradientMismatch(summary, finding, diagnosis=diagnosis, seed=p.seed, order=p.order, at_kink=at_kink)
    j = _worst_input(p, k, along)
    column, error, _ = (a[0] for a in columns(p.subject, np.array([j])))
    i = _worst_output(p, k, j, column, error)
    unit = np.zeros(p.subject.m)
    unit[i] = 1.0
    analytic, numeric = float(p.pull(k, unit)[j]), float(column[i])
    tolerance = SAFETY * float(error[i]) + SAFETY * p.subject.roundoff * max(abs(analytic), abs(numeric))
    entry = Finding("", analytic, numeric, abs(analytic - numeric), tolerance,
                    {"differences": float(error[i]), "times": SAFETY})  # fmt: skip
    place = Place(*p.subject.output_place(i), *p.subject.input_place(j))
    if not diagnosis:
        diagnosis = diagnose(block(p, k, i, j), linear=entry.error > entry.tolerance)
    if entry.error <= entry.tolerance:
        return GradientMismatch(summary, finding, diagnosis=diagnosis, seed=p.seed, order=p.order)
    return GradientMismatch(summary, finding, place=place, entry=entry, diagnosis=diagnosis, seed=p.seed, order=p.order)


_ORDERS = {1: "first", 2: "second"}


def _only_there(p: Projection, k: int, along: int, finding: Finding) -> str:
    """The condition under which alone the pull-back is wrong, or nothing."""
    from conformance.checking.projected import EXPANDED, STRIDED

    def is_right(*, strided: bool) -> bool:
        pulled = p.subject.pull(p.subject.run(strided=strided), p.w[k].copy(), strided=strided)
        return bool(abs(float(pulled @ p.v[along]) - finding.numeric) <= finding.tolerance)

    if k not in (STRIDED, EXPANDED) or len(p.w) <= EXPANDED or not is_right(strided=False):
        return ""
    if k == EXPANDED:
        return "only an expanded cotangent, as sum().backward() makes it, goes wrong: its strides are 0"
    if is_right(strided=True):
        return "only the second backward pass through one graph is wrong: the first one changed what was saved"
    return "only non-contiguous inputs or cotangents go wrong: strides are ignored"


def _narrow(size: int, ratios: Callable[[list[np.ndarray]], np.ndarray]) -> int:
    """The index that is left when the part with the largest ratio is kept again and again."""
    kept = np.arange(size)
    while len(kept) > 1:
        parts = [part for part in np.array_split(kept, min(_PARTS, len(kept))) if len(part)]
        found = np.asarray(ratios(parts))
        kept = parts[int(np.argmax(np.where(np.isnan(found), np.inf, found)))]
    return int(kept[0])


def _worst_input(p: Projection, k: int, along: int) -> int:
    g, w, v = p.g[k], p.w[k], p.v[along]
    gamma = p.subject.roundoff * np.sqrt(p.subject.n)

    def ratios(parts: list[np.ndarray]) -> np.ndarray:
        rows = np.zeros((len(parts), p.subject.n))
        for row, part in zip(rows, parts, strict=True):
            row[part] = v[part]
        s = slopes(p.subject, rows)
        difference = np.abs((g * rows).sum(axis=1) - s.value @ w)
        return difference / (np.nan_to_num(s.error) @ np.abs(w) + gamma * np.abs(g * rows).sum(axis=1) + 1e-300)

    return _narrow(p.subject.n, ratios)


def columns(subject: Subject, js: np.ndarray, factor: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns of the Jacobian by the best differences there are, as rows, with their errors and kinks."""
    value, error, kink = _columns(subject, js, factor * scale(subject))
    vague = ~(error <= 1e-4 * np.abs(value).max(axis=1, initial=0.0)[:, None])
    if vague.any():  # steps as large as the inputs themselves may do better
        for sizes in (scale(subject, wide=True), own_scale(subject)):
            other, uncertainty, bend = _columns(subject, js, factor * sizes)
            better = vague & (uncertainty < error) & (bend == 0)
            value, error = np.where(better, other, value), np.where(better, uncertainty, error)
    return value, error, kink


def _columns(subject: Subject, js: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    v = np.zeros((len(js), subject.n))
    v[np.arange(len(js)), js] = sizes[js]
    s = settle(subject, v)
    step = np.abs(v[np.arange(len(js)), js])[:, None]
    with np.errstate(all="ignore"):
        return s.value / step, np.where(step == 0, np.inf, s.error / step), np.nan_to_num(s.kink / step)


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


def block(p: Projection, k: int, i: int, j: int) -> Block:
    """Some rows and columns around an entry, as the pull-back has them and as differences do."""
    subject = p.subject
    count = max(3, min(_BLOCK, _NUMBERS // (subject.n + subject.m)))
    rows, places = _around(i, subject.m, count), _around(j, subject.n, count)
    value, error, _ = columns(subject, places)
    units = np.zeros((len(rows), subject.m))
    units[np.arange(len(rows)), rows] = 1.0
    analytic = np.array([p.pull(k, unit)[places] for unit in units])
    whole = len(rows) == subject.m and len(places) == subject.n
    return Block(analytic, value[:, rows].T, SAFETY * error[:, rows].T, subject.x0[places], whole)


def _around(k: int, size: int, count: int) -> np.ndarray:
    begin = max(0, min(k - count // 2, size - count))
    return np.arange(begin, min(size, begin + count))
