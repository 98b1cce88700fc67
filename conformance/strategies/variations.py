"""What is varied about an operator: one thing at a time, each variation a class of cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.operators.sampling import SHOULD_REGIONS, Call, Sampling
from conformance.operators.spec import OperatorSpec

VALUE, VJP = "value", "vjp"
LAYOUTS = ("transposed", "sliced", "expanded")
COTANGENTS = ("zero", "one-hot", "transposed", "expanded")


@dataclass(frozen=True)
class Variation:
    """One class of cases of one operator: a call, with one thing out of the ordinary."""

    spec: OperatorSpec
    call: Call
    group: str
    name: str  # the class, as it stands in the id
    region: str = "ordinary"
    layout: str = "contiguous"
    cotangent: str = "signed"
    constant: str = ""  # the argument that is not differentiated
    alias: bool = False

    @property
    def level(self) -> str:
        """must, but for the far ends of the domain."""
        return "should" if self.region in SHOULD_REGIONS else "must"

    def _cotangent_facet(self) -> str:
        if self.group != VJP:
            return ""
        chosen = self.spec.sampling.floating_outputs
        outputs = (self.call.outputs or self.spec.outputs) if chosen is None else len(chosen)
        return "joint" if outputs > 1 and self.cotangent == "signed" else self.cotangent

    @property
    def facets(self) -> dict[str, str]:
        """What the report groups by."""
        return {
            "operator": self.spec.name,
            "group": self.group,
            "region": self.region,
            "shape": self.call.label,
            "layout": self.layout,
            "cotangent": self._cotangent_facet(),
            "order": "1" if self.group == VJP else "0",
            "direction": "reverse" if self.group == VJP else "forward",
            "class": self.name,
        }


def variations(spec: OperatorSpec) -> Iterator[Variation]:
    """Every class of cases of an operator, the ordinary one first."""
    sampling: Sampling | None = spec.sampling
    if sampling is None:
        return
    for group in (VALUE, VJP):
        yield from _regions(spec, sampling, group)
        yield from _calls(spec, sampling, group)
        yield from _layouts(spec, sampling, group)
    yield from _cotangents(spec, sampling)
    yield from _activity(spec, sampling)


def _regions(spec: OperatorSpec, sampling: Sampling, group: str) -> Iterator[Variation]:
    base = sampling.calls[0]
    for region in sampling.regions:
        yield Variation(spec, base, group, region, region=region)
    if sampling.ties and group == VJP:
        yield Variation(spec, base, group, "tie", region="tie")


def _calls(spec: OperatorSpec, sampling: Sampling, group: str) -> Iterator[Variation]:
    for i, call in enumerate(sampling.calls):
        name = "attributes" if call.label == "regular" else call.label
        if i:
            yield Variation(spec, call, group, name)
        if sampling.kinks and call.label == "regular" and sampling.kinks(call.attributes):
            yield Variation(spec, call, group, "kink", region="kink")


def _layouts(spec: OperatorSpec, sampling: Sampling, group: str) -> Iterator[Variation]:
    base = sampling.calls[0]
    if not sampling.layouts:
        return
    for layout in LAYOUTS:
        fits = [s for n, s in base.shapes.items() if n not in sampling.choices and allows(layout, s)]
        plain = layout == "transposed" or not sampling.structured
        if fits and plain and not (layout == "expanded" and (sampling.ties or sampling.floating_outputs)):
            yield Variation(spec, base, group, layout, layout=layout)


def allows(layout: str, shape: Any) -> bool:
    """Whether a tensor of this shape can lie in memory like this."""
    if not isinstance(shape, tuple) or any(isinstance(n, tuple) for n in shape) or 0 in shape:
        return False
    return {"transposed": len(shape) > 1, "sliced": len(shape) > 0, "expanded": len(shape) > 0 and shape[0] > 1}.get(
        layout, True
    )


def _cotangents(spec: OperatorSpec, sampling: Sampling) -> Iterator[Variation]:
    for cotangent in COTANGENTS:
        name = f"cotangent-{cotangent}"
        yield Variation(spec, sampling.calls[0], VJP, name, cotangent=cotangent)


def _activity(spec: OperatorSpec, sampling: Sampling) -> Iterator[Variation]:
    base = sampling.calls[0]
    active = differentiated(sampling, base.shapes)
    if len(active) > 1:
        for name in active:
            yield Variation(spec, base, VJP, f"constant-{name}", constant=name)
    if sampling.alias:
        yield Variation(spec, base, VJP, "same-tensor", alias=True)


def differentiated(sampling: Sampling, shapes: Mapping[str, Any]) -> list[str]:
    """The arguments of a call that are differentiated; a sequence of tensors counts as one argument."""
    return [name for name, shape in shapes.items() if shape is not None and name not in sampling.choices]
