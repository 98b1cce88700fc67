"""What is varied about an operator: one thing at a time, each variation a class of cases.

Every class is asked of the value and of the gradient; of forward mode and of higher orders as far as it means something new there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.operators.flatness import without_graph
from conformance.operators.results import NOT_EXPANDED, NOT_TRANSPOSED
from conformance.operators.sampling import Call, Sampling
from conformance.operators.spec import OperatorSpec
from conformance.strategies.derivatives import DIRECTIONS
from conformance.strategies.variation import GROUPS, JVP, ORDER2, ORDER3, SPECIAL, VALUE, VJP, Variation

__all__ = ["GROUPS", "JVP", "ORDER2", "ORDER3", "SPECIAL", "VALUE", "VJP", "Variation", "allows", "variations"]

LAYOUTS = ("transposed", "sliced", "expanded")
COTANGENTS = ("zero", "one-hot", "transposed", "expanded")
THIRD = frozenset({"ordinary", "negative", "integers", "boundary"})
"""The regions that order 3 is asked in."""
_BROKEN_AT_ZERO = frozenset(
    "atan2 copysign remainder reciprocal pow float_power digamma polygamma lgamma frexp nextafter __rdiv__ __rmod__ __rpow__".split()
)
"""Operators with a branch cut, a jump or a pole at zero, where its sign chooses the side; balls have no signed zeros."""


def variations(spec: OperatorSpec) -> Iterator[Variation]:
    """Every class of cases of an operator, the ordinary one first."""
    if spec.sampling is None:
        return
    differentiates = bool(spec.sampling.differentiated(spec.sampling.calls[0]))
    for group in (VALUE, VJP) if differentiates else (VALUE,):
        yield from _regions(spec, group)
        yield from _vast(spec, group)
        yield from _calls(spec, group)
        yield from _layouts(spec, group)
        yield from _seconds(spec, group)
        yield from _specials(spec, group)
    if not differentiates:
        return
    yield from _cotangents(spec)
    yield from _activity(spec)
    for group in (JVP, ORDER2, ORDER3):
        yield from (v for v in _directed(spec, group) if v.dtypes)


# one thing at a time


def _regions(spec: OperatorSpec, group: str) -> Iterator[Variation]:
    sampling = spec.sampling
    base = sampling.calls[0]
    for region in sampling.regions:
        if region != "vast":
            yield Variation(spec, base, group, region, region=region)
    if sampling.ties and group in (VJP, JVP):
        yield Variation(spec, base, group, "tie", region="tie")


def _vast(spec: OperatorSpec, group: str) -> Iterator[Variation]:
    """Numbers whose squares overflow, element by element: a sum of products that overflow means nothing."""
    if "vast" in spec.sampling.regions and spec.sampling.pointwise:
        yield Variation(spec, spec.sampling.calls[0], group, "vast", region="vast")


def _calls(spec: OperatorSpec, group: str) -> Iterator[Variation]:
    sampling = spec.sampling
    for i, call in enumerate(sampling.calls):
        name = "attributes" if call.label == "regular" else call.label
        if i:
            yield Variation(spec, call, group, name)
        if sampling.kinks and call.label == "regular" and sampling.kinks(call.attributes):
            yield Variation(spec, call, group, "kink", region="kink")
            yield Variation(spec, call, group, "pieces", region="pieces")


def _layouts(spec: OperatorSpec, group: str) -> Iterator[Variation]:
    sampling = spec.sampling
    base = sampling.calls[0]
    tensors = {n: s for n, s in base.shapes.items() if sampling.choice(base, n) is None}
    for layout in LAYOUTS if sampling.layouts else ():
        plain = layout == "transposed" or not sampling.structured or (layout, sampling.structured) == ("sliced", "any")
        tying = layout == "expanded" and (sampling.ties or sampling.floating_outputs)
        if any(allows(layout, s) for s in tensors.values()) and plain and not tying:
            yield Variation(spec, base, group, layout, layout=layout)
    if sampling.tiled:
        yield Variation(spec, base, group, "tiled", layout="tiled")
    image = next((c for c in sampling.calls if _has_channels(sampling, c)), None)
    if image and sampling.layouts and not sampling.structured:
        yield Variation(spec, image, group, "channels-last", layout="channels-last")


def _has_channels(sampling: Sampling, call: Call) -> bool:
    """Whether the first argument may lie with its channels last and this means something: several channels and places."""
    shape = next(iter(call.shapes.values()))
    return allows("channels-last", shape) and shape[1] > 1 and shape[2] * shape[3] > 1


def allows(layout: str, shape: Any) -> bool:
    """Whether a tensor of this shape can lie in memory like this."""
    if not isinstance(shape, tuple) or any(isinstance(n, tuple) for n in shape) or 0 in shape:
        return False
    return {
        "transposed": len(shape) > 1,
        "sliced": len(shape) > 0,
        "expanded": len(shape) > 0 and shape[0] > 1,
        "tiled": len(shape) == 2,
        "channels-last": len(shape) == 4,
    }.get(layout, True)


def _seconds(spec: OperatorSpec, group: str) -> Iterator[Variation]:
    for name in spec.sampling.second:
        for kind in ("integer", "mixed"):
            yield Variation(spec, spec.sampling.calls[0], group, f"{kind}-{name}", second=kind)


def _specials(spec: OperatorSpec, group: str) -> Iterator[Variation]:
    """Zeros of both signs, infinities, and NaN, which only has a value."""
    sampling = spec.sampling
    if not sampling.pointwise or sampling.only_complex or sampling.result == "complex":
        return
    unbounded = "huge" in sampling.regions or "tails" in sampling.regions
    around = "negative" in sampling.regions and spec.name not in _BROKEN_AT_ZERO
    found = {"signed-zero": around, "infinite": unbounded, "nan": group == VALUE}
    for region in (name for name, applies in found.items() if applies):
        yield Variation(spec, sampling.calls[0], group, region, region=region)


def _cotangents(spec: OperatorSpec) -> Iterator[Variation]:
    flat = {"transposed": NOT_TRANSPOSED, "expanded": NOT_EXPANDED}
    for cotangent in (c for c in COTANGENTS if spec.name not in flat.get(c, ())):
        yield Variation(spec, spec.sampling.calls[0], VJP, f"cotangent-{cotangent}", cotangent=cotangent)


def _activity(spec: OperatorSpec, group: str = VJP) -> Iterator[Variation]:
    base = spec.sampling.calls[0]
    active = spec.sampling.differentiated(base)
    if len(active) > 1:
        for name in active:
            yield Variation(spec, base, group, f"constant-{name}", constant=name)
    if spec.sampling.alias:
        yield Variation(spec, base, group, "same-tensor", alias=True)


# forward mode and higher orders


def _directed(spec: OperatorSpec, group: str) -> Iterator[Variation]:
    """The classes of a group, each in one direction in turn; the ordinary one in all of them.

    A new class belongs last: one in the middle would turn those behind it, and they are frozen.
    """
    for i, v in enumerate(_undirected(spec, group)):
        nothing = without_graph(spec.name, v.call)
        ways = [d for d in DIRECTIONS[group] if d not in nothing and (spec.sampling.forward or "f" not in d)]
        if group == JVP and not spec.sampling.forward:
            ways = []
        for direction in ways if v.name == "ordinary" else ways[i % max(len(ways), 1) :][:1]:
            yield replace(v, direction=direction)


def _undirected(spec: OperatorSpec, group: str) -> Iterator[Variation]:
    if group != JVP and not spec.sampling.smooth:
        return
    if group == JVP:
        yield from _regions(spec, JVP)
        yield from (v for v in _calls(spec, JVP) if not _is_empty(v))
        yield from _layouts(spec, JVP)
        yield from _activity(spec, JVP)
        yield from _vast(spec, JVP)
        return
    for v in _regions(spec, group):
        if (v.region in THIRD or group == ORDER2) and not _meets_kinks(spec, v.region):
            yield v
    for v in _calls(spec, group):
        plain = v.region == "ordinary" and not _is_empty(v) and not _lies_at_kinks(v)
        if plain and (group == ORDER2 or v.name == "attributes"):
            yield v
    if group == ORDER2:
        yield from _activity(spec, ORDER2)
        yield from _vast(spec, ORDER2)


def _meets_kinks(spec: OperatorSpec, region: str) -> bool:
    """Whether points of a region lie on kinks, where there are no higher derivatives."""
    sampling = spec.sampling
    kinks = set(sampling.kinks(sampling.calls[0].attributes)) if sampling.kinks else set()
    return any(kinks & set(r.float64.points) for r in sampling.regions[region])


def _lies_at_kinks(v: Variation) -> bool:
    """Whether the numbers of the call itself are where there are no higher derivatives."""
    return not v.call.smooth


def _is_empty(v: Variation) -> bool:
    """Without an element there is no derivative to see, beyond the shape that gradients show."""
    return any(isinstance(s, tuple) and 0 in s for s in v.call.shapes.values())
