"""Linear maps along one axis with a few weighted places for each result, for interpolation and adaptive average
pooling.

`Taps` says which; here they are made for each way of interpolating, transposed and applied. Positions are counted
in float64, but for the nearest neighbour, which PyTorch finds in float32 for every dtype.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

CUBIC = -0.75
CUBIC_ANTIALIASED = -0.5


class Taps(NamedTuple):
    """For each result: the places that it sums, and their weights; the place `size` counts as zero."""

    size: int
    places: tuple[tuple[int, ...], ...]
    weights: tuple[tuple[float, ...], ...] | None  # None: all 1


def resample(xp: Any, x: Any, *, dim: int, taps: Taps) -> Any:
    """`x` with axis `dim` mapped by the taps."""
    if not taps.places:
        return xp.take(x, np.zeros(0, np.int64), axis=dim)
    places = np.array(taps.places, np.int64)
    if places.max(initial=0) >= taps.size:
        x = xp.concatenate([x, xp.zeros((*x.shape[:dim], 1, *x.shape[dim + 1 :]), x.dtype)], axis=dim)
    rows = xp.moveaxis(xp.take(x, places, axis=dim), (dim, dim + 1), (-2, -1))  # (…, results, taps)
    if taps.weights is not None:
        rows = rows * xp.asarray(taps.weights, dtype=x.dtype)
    return xp.moveaxis(rows[..., 0] if places.shape[1] == 1 else xp.sum(rows, axis=-1), -1, dim)


@functools.cache
def transposed(taps: Taps) -> Taps:
    """The taps of the transposed map."""
    found: list[list[tuple[int, float]]] = [[] for _ in range(taps.size)]
    for result, row in enumerate(taps.places):
        for k, place in enumerate(row):
            if place < taps.size:
                found[place].append((result, 1.0 if taps.weights is None else taps.weights[result][k]))
    return _taps(len(taps.places), found, weighted=taps.weights is not None)


def _taps(size: int, rows: list[list[tuple[int, float]]], *, weighted: bool = True) -> Taps:
    """Rows of (place, weight), filled up to one length with zeros."""
    longest = max((len(row) for row in rows), default=0) or 1
    full = [row + [(size, 0.0)] * (longest - len(row)) for row in rows]
    places = tuple(tuple(place for place, _ in row) for row in full)
    return Taps(size, places, tuple(tuple(w for _, w in row) for row in full) if weighted else None)


@functools.cache
def bins(size: int, out: int) -> Taps:
    """The sums of adaptive average pooling: result i covers the places from floor(i·size/out) to
    ceil((i+1)·size/out).
    """
    rows = [[(p, 1.0) for p in range(i * size // out, -(-(i + 1) * size // out))] for i in range(out)]
    return _taps(size, rows, weighted=False)


@functools.cache
def nearest(size: int, out: int, scale: float, *, exact: bool) -> Taps:
    """The place nearest to each result; without `exact` as OpenCV's INTER_NEAREST, half a place to the left."""
    at = np.floor((np.arange(out, dtype=np.float32) + np.float32(0.5 if exact else 0)) * np.float32(scale))
    return _taps(size, [[(min(int(p), size - 1), 1.0)] for p in at], weighted=False)


@functools.cache
def linear(size: int, out: int, scale: float, *, align_corners: bool) -> Taps:
    """The two places around each result."""
    rows = []
    for i in range(out):
        at = scale * i if align_corners else max(scale * (i + 0.5) - 0.5, 0.0)
        low = min(int(at), size - 1)
        part = min(max(at - low, 0.0), 1.0)
        rows.append([(low, 1 - part), (min(low + 1, size - 1), part)])
    return _taps(size, rows)


@functools.cache
def cubic(size: int, out: int, scale: float, *, align_corners: bool) -> Taps:
    """The four places around each result, those outside replaced by the border."""
    rows = []
    for i in range(out):
        at = scale * i if align_corners else scale * (i + 0.5) - 0.5
        low = int(np.floor(at))
        rows.append([(min(max(low + k, 0), size - 1), _cubic(low + k - at, CUBIC)) for k in (-1, 0, 1, 2)])
    return _taps(size, rows)


@functools.cache
def antialiased(size: int, out: int, scale: float, *, order: int) -> Taps:
    """The places within the support of the filter, widened where the size shrinks; weights sum to 1."""
    kernel: Callable[[float], float] = (
        (lambda t: max(0.0, 1 - abs(t))) if order == 1 else lambda t: _cubic(t, CUBIC_ANTIALIASED)
    )
    width = max(scale, 1.0)
    support = (1 if order == 1 else 2) * width
    rows = []
    for i in range(out):
        centre = scale * (i + 0.5)
        low, high = max(int(centre - support + 0.5), 0), min(int(centre + support + 0.5), size)
        weights = [kernel((p - centre + 0.5) / width) for p in range(low, high)]
        total = sum(weights)
        rows.append([(p, w / total if total else w) for p, w in zip(range(low, high), weights, strict=True)])
    return _taps(size, rows)


def _cubic(t: float, a: float) -> float:
    """Keys' kernel of cubic convolution."""
    t = abs(t)
    if t <= 1:
        return ((a + 2) * t - (a + 3)) * t * t + 1
    return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a if t < 2 else 0.0
