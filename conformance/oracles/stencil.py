"""Mixed differences: the outputs of a function at points around its inputs, and the quotients made of them.

Along one direction these are the usual ones; along k, the points are the 3^k of a grid, and every choice of a side in each
direction gives a one-sided quotient. Their mean is the central one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import prod
from typing import Any

import numpy as np
from flint import arb

from conformance.oracles.forward import Forward
from refgrad.backends.ball import BallArray


@dataclass(frozen=True)
class Direction:
    """A direction in the space of all inputs, by leaf, and the far step along it."""

    key: tuple[Any, ...]  # what tells it apart
    parts: Mapping[str, np.ndarray]  # arrays of balls, as NumPy holds them
    step: arb

    @classmethod
    def along(cls, pairs: Sequence[tuple[str, str | None]], leaves: Mapping[str, np.ndarray], step: int) -> Direction:
        """Tangents of some leaves. The step is that of the element that bears the least."""
        tangents = {leaf: leaves[tangent] for leaf, tangent in pairs}
        least = min((_reach(leaves[leaf], t) for leaf, t in tangents.items()), default=1.0)
        parts = {leaf: BallArray.of(t).data for leaf, t in tangents.items()}
        return cls(tuple(pairs), parts, arb(2) ** -step * arb(least))

    @classmethod
    def of_element(
        cls, leaf: str, i: tuple[int, ...], leaves: Mapping[str, np.ndarray], step: int, unit: complex
    ) -> Direction:
        """One element of one leaf, or along the imaginary axis."""
        x = leaves[leaf]
        tangent = np.zeros(x.shape, x.dtype)
        tangent[i] = unit
        return cls((leaf, i, unit), {leaf: BallArray.of(tangent).data}, arb(2) ** -step * arb(_reach(x[i], tangent[i])))


def _reach(x: np.ndarray, tangent: np.ndarray) -> float:
    """The factor of the step: min(1, |x|) of the element moved, 1 at zero, and less where the tangent is long."""
    size, length = np.abs(x).astype(np.float64), np.abs(tangent).astype(np.float64)
    bears = np.where(size > 0, np.minimum(size, 1.0), 1.0) / np.maximum(length, 1.0)
    return float(np.min(np.where(length > 0, bears, 1.0), initial=1.0))


@dataclass(frozen=True)
class Mixed:
    """The quotients of every output element, flat: the central one, and one for each choice of sides."""

    central: np.ndarray
    one_sided: tuple[np.ndarray, ...]  # all sides right first, all left last

    @property
    def right(self) -> np.ndarray:
        return self.one_sided[0]

    @property
    def left(self) -> np.ndarray:
        return self.one_sided[-1]

    def only(self, i: int) -> Mixed:
        """Those of one element."""
        return Mixed(self.central[i : i + 1], tuple(s[i : i + 1] for s in self.one_sided))

    def weighted(self, weights: np.ndarray) -> Mixed:
        """The products with weights; elements of no weight are left out."""
        used = np.array([not w.is_zero() for w in weights], bool)
        w = weights[used]
        return Mixed(self.central[used] * w, tuple(s[used] * w for s in self.one_sided))

    def bends(self) -> Iterator[arb]:
        """How far one-sided quotients are apart, element by element."""
        for side in self.one_sided[1:]:
            yield from self.right - side


class Points:
    """The outputs of a function around its inputs, flat, each point evaluated once; `closer` shrinks every step."""

    def __init__(self, forward: Forward, outputs: Sequence[str], leaves: Mapping[str, np.ndarray], closer: arb) -> None:
        self.forward, self.outputs, self.leaves, self.closer = forward, outputs, leaves, closer
        self._found: dict[Any, np.ndarray] = {}

    def at(self, directions: Sequence[Direction], signs: Sequence[int]) -> np.ndarray:
        """The outputs, moved along each direction by its step times its sign."""
        moves = [(d, s) for d, s in zip(directions, signs, strict=True) if s]
        key = frozenset((d.key, s) for d, s in moves) if len({d.key for d, _ in moves}) == len(moves) else None
        if key is not None and key in self._found:
            return self._found[key]
        found = self._evaluated(moves)
        if key is not None:
            self._found[key] = found
        return found

    def _evaluated(self, moves: Sequence[tuple[Direction, int]]) -> np.ndarray:
        moved: dict[str, BallArray] = {}
        for direction, sign in moves:
            h = direction.step * self.closer * sign
            for leaf, part in direction.parts.items():
                x = moved[leaf] if leaf in moved else BallArray.of(self.leaves[leaf])
                data = np.empty(x.shape, object)
                data[...] = x.data + part * h
                moved[leaf] = BallArray(data, x.dtype)
        found = self.forward(moved)
        return np.concatenate([flat(found[name]) for name in self.outputs])


def flat(y: BallArray) -> np.ndarray:
    """The elements as a list of real balls; the imaginary parts of complex ones follow the real ones."""
    if y.dtype.kind != "c":
        return np.array([*y.data.flat, None], object)[:-1]  # NumPy would look into the balls of a bare list
    return np.array([*(v.real for v in y.data.flat), *(v.imag for v in y.data.flat), None], object)[:-1]


def mixed(points: Points, directions: Sequence[Direction]) -> Mixed:
    """The quotients along these directions."""
    k = len(directions)
    volume = prod((d.step * points.closer for d in directions), start=arb(1))
    one_sided = []
    for side in _sides(k):
        corners = [(sign, [s * on for s, on in zip(side, chosen, strict=True)]) for sign, chosen in _corners(k)]
        one_sided.append(prod(side) * _total(points, directions, corners) / volume)
    central = _total(points, directions, [(prod(side), side) for side in _sides(k)])
    return Mixed(central / (volume * 2**k), tuple(one_sided))


def _total(points: Points, directions: Sequence[Direction], terms: Sequence[tuple[int, Sequence[int]]]) -> np.ndarray:
    return sum(points.at(directions, signs) * factor for factor, signs in terms)


@cache
def _sides(k: int) -> tuple[tuple[int, ...], ...]:
    return tuple(product((1, -1), repeat=k))


@cache
def _corners(k: int) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """The corners of a cube with the sign of each in the difference."""
    return tuple(((-1) ** (k - sum(chosen)), chosen) for chosen in product((1, 0), repeat=k))
