"""How the corpus asks an operator: calls (shapes and attributes), regions of values, kinks with their documented slope.

Rows stand beside the signatures, in the chapters; what draws from them is `conformance.strategies`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Shape = tuple[int, ...]
INF = float("inf")


@dataclass(frozen=True)
class Range:
    """Numbers between two bounds, spread evenly or by magnitude; `signed` adds the mirrored ones; or a list of points."""

    low: float = 0.0
    high: float = 0.0
    by_magnitude: bool = False
    signed: bool = False
    points: tuple[float, ...] = ()


@dataclass(frozen=True)
class Region:
    """Part of a domain, per dtype, since float32 ends earlier."""

    float64: Range
    float32: Range

    def of(self, dtype: str) -> Range:
        return self.float32 if dtype == "float32" else self.float64


@dataclass(frozen=True)
class Choice:
    """An argument that is never differentiated: booleans, or indices below `below`."""

    kind: str  # "bool", "index", "distinct", "sign", "real", "probability"
    below: int = 0


@dataclass(frozen=True)
class Call:
    """Shapes by argument (a tuple of shapes for a sequence of tensors; None for an absent one) with attributes."""

    shapes: Mapping[str, Any]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    label: str = "regular"
    outputs: int | None = None


Kinks = Callable[[Mapping[str, Any]], Mapping[float, float]]


@dataclass(frozen=True)
class Sampling:
    """Everything that the corpus varies about one operator; the first call is the one that all else is varied on."""

    calls: tuple[Call, ...]
    regions: Mapping[str, tuple[Region, ...]] = field(default_factory=dict)  # per argument; the last serves the rest
    choices: Mapping[str, Choice] = field(default_factory=dict)
    kinks: Kinks | None = None
    ties: Callable[..., Any] | None = (
        None  # documented gradients at equal values; see `conformance.oracles.conventions`
    )
    alias: bool = False
    layouts: bool = True
    floating_outputs: tuple[int, ...] | None = None  # positions of the outputs that are differentiated
    structured: str = ""  # "spd", "invertible": what the first argument is made of


# regions


def both(low: float, high: float, **kind: Any) -> Region:
    """One range for both dtypes."""
    return Region(Range(low, high, **kind), Range(low, high, **kind))


def each(float64: tuple[float, float], float32: tuple[float, float], **kind: Any) -> Region:
    """A range for each dtype."""
    return Region(Range(*float64, **kind), Range(*float32, **kind))


def points(*values: float) -> Region:
    """Exactly these values."""
    return Region(Range(points=values), Range(points=values))


REAL, POSITIVE = (-INF, INF), (0.0, INF)
SHOULD_REGIONS = frozenset({"tails", "huge", "tiny", "subnormal"})
_TINY = {"float64": (1e-30, 1e-10), "float32": (1e-20, 1e-6), "by_magnitude": True}
_HUGE = {"float64": (1e6, 1e18), "float32": (1e4, 1e9), "by_magnitude": True}
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
    found |= own
    return {k: v for k, v in found.items() if k not in without.split()}


def _whole() -> dict[str, Region]:
    return {
        "ordinary": both(0.2, 3.0, signed=True),
        "negative": both(-3.0, -0.2),
        "tiny": each(**_TINY, signed=True),
        "huge": each(**_HUGE, signed=True),
        "subnormal": each(**_SUBNORMAL, signed=True),
    }


def _half(low: float) -> dict[str, Region]:
    found = {"ordinary": both(low + 0.2, low + 4.0), "huge": each(**_HUGE)}
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


# the usual kinds of operator

UNARY_SHAPES = {
    "regular": (2, 3),
    "scalar": (),
    "empty": (0,),
    "size-1": (1,),
    "vector": (5,),
    "empty-inner": (2, 0),
    "cube": (2, 1, 3),
}
BINARY_SHAPES: dict[str, tuple[Shape, Shape]] = {
    "regular": ((2, 3), (2, 3)),
    "scalar": ((), ()),
    "empty": ((0,), (0,)),
    "size-1": ((1,), (1,)),
    "broadcast-row": ((2, 3), (3,)),
    "broadcast-column": ((2, 1), (2, 3)),
    "broadcast-both": ((2, 1), (1, 3)),
    "broadcast-scalar": ((), (4,)),
    "broadcast-empty": ((0, 3), (1, 3)),
    "broadcast-lead": ((3,), (2, 2, 3)),
}


def unary(
    domain: tuple[float, float] = REAL,
    *,
    attributes: Sequence[Mapping[str, Any]] = ({},),
    kinks: Kinks | Mapping[float, float] | None = None,
    argument: str = "input",
    **own: Any,
) -> Sampling:
    """Element by element on one tensor."""
    shapes = {**UNARY_SHAPES}
    calls = [Call({argument: shapes.pop("regular")}, attributes[0])]
    calls += [Call({argument: s}, attributes[0], label) for label, s in shapes.items()]
    calls += [Call({argument: (2, 3)}, a) for a in attributes[1:]]
    fixed = (lambda _attributes: kinks) if isinstance(kinks, Mapping) else kinks
    return Sampling(tuple(calls), per_argument(regions(domain, **own)), kinks=fixed)


def binary(
    first: Mapping[str, Region] | None = None,
    second: Mapping[str, Region] | None = None,
    *,
    attributes: Sequence[Mapping[str, Any]] = ({},),
    arguments: tuple[str, str] = ("input", "other"),
    alias: bool = True,
    **options: Any,
) -> Sampling:
    """Element by element on two tensors that broadcast."""
    a, b = arguments
    pairs = {**BINARY_SHAPES}
    calls = [Call({a: s, b: t}, attributes[0], label) for label, (s, t) in pairs.items()]
    calls += [Call({a: (2, 3), b: (2, 3)}, more) for more in attributes[1:]]
    first = regions() if first is None else first
    return Sampling(tuple(calls), per_argument(first, first if second is None else second), alias=alias, **options)


def calls(*rows: tuple[Any, ...], arguments: Sequence[str] = ("input",), **options: Any) -> Sampling:
    """An operator asked by a list of (label, shapes…, attributes) rows; a first row named "regular" is what all is varied on."""
    made = []
    for label, *shapes, given in rows:
        attributes = dict(given)
        outputs = attributes.pop("outputs", None)
        made.append(Call(dict(zip(arguments, shapes, strict=True)), attributes, label, outputs))
    options.setdefault("regions", per_argument(regions(without="subnormal")))
    return Sampling(tuple(made), **options)


def varied(sampling: Sampling, **changes: Any) -> Sampling:
    """The same sampling with some fields changed."""
    return replace(sampling, **changes)
