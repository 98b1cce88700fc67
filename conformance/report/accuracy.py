"""The part of a report that grades: how accurate what passed was, by operator and region. It never fails an engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from conformance.compare import GRADES
from conformance.report.model import Accuracy, Graded, ordered
from conformance.verdict import Record

_FIRST = ("ordinary", "negative", "integers", "boundary", "kink", "tie", "tails", "tiny", "huge", "vast", "subnormal")


def accuracy(records: Sequence[Record]) -> Accuracy | None:
    """The grades that the stored answers of operator cases have; None where there are none."""
    cells: dict[tuple[str, str], Counter[str]] = {}
    total: dict[str, Counter[str]] = {}
    for r in records:
        operator, region = r.facets.get("operator"), r.facets.get("region", "ordinary")
        if operator and r.grade in GRADES:
            cells.setdefault((operator, region), Counter())[r.grade] += 1
            total.setdefault(region, Counter())[r.grade] += 1
    if not cells:
        return None
    regions = tuple(sorted(total, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)))
    rows = tuple(
        (name, {region: _graded(cells[name, region]) for region in regions if (name, region) in cells})
        for name in sorted({operator for operator, _region in cells})
    )
    return Accuracy(regions, rows, {region: _graded(counts) for region, counts in total.items()})


def _graded(counts: Counter[str]) -> Graded:
    return Graded(ordered(counts, GRADES))
