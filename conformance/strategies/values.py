"""Strategies for arrays: values of a region, indices, booleans, cotangents."""

from __future__ import annotations

import math
from collections.abc import Callable
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
        lambda order, whole: _patterned(spread(_strata(order, whole, slot), values).reshape(shape), values.pattern),
        st.permutations(range(count)),
        places,
    )


def _patterned(found: np.ndarray, pattern: str) -> np.ndarray:
    """The array with rows of one value each, if that is its pattern."""
    if pattern != "rows" or not found.ndim:
        return found
    value = np.round(found[..., :1] * 16) / 16  # of few bits: the mean of the row is the value itself
    return np.repeat(value, found.shape[-1], axis=-1)


def complex_arrays(shape: tuple[int, ...], values: Range, slot: int = 0) -> st.SearchStrategy[np.ndarray]:
    """Arrays with real parts of the range and imaginary parts of ordinary size, so that no branch cut is near."""
    imaginary = arrays(shape, Range(0.3, 1.3, signed=True), slot + 1)
    return st.builds(lambda a, b: a + 1j * b, arrays(shape, values, slot), imaginary)


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
    if choice.kind == "apart":  # as "distinct", and everywhere
        return st.permutations(range(choice.below)).map(lambda order: np.resize(order, shape).astype(np.int64))
    if choice.kind == "pivots":
        return st.integers(0, 2**40).map(lambda n: _pivots(n, shape, choice.below))
    if choice.kind == "given":
        return st.just(np.resize(choice.values, shape))
    if choice.kind == "number":
        return arrays((), Range(choice.above, 4.0)).map(lambda x: np.round(x * 16) / 16)  # exact in every dtype
    if choice.kind == "real":
        return arrays(shape, Range(choice.above, 4.0))
    if choice.kind == "ends":
        return _booleans(count).map(lambda v: _first_true(np.array(v, np.bool_).reshape(shape)))
    element: st.SearchStrategy[Any] = {
        "bool": st.booleans(),
        "index": st.integers(min(choice.below, 0), max(choice.below - 1, -1 if choice.below < 0 else 0)),
        "integer": st.integers(1, max(choice.below, 3)),
        "sign": st.sampled_from((-1.0, 1.0)),
    }[choice.kind]
    dtype = {"bool": np.bool_, "sign": np.float64}.get(choice.kind, np.int64)
    return st.lists(element, min_size=count, max_size=count).map(lambda v: np.array(v, dtype).reshape(shape))


def _booleans(count: int) -> st.SearchStrategy[list[bool]]:
    return st.lists(st.booleans(), min_size=count, max_size=count)


def _first_true(mask: np.ndarray) -> np.ndarray:
    """The mask with the first of each row chosen, so that something is."""
    mask[..., :1] = True
    return mask


def _pivots(number: int, shape: tuple[int, ...], rows: int) -> np.ndarray:
    """Rows to exchange with each in turn, itself or a later one, counted from 1, as decompositions say it."""
    found = np.zeros(shape, np.int32)
    for i in np.ndindex(shape):
        number, step = divmod(number, max(rows, shape[-1]) - i[-1])
        found[i] = i[-1] + 1 + step
    return found


def _distinct(order: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Indices that differ along every line, so that nothing is written twice."""
    found = np.zeros(shape, np.int64)
    for i in np.ndindex(shape):
        found[i] = order[sum(i) % len(order)]
    return found


def cotangents(shape: tuple[int, ...], kind: str, *, imaginary: bool = False) -> st.SearchStrategy[np.ndarray]:
    """Signed cotangents of all sizes, or of one kind; complex ones if they are to be."""
    if kind == "zero":
        return st.just(np.zeros(shape))
    if kind == "one-hot":
        count = math.prod(shape)
        return st.integers(0, max(count - 1, 0)).map(
            lambda k: (np.arange(count) == k).astype(np.float64).reshape(shape)
        )
    return (complex_arrays if imaginary else arrays)(shape, Range(0.3, 2.0, signed=True))


def matrices(
    shape: tuple[int, ...], values: Range, base: Callable[[int, int], np.ndarray] = np.eye
) -> st.SearchStrategy[np.ndarray]:
    """Well-conditioned matrices, which a multiple of `base` dominates; or exactly singular ones, of few bits.

    A tensor whose last two dimensions differ is one square matrix, if it has as many elements, with rows and columns spread
    over several dimensions.
    """

    def dominant(a: np.ndarray) -> np.ndarray:
        n = math.isqrt(a.size)
        if a.ndim > 2 and a.shape[-1] != a.shape[-2] and n * n == a.size:
            return dominant(a.reshape(n, n)).reshape(a.shape)
        size = np.max(np.abs(a), initial=0.0) * (a.shape[-1] + 0.5)
        return a + size * base(*a.shape[-2:])

    def singular(a: np.ndarray) -> np.ndarray:
        a = np.round(16 * a) / 16
        a[..., -1, :] = a[..., :-1, :].sum(axis=-2)
        return a

    return arrays(shape, values).map(singular if values.pattern == "singular" else dominant)
