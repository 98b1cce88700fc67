"""How the corpus asks an operator: calls (shapes and attributes), regions of values, kinks with their documented slope.

Rows stand beside the signatures, in the chapters; what draws from them is `conformance.strategies`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.operators.regions import (
    INF,
    NAN,
    POSITIVE,
    REAL,
    SHOULD_REGIONS,
    Range,
    Region,
    both,
    each,
    per_argument,
    points,
    regions,
    rows,
)

__all__ = [
    "INF", "NAN", "POSITIVE", "REAL", "SHOULD_REGIONS", "Call", "Choice", "Range", "Region", "Sampling", "binary", "both",
    "calls", "each", "more", "per_argument", "points", "regions", "rows", "unary", "varied",
]  # fmt: skip

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Choice:
    """An argument that is never differentiated: booleans, or indices below `below`."""

    kind: str  # "bool", "index", "distinct", "sign", "real", "integer", "ends", "apart", "pivots", "given", "finite", or a Python "number"
    below: int = 0
    above: float = 0.5  # of real ones and numbers
    values: tuple[float, ...] = ()  # of given ones, again from the first where there are more places
    of: str = "input"  # the argument whose finite elements "finite" tells from the others


@dataclass(frozen=True)
class Call:
    """Shapes by argument (a tuple of shapes for a sequence of tensors; None for an absent one) with attributes.

    `choices` and `ranges` stand instead of the operator's own, by argument, and so does `structured`.
    """

    shapes: Mapping[str, Any]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    label: str = "regular"
    outputs: int | None = None
    choices: Mapping[str, Choice | None] = field(default_factory=dict)
    ranges: Mapping[str, Region] = field(default_factory=dict)
    smooth: bool = True  # its numbers do not lie where there are no higher derivatives
    through: str = ""  # what is applied to the first argument before, along its last dimension
    structured: str = ""  # what the first argument is made of


Kinks = Callable[[Mapping[str, Any]], Mapping[float, float]]


@dataclass(frozen=True)
class Sampling:
    """Everything that the corpus varies about one operator; the first call is the one that all else is varied on."""

    calls: tuple[Call, ...]
    regions: Mapping[str, tuple[Region, ...]] = field(default_factory=dict)  # per argument; the last serves the rest
    choices: Mapping[str, Choice] = field(default_factory=dict)
    kinks: Kinks | None = None
    ties: str = ""  # documented gradients at equal values; see `conformance.oracles.conventions`
    beside: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """Which way from an argument the documented derivative at a kink lies, where that is the derivative close by."""
    alias: bool = False
    layouts: bool = True
    floating_outputs: tuple[int, ...] | None = None  # positions of the outputs that are differentiated
    structured: str = ""  # what the first argument of the call is made of: see `conformance.strategies.structures`
    pointwise: bool = False  # element by element, so that special values and tilings mean something
    tiled: str = ""  # "all": every dimension may be tiled; "rows": all but the last, whose equal entries would tie
    second: tuple[str, ...] = ()  # arguments that may hold integers, or numbers of another floating dtype
    complex: bool = False  # asked in complex dtypes too; see `conformance.operators.dtypes`
    only_complex: bool = False  # not defined for real numbers
    result: str = ""  # "complex", "real" or "double", if not of the kind of the input
    real_outputs: tuple[int, ...] = ()  # positions of the outputs that are real whatever the others are
    invariant: str = ""  # what is read of outputs of which something is free: see `conformance.strategies.invariants`
    smooth: bool = True  # PyTorch documents gradients of gradients
    forward: bool = True  # PyTorch documents forward mode

    def choice(self, call: Call, name: str) -> Choice | None:
        """What an argument is drawn from if it is never differentiated."""
        return call.choices.get(name, self.choices.get(name))

    def structure(self, call: Call) -> str:
        """What the first argument is made of."""
        return call.structured or self.structured

    def differentiated(self, call: Call) -> list[str]:
        """The arguments of a call that are differentiated; a sequence of tensors counts as one argument."""
        return [n for n, shape in call.shapes.items() if shape is not None and self.choice(call, n) is None]


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
    found = per_argument(regions(domain, **own))
    return Sampling(tuple(calls), found, kinks=fixed, pointwise=True, tiled="all")


def binary(
    first: Mapping[str, Region] | None = None,
    other: Mapping[str, Region] | None = None,
    *,
    attributes: Sequence[Mapping[str, Any]] = ({},),
    arguments: tuple[str, str] = ("input", "other"),
    alias: bool = True,
    second: bool = True,
    **options: Any,
) -> Sampling:
    """Element by element on two tensors that broadcast; the second may hold integers unless told otherwise."""
    a, b = arguments
    pairs = {**BINARY_SHAPES}
    calls = [Call({a: s, b: t}, attributes[0], label) for label, (s, t) in pairs.items()]
    calls += [Call({a: (2, 3), b: (2, 3)}, more) for more in attributes[1:]]
    first = regions() if first is None else first
    found = per_argument(first, first if other is None else other)
    options = {"pointwise": True, "tiled": "all", "second": (b,) if second else ()} | options
    return Sampling(tuple(calls), found, alias=alias, **options)


def calls(*rows: tuple[Any, ...], arguments: Sequence[str] = ("input",), **options: Any) -> Sampling:
    """An operator asked by a list of (label, shapes…, attributes) rows; a first row named "regular" is what all is varied on."""
    options.setdefault("regions", per_argument(regions(without="subnormal")))
    return Sampling(tuple(_call(row, arguments) for row in rows), **options)


def more(sampling: Sampling, *rows: tuple[Any, ...], arguments: Sequence[str] = ("input",)) -> Sampling:
    """The same sampling with further calls, which may have other arguments."""
    return replace(sampling, calls=sampling.calls + tuple(_call(row, arguments) for row in rows))


def _call(row: tuple[Any, ...], arguments: Sequence[str]) -> Call:
    """A row as a call; what `_ABOUT` names among its attributes is about the call, not the operator's own."""
    label, *shapes, given = row
    about = {name: value for name, value in given.items() if name in _ABOUT}
    attributes = {name: value for name, value in given.items() if name not in _ABOUT}
    return Call(dict(zip(arguments, shapes, strict=True)), attributes, label, **about)


_ABOUT = frozenset({"outputs", "choices", "ranges", "smooth", "through", "structured"})


def varied(sampling: Sampling, **changes: Any) -> Sampling:
    """The same sampling with some fields changed."""
    return replace(sampling, **changes)
