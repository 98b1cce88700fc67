"""The parts of a report that count: areas by behaviour and status, operators by group and grade."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from conformance.cases import BEHAVIOURS
from conformance.compare import GRADES, Status
from conformance.coverage import DTYPES, grid
from conformance.report.model import (
    PASSED,
    UNJUDGED,
    Area,
    BehaviourRow,
    Coverage,
    OperatorRow,
    Unsteady,
    count_statuses,
    ordered,
)
from conformance.verdict import Record

_GROUPS = ("value", "vjp", "jvp", "order2", "order3")
_GRAVITY = (
    Status.CRASH, Status.TIMEOUT, Status.ERROR, Status.FAIL, Status.FLAKY, Status.INCONCLUSIVE, Status.BLOCKED,
    Status.UNSUPPORTED, Status.NOT_RUN, Status.VERSION, Status.WAIVED, Status.PERMITTED, Status.PASS,
)  # fmt: skip
"""The status that a row is filed under when its cases differ; the counts beside it stay apart."""


def areas(records: Sequence[Record]) -> tuple[Area, ...]:
    """Every area of the catalogue that was listed, with its behaviours."""
    listed = _grouped((r for r in records if not r.facets.get("operator")), lambda r: r.requirement)
    rows: dict[str, list[BehaviourRow]] = defaultdict(list)
    for requirement, group in sorted(listed.items()):
        rows[requirement.partition(".")[0]].append(_behaviour(requirement, group))
    return tuple(
        Area(name, tuple(found), count_statuses(r for row in found for r in listed[row.id]))
        for name, found in rows.items()
    )


def operators(records: Sequence[Record]) -> tuple[OperatorRow, ...]:
    """Every operator that was listed."""
    listed = _grouped((r for r in records if r.facets.get("operator")), lambda r: r.facets["operator"])
    return tuple(_operator(name, group) for name, group in sorted(listed.items()))


def unsteady(records: Sequence[Record]) -> tuple[Unsteady, ...]:
    """What answered differently in several runs, by operator or behaviour; the farthest apart first."""
    listed = _grouped(records, lambda r: r.facets.get("operator") or r.requirement)
    rows = [_unsteady(name, group) for name, group in listed.items() if any(r.status == Status.FLAKY for r in group)]
    return tuple(sorted(rows, key=lambda row: (-row.ulp, row.name)))


def _unsteady(name: str, group: Sequence[Record]) -> Unsteady:
    flaky = [r for r in group if r.status == Status.FLAKY]
    found = [d for r in flaky for d in r.details.get("differences", ())]
    numbers = sum(d["different"] for d in found), sum(d["numbers"] for d in found)
    ulp = max((d.get("ulp", math.inf) for d in found), default=math.inf)  # without numbers it is no matter of rounding
    return Unsteady(name, len(flaky), len(group), tuple(sorted(Counter(r.dtype for r in flaky).items())), numbers, ulp)


def coverage(records: Sequence[Record]) -> Coverage | None:
    """How much of the grid of the listed operators was judged; None where no operator was listed."""
    names = {r.facets["operator"] for r in records if r.facets.get("operator")}
    if not names:
        return None
    found = grid((r.case for r in records if r.status not in UNJUDGED), names)
    cells = found.table(lambda c: c.group, lambda c: c.dtype)
    dtypes = tuple(d for d in DTYPES if any(dtype == d for _group, dtype in cells))
    rows = [(g, tuple(cells.get((g, d), (0, 0)) for d in dtypes)) for g in dict.fromkeys(g for g, _dtype in cells)]
    return Coverage(
        dtypes, tuple(sorted(rows, key=lambda row: _GROUPS.index(row[0]))), found.executed, len(found.cells)
    )


def groups(records: Sequence[Record]) -> tuple[str, ...]:
    """The assertion groups of operator cases: value, derivatives, then whatever else there is."""
    found = {r.facets["group"] for r in records if r.facets.get("group")}
    return (*(g for g in _GROUPS if g in found), *sorted(found - set(_GROUPS)))


def worst(statuses: Iterable[str]) -> str:
    """The gravest of some statuses."""
    return min(map(str, statuses), key=[str(s) for s in _GRAVITY].index)


def _behaviour(requirement: str, group: Sequence[Record]) -> BehaviourRow:
    known = BEHAVIOURS.get(requirement)
    return BehaviourRow(
        id=requirement,
        level=group[0].level,
        statement=known.statement if known else "",
        counts=count_statuses(group),
        worst=worst(r.status for r in group),
    )


def _operator(name: str, records: Sequence[Record]) -> OperatorRow:
    by_group = _grouped(records, lambda r: r.facets.get("group", ""))
    cells = {g: (sum(r.status in PASSED for r in found), len(found)) for g, found in by_group.items()}
    grades = Counter(r.grade for r in records if r.grade)
    return OperatorRow(name, cells, count_statuses(records), ordered(grades, GRADES))


def _grouped(records: Iterable[Record], key: Callable[[Record], str]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for r in records:
        found[key(r)].append(r)
    return dict(found)
