"""Arrays as flat vectors of float64 numbers, complex ones as pairs, and the way back to a place. Pure NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

ROUNDOFF = {"float64": 2.0**-53, "complex128": 2.0**-53, "float32": 2.0**-24, "complex64": 2.0**-24,
            "float16": 2.0**-11, "bfloat16": 2.0**-8}  # fmt: skip


def real(array: np.ndarray) -> np.ndarray:
    """All numbers in one row.

    >>> real(np.array([[1 + 2j], [3 - 4j]]))
    array([ 1.,  2.,  3., -4.])
    """
    if array.dtype.kind == "c":
        return np.ascontiguousarray(array, dtype=np.complex128).reshape(-1).view(np.float64)
    return np.asarray(array, dtype=np.float64).reshape(-1)


def real_rows(array: np.ndarray, size: int) -> np.ndarray:
    """One row of numbers for each of so many parts along the first axis."""
    numbers = real(array)
    return numbers.reshape(size, numbers.size // max(size, 1))


def strided(array: np.ndarray) -> np.ndarray:
    """The same values, every second element of a larger array: neither contiguous nor dense."""
    if not array.ndim:
        return array.copy()
    room = np.full((*array.shape[:-1], 2 * array.shape[-1]), np.nan, dtype=array.dtype)
    view = room[..., ::2]
    view[...] = array
    return view


def slices(sizes: Sequence[int]) -> list[slice]:
    """Where parts of these sizes lie in one row.

    >>> slices([2, 3])
    [slice(0, 2, None), slice(2, 5, None)]
    """
    ends = [0, *accumulate(sizes)]
    return [slice(a, b) for a, b in zip(ends, ends[1:], strict=False)]


def place(
    k: int, parts: Sequence[slice], shapes: Sequence[tuple[int, ...]], pairs: Sequence[bool], names: Sequence[str]
) -> tuple[str, tuple[int, ...]]:
    """The name and index of a flat position.

    >>> place(3, slices([1, 6]), [(), (2, 3)], [False, False], ["a", "b"])
    ('b', (0, 2))
    """
    for where, shape, is_pair, name in zip(parts, shapes, pairs, names, strict=True):
        if where.start <= k < where.stop:
            position = (k - where.start) // (2 if is_pair else 1)
            component = ("", ".imag")[(k - where.start) % 2] if is_pair else ""
            return name + component, tuple(int(i) for i in np.unravel_index(position, shape))
    raise IndexError(k)
