"""Strategies for arrays: values of a region, indices, booleans, cotangents."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from conformance.operators.sampling import Choice, Range

_SCALE = 2**40
_SLOTS = 3


def arrays(shape: tuple[int, ...], values: Range, slot: int = 0) -> st.SearchStrategy[np.ndarray]:
    """Arrays of this shape with values of the range: one of each stratum, so that no two are close, in a drawn order.

    Arrays of different slots share no value either, so that arguments that are compared never tie by chance.
    """
    count = math.prod(shape)
    if values.points:
        return st.integers(0, len(values.points) - 1).map(
            lambda start: _cycle(values.points, start, count).reshape(shape)
        )
    places = st.lists(st.integers(1, _SCALE - 1), min_size=count, max_size=count)
    return st.builds(
        lambda order, whole: spread(_strata(order, whole, slot), values).reshape(shape),
        st.permutations(range(count)),
        places,
    )


def _strata(order: Any, places: list[int], slot: int) -> np.ndarray:
    """A number between 0 and 1 for each place: the middle half of its stratum, or of the part that belongs to the slot."""
    part = (slot % _SLOTS + 0.25 + 0.5 * np.array(places, np.float64) / _SCALE) / _SLOTS
    return (np.array(order, np.float64) + part) / max(len(places), 1)


def _cycle(points: tuple[float, ...], start: int, count: int) -> np.ndarray:
    return np.array([points[(start + i) % len(points)] for i in range(count)], np.float64)


def spread(unit: np.ndarray, values: Range) -> np.ndarray:
    """Numbers between 0 and 1 moved into the range; the lower half becomes negative where it is signed.

    >>> spread(np.array([0.25, 0.75]), Range(1.0, 3.0, signed=True))
    array([-2.,  2.])
    """
    sign = np.ones_like(unit)
    if values.signed:
        sign = np.where(unit < 0.5, -1.0, 1.0)
        unit = np.where(unit < 0.5, 1 - 2 * unit, 2 * unit - 1)
    if values.by_magnitude:
        low, high = math.log(values.low), math.log(values.high)
        return sign * np.exp(low + (high - low) * unit)
    return sign * (values.low + (values.high - values.low) * unit)


def chosen(shape: tuple[int, ...], choice: Choice) -> st.SearchStrategy[np.ndarray]:
    """Arrays of what is never differentiated."""
    count = math.prod(shape)
    if choice.kind == "distinct":
        return st.permutations(range(choice.below)).map(lambda order: _distinct(order, shape))
    if choice.kind == "real":
        return arrays(shape, Range(0.5, 4.0))
    element: st.SearchStrategy[Any] = {
        "bool": st.booleans(),
        "index": st.integers(0, max(choice.below - 1, 0)),
        "sign": st.sampled_from((-1.0, 1.0)),
    }[choice.kind]
    dtype = {"bool": np.bool_, "index": np.int64, "sign": np.float64}[choice.kind]
    return st.lists(element, min_size=count, max_size=count).map(lambda v: np.array(v, dtype).reshape(shape))


def _distinct(order: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Indices that differ along every line, so that nothing is written twice."""
    found = np.zeros(shape, np.int64)
    for i in np.ndindex(shape):
        found[i] = order[sum(i) % len(order)]
    return found


def cotangents(shape: tuple[int, ...], kind: str) -> st.SearchStrategy[np.ndarray]:
    """Signed cotangents of all sizes, or of one kind."""
    if kind == "zero":
        return st.just(np.zeros(shape))
    if kind == "one-hot":
        count = math.prod(shape)
        return st.integers(0, max(count - 1, 0)).map(
            lambda k: (np.arange(count) == k).astype(np.float64).reshape(shape)
        )
    return arrays(shape, Range(0.3, 2.0, signed=True))


def matrices(shape: tuple[int, ...], values: Range) -> st.SearchStrategy[np.ndarray]:
    """Well-conditioned matrices: diagonally dominant ones."""

    def dominant(a: np.ndarray) -> np.ndarray:
        size = np.max(np.abs(a), initial=0.0) * (a.shape[-1] + 0.5)
        return a + size * np.eye(a.shape[-1])

    return arrays(shape, values).map(dominant)
