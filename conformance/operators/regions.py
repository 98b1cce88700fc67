"""Where an operator is asked: ranges of numbers by dtype, and the named regions of a domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

INF, NAN = float("inf"), float("nan")


@dataclass(frozen=True)
class Range:
    """Numbers between two bounds, spread evenly or by magnitude; `signed` adds the mirrored ones; or a list of points."""

    low: float = 0.0
    high: float = 0.0
    by_magnitude: bool = False
    signed: bool = False
    points: tuple[float, ...] = ()
    pattern: str = ""  # "rows": each row holds one value; "singular": the last row is the sum of the others


@dataclass(frozen=True)
class Region:
    """Part of a domain, per dtype, since float32 ends earlier."""

    float64: Range
    float32: Range

    def of(self, dtype: str) -> Range:
        return self.float32 if dtype == "float32" else self.float64


def both(low: float, high: float, **kind: Any) -> Region:
    """One range for both dtypes."""
    return Region(Range(low, high, **kind), Range(low, high, **kind))


def each(float64: tuple[float, float], float32: tuple[float, float], **kind: Any) -> Region:
    """A range for each dtype."""
    return Region(Range(*float64, **kind), Range(*float32, **kind))


def points(*values: float) -> Region:
    """Exactly these values."""
    return Region(Range(points=values), Range(points=values))


def rows(low: float, high: float) -> Region:
    """Rows of one value each."""
    return both(low, high, pattern="rows")


REAL, POSITIVE = (-INF, INF), (0.0, INF)
SHOULD_REGIONS = frozenset({"tails", "huge", "vast", "tiny", "subnormal"})
_TINY = {"float64": (1e-30, 1e-10), "float32": (1e-20, 1e-6), "by_magnitude": True}
_HUGE = {"float64": (1e6, 1e18), "float32": (1e4, 1e9), "by_magnitude": True}
_VAST = {"float64": (1e160, 1e300), "float32": (1e20, 1e37), "by_magnitude": True}
"""Numbers whose squares overflow: asked of what works element by element (`conformance.strategies.variations`)."""
_SUBNORMAL = {"float64": (1e-320, 1e-309), "float32": (1e-43, 1e-39), "by_magnitude": True}
_NEAR = 2.0**-10, 2.0**-8


def regions(
    domain: tuple[float, float] = REAL,
    *,
    tails: Region | None = None,
    boundary: Sequence[float] = (),
    integers: Sequence[float] | None = None,
    without: str = "",
    **own: Region,
) -> dict[str, Region]:
    """The regions of one argument: those that its domain has, and its own; `without` names those to leave out."""
    low, high = domain
    found = _bounded(low, high) if high < INF else _half(low) if low > -INF else _whole()
    if tails:
        found["tails"] = tails
    near = [low + d for d in _NEAR if low > -INF] + [high - d for d in _NEAR if high < INF]
    if near or boundary:
        found["boundary"] = points(*boundary, *near)
    whole = integers if integers is not None else [n for n in (-4, -3, -2, -1, 1, 2, 3, 4, 6) if low < n < high]
    if len(whole):
        found["integers"] = points(*map(float, whole))
    left_out = without.split()
    if "huge" in (*left_out, *own):  # a domain that ends earlier
        left_out.append("vast")
    return {k: v for k, v in (found | own).items() if k not in left_out}


def _whole() -> dict[str, Region]:
    return {
        "ordinary": both(0.2, 3.0, signed=True),
        "negative": both(-3.0, -0.2),
        "tiny": each(**_TINY, signed=True),
        "huge": each(**_HUGE, signed=True),
        "vast": each(**_VAST, signed=True),
        "subnormal": each(**_SUBNORMAL, signed=True),
    }


def _half(low: float) -> dict[str, Region]:
    found = {"ordinary": both(low + 0.2, low + 4.0), "huge": each(**_HUGE), "vast": each(**_VAST)}
    if low == 0:
        found |= {"tiny": each(**_TINY), "subnormal": each(**_SUBNORMAL)}
    return found


def _bounded(low: float, high: float) -> dict[str, Region]:
    width = high - low
    found = {"ordinary": both(low + 0.05 * width, high - 0.05 * width)}
    if low < 0:
        found["negative"] = both(low + 0.05 * width, -0.02 * width)
        found |= {"tiny": each(**_TINY, signed=True), "subnormal": each(**_SUBNORMAL, signed=True)}
    elif low == 0:
        found |= {"tiny": each(**_TINY)}
    return found


def per_argument(*arguments: Mapping[str, Region]) -> dict[str, tuple[Region, ...]]:
    """The regions of several arguments under one name each; where an argument lacks one, its ordinary region stands in."""
    names = dict.fromkeys(name for a in arguments for name in a)
    return {name: tuple(a.get(name, a["ordinary"]) for a in arguments) for name in names}
