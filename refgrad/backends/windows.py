"""Windows sliding over the trailing axes of an array, gathered by tables of positions: for convolution, pooling and
resampling.

Written over the functions that every backend has (`concatenate`, `take`, `matmul`, `sum`), so that all backends
share it. Nothing is scattered: a sum over windows gathers too, by the transposed table.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

Ints = tuple[int, ...]


def _table_of(make: Any) -> Any:
    """The table that the function makes, made once and never written to: a device keeps such a one."""

    @functools.cache
    def once(*sizes: int) -> np.ndarray:
        table = make(*sizes)
        table.flags.writeable = False
        return table

    return once


@_table_of
def _table(size: int, out: int, kernel: int, stride: int, padding: int, dilation: int) -> np.ndarray:
    """(out, kernel): the position under each place of each window; `size`, one past the end, stands for padding."""
    at = np.arange(out)[:, None] * stride - padding + np.arange(kernel) * dilation
    return np.where((at >= 0) & (at < size), at, size)


@_table_of
def _transposed(size: int, out: int, kernel: int, stride: int, padding: int, dilation: int) -> np.ndarray:
    """(size, kernel): the window that has each position at each of its places; `out` where there is none."""
    lead = np.arange(size)[:, None] + padding - np.arange(kernel) * dilation
    at = lead // stride
    return np.where((lead % stride == 0) & (at >= 0) & (at < out), at, out)


@_table_of
def _transposed_flat(size: int, out: int, kernel: int, stride: int, padding: int, dilation: int) -> np.ndarray:
    """The same as positions in windows · places, in row-major order."""
    return _transposed(size, out, kernel, stride, padding, dilation) * kernel + np.arange(kernel)


@_table_of
def _inside(size: int, out: int, kernel: int, stride: int, padding: int, dilation: int) -> np.ndarray:
    """As `_table`, but padding repeats the nearest place of the same window that is not padding: no maximum changes."""
    place = np.arange(out)[:, None] * stride - padding
    first = -(place // dilation)
    last = (size - 1 - place) // dilation
    places = np.clip(np.arange(kernel)[None, :], np.maximum(first, 0), np.minimum(last, kernel - 1))
    return place + places * dilation


@_table_of
def _places(n: int) -> np.ndarray:
    """(n,): the numbers below n."""
    return np.arange(n)


def _tables(
    make: Any, size: Ints, out: Ints, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints
) -> list[np.ndarray]:
    return [make(*each) for each in zip(size, out, kernel, stride, padding, dilation, strict=True)]


def _gather(xp: Any, x: Any, tables: list[np.ndarray]) -> Any:
    """(*lead, *sizes) -> (*lead, *outs, *kernels)."""
    n = len(tables)
    lead = x.ndim - n
    for axis, table in zip(range(x.ndim - 1, lead - 1, -1), reversed(tables), strict=True):
        x = xp.take(_with_zero(xp, x, axis, table), table, axis=axis)
    pairs = range(lead, lead + 2 * n)
    return xp.transpose(x, (*range(lead), *pairs[::2], *pairs[1::2]))


def _with_zero(xp: Any, x: Any, axis: int, table: np.ndarray) -> Any:
    """`x` with a zero appended, where the table asks for one."""
    size = x.shape[axis]
    if not table.size or table.max() < size:
        return x
    return xp.concatenate([x, xp.zeros((*x.shape[:axis], 1, *x.shape[axis + 1 :]), x.dtype)], axis=axis)


def windows(xp: Any, x: Any, *, out: Ints, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints) -> Any:
    """What lies under each window, zeros for padding: (*lead, *sizes) -> (*lead, *out, *kernel)."""
    size = x.shape[x.ndim - len(out) :]
    return _gather(xp, x, _tables(_table, size, out, kernel, stride, padding, dilation))


def overlap_add(xp: Any, x: Any, *, size: Ints, stride: Ints, padding: Ints, dilation: Ints) -> Any:
    """The transpose of `windows`, each element summed over the windows it lies under: (*lead, *out, *kernel) ->
    (*lead, *size).
    """
    n = len(size)
    lead = x.ndim - 2 * n
    out, kernel = x.shape[lead : lead + n], x.shape[lead + n :]
    tables, flat = (
        _tables(make, size, out, kernel, stride, padding, dilation) for make in (_transposed, _transposed_flat)
    )
    for i in range(n):
        x = _with_zero(xp, x, lead + i, tables[i])
        # (…, out, …, kernel, …) -> (…, out · kernel) -> (…, size, kernel) -> (…, size) -> back in place
        rows = xp.moveaxis(x, (lead + i, lead + n), (-2, -1))
        rows = xp.reshape(rows, (*rows.shape[:-2], rows.shape[-2] * kernel[i]))
        rows = xp.sum(xp.take(rows, flat[i], axis=-1), axis=-1)
        x = xp.moveaxis(rows, -1, lead + i)
    return x


def window_argmax(xp: Any, x: Any, *, out: Ints, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints) -> Any:
    """The place in the flattened trailing axes of each window's first largest element: (*lead, *sizes) -> (*lead,
    *out).
    """
    size = x.shape[x.ndim - len(out) :]
    return _argmax(xp, x, _tables(_inside, size, out, kernel, stride, padding, dilation))


def bin_argmax(xp: Any, x: Any, *, taps: tuple[Any, ...]) -> Any:
    """The same for bins of unequal size, whose missing places repeat their last one."""
    return _argmax(
        xp,
        x,
        [
            np.array([[min(p, row[0] + sum(q < t.size for q in row) - 1) for p in row] for row in t.places])
            for t in taps
        ],
    )


def _argmax(xp: Any, x: Any, tables: list[np.ndarray]) -> Any:
    n = len(tables)
    out, kernel = [t.shape[0] for t in tables], math.prod(t.shape[1] for t in tables)
    seen = _gather(xp, x, tables)
    chosen = xp.argmax(xp.reshape(seen, (*seen.shape[: x.ndim], kernel)), axis=-1)
    flat = np.zeros((), np.int64)
    for size, table in zip(x.shape[x.ndim - n :], tables, strict=True):
        flat = np.add.outer(flat * size, table)
    pairs = range(2 * n)  # (o1, k1, o2, k2, …) -> (o1, o2, …, k1, k2, …), row by row
    flat = flat.transpose(*pairs[::2], *pairs[1::2]).reshape(-1)
    first = _places(math.prod(out)).reshape(out) * kernel
    return xp.take(xp.from_host(flat), chosen + xp.from_host(first))


def convolution(xp: Any, x: Any, w: Any, *, out: Ints, stride: Ints, padding: Ints, dilation: Ints, groups: int) -> Any:
    """(N, C, *sizes), (O, C/groups, *kernel) -> (N, O, *out)."""
    seen = windows(xp, x, out=out, kernel=w.shape[2:], stride=stride, padding=padding, dilation=dilation)
    y = xp.matmul(_by_group(xp, w, groups, len(out)), _columns(xp, seen, groups, len(out)))
    return xp.reshape(y, (x.shape[0], w.shape[0], *out))


def convolution_input(
    xp: Any, y: Any, w: Any, *, size: Ints, stride: Ints, padding: Ints, dilation: Ints, groups: int
) -> Any:
    """The transpose of `convolution` in its input: (N, O, *out), (O, C/groups, *kernel) -> (N, C, *size)."""
    n, kernel = len(size), w.shape[2:]
    seen = _gather(xp, y, _tables(_transposed, size, y.shape[2:], kernel, stride, padding, dilation))
    by_group = xp.reshape(w, (groups, w.shape[0] // groups, w.shape[1], math.prod(kernel)))
    flipped = xp.reshape(
        xp.transpose(by_group, (0, 2, 1, 3)), (groups, w.shape[1], w.shape[0] // groups * math.prod(kernel))
    )
    x = xp.matmul(flipped, _columns(xp, seen, groups, n))
    return xp.reshape(x, (y.shape[0], groups * w.shape[1], *size))


def convolution_weight(
    xp: Any, x: Any, y: Any, *, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, groups: int
) -> Any:
    """The transpose of `convolution` in its weight: (N, C, *sizes), (N, O, *out) -> (O, C/groups, *kernel)."""
    batch, channels, out = y.shape[0], y.shape[1], y.shape[2:]
    seen = windows(xp, x, out=out, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    columns = _columns(xp, seen, groups, len(out))  # (N, groups, C/groups·K, P)
    rows = xp.reshape(y, (batch, groups, channels // groups, math.prod(out)))  # (N, groups, O/groups, P)
    w = xp.sum(xp.matmul(rows, xp.swapaxes(columns, -1, -2)), axis=0)
    return xp.reshape(w, (channels, x.shape[1] // groups, *kernel))


def _columns(xp: Any, seen: Any, groups: int, n: int) -> Any:
    """(N, C, *out, *kernel) -> (N, groups, C/groups · kernel, out)."""
    batch, channels = seen.shape[:2]
    places, taps = math.prod(seen.shape[2 : 2 + n]), math.prod(seen.shape[2 + n :])
    split = xp.reshape(seen, (batch, groups, channels // groups, places, taps))
    return xp.reshape(xp.swapaxes(split, -1, -2), (batch, groups, channels // groups * taps, places))


def _by_group(xp: Any, w: Any, groups: int, n: int) -> Any:
    """(O, C/groups, *kernel) -> (groups, O/groups, C/groups · kernel)."""
    return xp.reshape(w, (groups, w.shape[0] // groups, math.prod(w.shape[w.ndim - n - 1 :])))
