"""Many inputs: blocks that do not depend on one another are judged one by one, from the same pull-back and the same slopes.

For a pointwise function of 1e5 elements a wrong one is 1e-5 of the projection. But where the forward pass shows that slices of an
input reach only the same slices of an output, ⟨g, v⟩ = ⟨w, d⟩ holds within each, and 1e5 comparisons cost no further pull.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conformance.checking.judging import SAFETY, scale, slopes

if TYPE_CHECKING:
    from conformance.checking.projected import Projection


@dataclass(frozen=True)
class Match:
    """Axes of an input, with the axis of each output that they match: slices of one reach only the same slices of the other."""

    source: tuple[int, ...]
    target: tuple[tuple[int, ...], ...]  # per output


def refine(p: Projection, resolution: float) -> tuple[int, float]:
    """Judges every input in independent blocks, or in blocks of outputs; returns the comparisons made and the resolution reached."""
    count, reached = 0, 0.0
    for k, where in enumerate(p.subject.slices):
        if where.stop == where.start:
            continue
        match = independent_axes(p, k)
        made, resolved = _judge_blocks(p, k, match) if match.source else (0, resolution)
        count, reached = count + made, max(reached, resolved)
    return count, min(reached, resolution)


def independent_axes(p: Projection, k: int) -> Match:
    """The axes of input k along which the function is separate, found by changing half of the slices at a time.

    Slices are split by each bit of their index, both ways, so that any two of them are on different sides at least once:
    then a changed one must leave the other's outputs exactly as they were.
    """
    subject = p.subject
    shape, found, targets = subject.shapes[k], [], []
    for axis, length in enumerate(shape):
        if length < 2:
            continue
        candidates = [_axes_of(length, s, targets, o) for o, s in enumerate(subject.output_shapes)]
        if not all(candidates):
            continue
        held = _probe(p, k, axis, candidates)
        if all(held):
            found.append(axis)
            targets.append(tuple(h[0] for h in held))
    return Match(tuple(found), tuple(zip(*targets, strict=True)) if targets else ())


def _axes_of(length: int, shape: tuple[int, ...], taken: list[tuple[int, ...]], output: int) -> list[int]:
    used = {t[output] for t in taken}
    return [axis for axis, size in enumerate(shape) if size == length and axis not in used]


def _probe(p: Projection, k: int, axis: int, candidates: list[list[int]]) -> list[list[int]]:
    """The candidate axes of each output that survive all splits."""
    subject = p.subject
    shape, length = subject.shapes[k], subject.shapes[k][axis]
    held = [list(c) for c in candidates]
    index = np.arange(length)
    move = 2.0**-6 * scale(subject)[subject.slices[k]].reshape(*shape, -1)
    for bit in range((length - 1).bit_length()):
        for side in (0, 1):
            inside = (index >> bit & 1) == side
            chosen = np.moveaxis(np.zeros(move.shape, dtype=bool), axis, 0)
            chosen[inside] = True
            rows = np.stack([subject.x0, subject.x0])
            rows[1, subject.slices[k]] += np.where(np.moveaxis(chosen, 0, axis), move, 0.0).ravel()
            _discard(p, subject.evaluate(rows), inside, held)
            if not all(held):
                return held
    return held


def _discard(p: Projection, y: np.ndarray, inside: np.ndarray, held: list[list[int]]) -> None:
    changed = y[0] != y[1]
    for o, (where, shape) in enumerate(zip(p.subject.output_slices, p.subject.output_shapes, strict=True)):
        moved = changed[where].reshape(*shape, -1).any(axis=-1)
        held[o] = [axis for axis in held[o] if not np.moveaxis(moved, axis, 0)[~inside].any()]


def _judge_blocks(p: Projection, k: int, match: Match) -> tuple[int, float]:
    subject = p.subject
    where = subject.slices[k]
    v = np.zeros_like(p.v)
    v[:, where] = p.v[:, where]
    s = p.slopes if len(subject.slices) == 1 else slopes(subject, v)
    products, terms = p.g[:, where] * v[0, where], p.w * s.value[0]
    gv, gv_abs = (_by_block(a, subject.shapes[k], match.source) for a in (products, np.abs(products)))
    wd, wd_abs, error = (_outputs_by_block(p, match, a) for a in (terms, np.abs(terms), np.abs(p.w) * s.error[0]))
    size = subject.n // gv.shape[1] + subject.m // gv.shape[1]
    tolerance = SAFETY * (error + subject.roundoff * np.sqrt(size) * (gv_abs + wd_abs))
    wrong = ~(np.abs(gv - wd) <= tolerance)
    if wrong.any():
        _confirm(p, k, match, wrong, v[0])
    with np.errstate(all="ignore"):
        resolved = np.where(gv_abs > 0, tolerance / gv_abs, 0.0)
    return gv.size, float(np.median(resolved[1]))


def _by_block(rows: np.ndarray, shape: tuple[int, ...], axes: tuple[int, ...]) -> np.ndarray:
    """The sums over everything but these axes, which come in this order."""
    cube = rows.reshape(len(rows), *shape, -1)
    others = tuple(a + 1 for a in range(cube.ndim - 1) if a not in axes)
    summed = cube.sum(axis=others)
    order = [sorted(axes).index(a) + 1 for a in axes]
    return summed.transpose(0, *order).reshape(len(rows), -1)


def _outputs_by_block(p: Projection, match: Match, rows: np.ndarray) -> np.ndarray:
    parts = zip(p.subject.output_slices, p.subject.output_shapes, match.target, strict=True)
    return sum(_by_block(rows[:, where], shape, axes) for where, shape, axes in parts)


def _confirm(p: Projection, k: int, match: Match, wrong: np.ndarray, v: np.ndarray) -> None:
    """Judges the wrong blocks again by themselves, with directions and cotangents that are zero elsewhere; raises if they are."""
    from conformance.checking.projected import Projection, second_look

    subject = p.subject
    pair, block = (int(a[0]) for a in np.nonzero(wrong))
    inside = _members(block, subject.shapes[k], match.source)
    only_v, only_w = np.zeros((1, subject.n)), np.zeros((1, subject.m))
    only_v[0, subject.slices[k]] = np.where(inside, v[subject.slices[k]].reshape(inside.shape), 0.0).ravel()
    for where, shape, axes in zip(subject.output_slices, subject.output_shapes, match.target, strict=True):
        member = _members(block, shape, axes)
        only_w[0, where] = np.where(member, p.w[pair, where].reshape(member.shape), 0.0).ravel()
    inside_only = (only_v[0] != 0).astype(float)
    for g in (p.pull(pair, only_w[0]), p.g[pair] * inside_only):  # alone, and as it was among the others
        s = slopes(subject, only_v)
        alone = Projection(subject, p.seed, p.order, p.runs, only_v, only_w.copy(), s, g[None], p.notes, inside_only)
        comparison = alone.compare()
        if not comparison.clear:
            second_look(alone, comparison)


def _members(block: int, shape: tuple[int, ...], axes: tuple[int, ...]) -> np.ndarray:
    lengths = tuple(shape[a] for a in axes)
    at = dict(zip(axes, np.unravel_index(block, lengths), strict=True))
    size = np.ones((*shape, 1), dtype=bool)
    for axis, index in at.items():
        mask = np.arange(shape[axis]) == index
        size &= mask.reshape([-1 if a == axis else 1 for a in range(len(shape) + 1)])
    return size
