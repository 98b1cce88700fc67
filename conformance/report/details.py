"""The parts of a report that explain: root causes with reproducers, what was not judged, conventions, waivers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from conformance.cases import BEHAVIOURS, Case
from conformance.codec import canonical_json
from conformance.compare import Expectation, Status
from conformance.printing import case_code
from conformance.report.material import Material
from conformance.report.model import FAILED, LEVELS, UNJUDGED, Cause, Example, Gap, count_statuses
from conformance.verdict import Record

_SHOWN = 200  # causes with a reproducer; an engine that fails more has one cause, and the journal has the rest

_COMPARED = 50  # records of one cause that are looked at for the shortest


def causes(records: Sequence[Record], engine: str, material: Material) -> tuple[Cause, ...]:
    """What went wrong, grouped: behaviours by id, operators by operator, group and region; the gravest first."""
    blocked = Counter(str(r.details.get("by", "")) for r in records if r.status == Status.BLOCKED)
    found = _grouped((r for r in records if r.status in FAILED), _cause_key)
    gravest = sorted(
        found.values(), key=lambda g: (LEVELS.index(g[0].level), -blocked[g[0].requirement], -len(g), g[0].case)
    )
    return tuple(_cause(group, engine, blocked[group[0].requirement], material) for group in gravest[:_SHOWN])


def gaps(records: Sequence[Record]) -> tuple[Gap, ...]:
    """What was not judged, by reason; the largest first."""
    found = _grouped((r for r in records if r.status in UNJUDGED), lambda r: (str(r.status), r.reason))
    rows = [
        Gap(status, reason, Counter(r.level for r in group), len(group)) for (status, reason), group in found.items()
    ]
    return tuple(sorted(rows, key=lambda g: (-g.total, g.status, g.reason)))


def conventions(records: Sequence[Record]) -> tuple[Example, ...]:
    """Where the engine took a documented alternative."""
    return tuple(Example(r.case, str(r.status), r.reason, numbers(r)) for r in records if r.status == Status.PERMITTED)


def waived(records: Sequence[Record], engine: str, material: Material) -> dict[str, tuple[Example, ...]]:
    """The waived cases by waiver, the first of each with its reproducer."""
    found = _grouped((r for r in records if r.status == Status.WAIVED), lambda r: str(r.details["waiver"]))
    return {
        name: (example(group[0], engine, material), *(Example(r.case, str(r.status), r.reason) for r in group[1:]))
        for name, group in found.items()
    }


def example(record: Record, engine: str, material: Material) -> Example:
    """A record with its numbers and, where the suite still has the case, its code."""
    case = material.case(record.case)
    codes = (case_code(case), case_code(case, engine)) if case else ("", "")
    second = codes[1] if codes[1] != codes[0] else ""
    return Example(record.case, str(record.status), record.reason, numbers(record, case), codes[0], second)


def numbers(record: Record, case: Case | None = None) -> tuple[tuple[str, str], ...]:
    """The first element that is wrong, as label and text; of a known case also what its tolerance is made of."""
    d = record.details
    shown = []
    if d.get("index"):
        shown.append(("element", str(tuple(d["index"]))))
    shown += [
        (label, repr(float.fromhex(d[label]))) for label in ("expected", "observed") if isinstance(d.get(label), str)
    ]
    if "ulp" in d:
        shown.append(("error", f"{float(d['ulp']):.3g} ulp"))
    if "tolerance" in d:
        shown.append(("allowed", f"{float(d['tolerance']):.3g}{_parts(d, case)}"))
    if "wrong" in d:
        shown.append(("elements wrong", str(d["wrong"])))
    return tuple(shown)


def _parts(d: Mapping[str, Any], case: Case | None) -> str:
    """The tolerance of an element as what it was computed from: the radius of the reverse pass, and a unit of the truth."""
    found = [e for e in case.expectations if e.read == d.get("read")] if case is not None else []
    if not found or found[0].tolerance is None or found[0].value.dtype.kind not in "fc":
        return ""
    ulp = _ulp(found[0], float.fromhex(d["expected"]))
    radius = (float(d["tolerance"]) - ulp) / 2
    return f" = 2 × {radius:.3g} for the rounding of inputs and steps + {ulp:.3g} for one ulp" if radius > 0 else ""


def _ulp(e: Expectation, want: float) -> float:
    """The unit in the last place of the truth, in the precision of its dtype."""
    precision = np.float32 if e.value.dtype.name in ("float32", "complex64") else np.float64
    return float(np.spacing(np.abs(precision(want)))) if np.isfinite(precision(want)) else 0.0


def _cause(group: Sequence[Record], engine: str, blocks: int, material: Material) -> Cause:
    first = group[0]
    behaviour = BEHAVIOURS.get(first.requirement)
    facets = first.facets
    region = f", {facets['region']} inputs" if facets.get("region") else ""
    return Cause(
        title=f"{first.requirement}{region}",
        level=first.level,
        statement=behaviour.statement if behaviour else _operator_statement(first),
        source=behaviour.source if behaviour else "calculus: central differences in ball arithmetic",
        discrepancy=behaviour.discrepancy if behaviour else "",
        counts=count_statuses(group),
        cases=tuple(r.case for r in group),
        example=example(_shortest(group, material), engine, material),
        diagnosis=material.diagnosis(group),
        blocks=blocks,
    )


def _shortest(group: Sequence[Record], material: Material) -> Record:
    """The record whose program says least, since that shows the cause best."""
    return min(group[:_COMPARED], key=lambda r: _length(material.case(r.case)))


def _length(case: Case | None) -> int:
    return len(canonical_json(case.program.to_json())) if case is not None and case.program is not None else 0


_GROUPS = {"value": "The value", "vjp": "The vector-Jacobian product", "jvp": "The Jacobian-vector product"}


def _operator_statement(record: Record) -> str:
    group, operator = record.facets.get("group", ""), record.facets.get("operator", record.requirement)
    return f"{_GROUPS.get(group, group.capitalize())} of {operator} is the true one."


def _cause_key(record: Record) -> Hashable:
    return record.requirement, record.level, record.facets.get("region", "")


def _grouped(records: Iterable[Record], key: Callable[[Record], Hashable]) -> dict:
    groups: dict[Hashable, list[Record]] = defaultdict(list)
    for r in records:
        groups[key(r)].append(r)
    return groups
