"""Where functions are asked: six regions of magnitude on either side of zero, and what lies close to the curve's own points.

The borders are those of the arithmetic: the smallest normal number, and √u, below which a square is lost beside one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.atlas.curves import Curve

MAGNITUDES = ("subnormal", "tiny", "small", "ordinary", "large", "huge")
REGIONS = (*(f"-{m}" for m in reversed(MAGNITUDES)), *MAGNITUDES, "near")
"""From minus infinity to infinity, then the neighbourhood of zeros, poles, ends of the domain and joints."""
BORDERS = {
    "float64": (-1074, -1022, -27, -2, 3, 27, 1024),
    "float32": (-149, -126, -12, -2, 3, 12, 128),
}
"""Binary exponents between which the regions lie."""
BUCKETS = 12  # parts of each region, between which the error is plotted
POINTS = 30  # in each bucket
_SEED = 2_718_281_828


@dataclass(frozen=True)
class Points:
    """Numbers of one dtype, each with the region and the bucket it belongs to; a bucket counts from minus infinity on."""

    x: np.ndarray
    region: np.ndarray  # positions in REGIONS
    bucket: np.ndarray  # 0 … 2 · 6 · BUCKETS - 1; -1 near the curve's own points


def points(curve: Curve, dtype: str) -> Points:
    """The points of a curve: the same ones for every engine."""
    rng = np.random.default_rng(_number(curve.name, dtype))
    parts = [_side(rng, dtype, sign) for sign in (-1, 1)] + [_near(curve, dtype)]
    x, region, bucket = (np.concatenate(column) for column in zip(*parts, strict=True))
    low, high = curve.domain
    inside = (x > low) & (x < high) & np.isfinite(x)
    return Points(x[inside], region[inside], bucket[inside])


def _side(rng: Any, dtype: str, sign: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    borders = BORDERS[dtype]
    xs, regions, buckets = [], [], []
    for place, (low, high) in enumerate(zip(borders, borders[1:], strict=False)):
        for part in range(BUCKETS):
            edge = low + (high - low) * (part + np.sort(rng.random(POINTS))) / BUCKETS
            x = np.ldexp(np.exp2(edge - np.floor(edge)), np.floor(edge).astype(int)).astype(dtype)
            xs.append(sign * x)
            step = place * BUCKETS + part
            regions.append(np.full(POINTS, 5 - place if sign < 0 else 6 + place))
            buckets.append(np.full(POINTS, 6 * BUCKETS + (step if sign > 0 else -1 - step)))
    return np.concatenate(xs).astype(dtype), np.concatenate(regions), np.concatenate(buckets)


def _near(curve: Curve, dtype: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both sides of each of the curve's own points, at distances that halve; never the points themselves."""
    bits = 52 if dtype == "float64" else 23
    shares = np.exp2(-np.arange(2.0, bits + 1, 1.0 if bits < 30 else 2.0))
    xs = [np.asarray(p * (1 + sign * shares)).astype(dtype) for p in curve.near for sign in (-1, 1)]
    x = np.unique(np.concatenate(xs)) if xs else np.zeros(0, dtype)
    x = x[~np.isin(x, np.asarray(curve.near, dtype))]
    return x.astype(dtype), np.full(len(x), len(REGIONS) - 1), np.full(len(x), -1)


def _number(*parts: str) -> list[int]:
    return [_SEED, int.from_bytes(hashlib.sha256("|".join(parts).encode()).digest()[:8], "big")]
