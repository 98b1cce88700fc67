"""One class of cases of one operator: its name and level, the dtypes it is asked in, and what tells it from others."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.codec import canonical_json, encode_literal
from conformance.operators.dtypes import REAL_ATTRIBUTES, REAL_DTYPES, dtypes_of
from conformance.operators.sampling import SHOULD_REGIONS, Call, Sampling
from conformance.operators.spec import OperatorSpec
from conformance.strategies.derivatives import ORDER
from conformance.strategies.derivatives import facets as direction_facets

VALUE, VJP, JVP, ORDER2, ORDER3 = "value", "vjp", "jvp", "order2", "order3"
GROUPS = (VALUE, VJP, JVP, ORDER2, ORDER3)
SPECIAL = frozenset({"signed-zero", "infinite", "nan"})
_SHOULD = SHOULD_REGIONS | SPECIAL


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
    direction: str = ""  # of forward mode and of orders 2 and 3; see `conformance.strategies.derivatives`
    second: str = ""  # "integer" or "mixed": what the second argument holds

    @property
    def sampling(self) -> Sampling:
        return self.spec.sampling

    def key(self, dtype: str) -> str:
        """What a class is told apart by: attributes and shapes count, inputs do not."""
        attributes = canonical_json({k: encode_literal(a) for k, a in self.call.attributes.items()})
        shapes = canonical_json({k: encode_literal(s) for k, s in self.call.shapes.items()})
        group = f"{self.group}.{self.direction}" if self.direction else self.group
        return f"{self.spec.name}|{group}|{self.name}|{attributes}|{shapes}|{dtype}"

    @property
    def active(self) -> list[str]:
        """The arguments that are differentiated."""
        still = {self.constant} | (set(self.sampling.second) if self.second == "integer" else set())
        return [name for name in self.sampling.differentiated(self.call) if name not in still]

    @property
    def level(self) -> str:
        """must, but for the far ends of the domain, numbers that are none, order 3, and operators beyond the core."""
        return "should" if self.region in _SHOULD or self.group == ORDER3 or not self.spec.core else "must"

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The dtypes in which there is such a class."""
        real = () if self.sampling.only_complex else REAL_DTYPES
        if not self.sampling.differentiated(self.call):
            return real[:1]  # whole numbers, whatever the dtype
        if self.second == "mixed":
            return ("float32",)  # beside float64, whose result is rounded on its way back
        if self.direction and self.sampling.result == "double":
            real = real[:1]
        if self.group == ORDER3:
            real = real if self.name == "ordinary" else real[:1]
        return real + self._complex_dtypes

    @property
    def _complex_dtypes(self) -> tuple[str, ...]:
        """Complex numbers have no regions and no ties, and directions show nothing new beyond the ordinary class."""
        found = dtypes_of(self.spec)[len(REAL_DTYPES) :]
        plain = (
            self.region == "ordinary"
            and self.layout in ("contiguous", "transposed")
            and not self.second
            and self.call.smooth
        )
        if not plain or REAL_ATTRIBUTES & {*self.call.attributes, *self.call.shapes} or self.cotangent == "expanded":
            return ()
        if self.direction:
            return found[:1] if self.name == "ordinary" and self.group != ORDER3 else ()
        return found

    def _cotangent_facet(self) -> str:
        if self.group != VJP:
            return ""
        chosen = self.sampling.floating_outputs
        outputs = (self.call.outputs or self.spec.outputs) if chosen is None else len(chosen)
        return "joint" if outputs > 1 and self.cotangent == "signed" else self.cotangent

    @property
    def facets(self) -> dict[str, str]:
        """What the report groups by."""
        plain = {"order": str(ORDER[self.group]), "direction": "reverse" if self.group == VJP else "forward"}
        return {
            "operator": self.spec.name,
            "group": self.group,
            "region": self.region,
            "shape": self.call.label,
            "layout": self.layout,
            "cotangent": self._cotangent_facet(),
            "class": self.name,
        } | (direction_facets(self.group, self.direction) if self.direction else plain)
