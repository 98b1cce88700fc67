"""What a report shows, as plain records: built once from the results, rendered as HTML, Markdown and JUnit XML.

Results say what happened, the catalogue what each statement means. Nothing is judged anew: the verdict and its
denominators are those of `verdict.json`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.compare import GRADES, Status
from conformance.report.workloads import Workloads
from conformance.verdict import Record

PASSED = (Status.PASS, Status.PERMITTED)
FAILED = (Status.FAIL, Status.ERROR, Status.CRASH, Status.TIMEOUT, Status.FLAKY, Status.INCONCLUSIVE)
UNJUDGED = (Status.UNSUPPORTED, Status.BLOCKED, Status.NOT_RUN, Status.VERSION)
LEVELS = ("must", "should", "may")

_REASONS = re.compile(r" Reasons?: ")

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Example:
    """One case in full: what it showed, and how to see it again."""

    case: str
    status: str
    reason: str
    numbers: tuple[tuple[str, str], ...] = ()
    pytorch: str = ""
    engine: str = ""


@dataclass(frozen=True)
class Cause:
    """Cases that went wrong together, with one of them in full."""

    title: str
    level: str
    statement: str
    source: str
    discrepancy: str
    counts: Counts
    cases: tuple[str, ...]
    example: Example
    blocks: int = 0
    diagnosis: str = ""  # what kind of wrong it seems to be


@dataclass(frozen=True)
class Gap:
    """Cases that were not judged for one reason."""

    status: str
    reason: str
    by_level: Mapping[str, int]
    total: int


@dataclass(frozen=True)
class BehaviourRow:
    """One documented statement and what became of its cases."""

    id: str
    level: str
    statement: str
    counts: Counts
    worst: str


@dataclass(frozen=True)
class Area:
    """The behaviours of one area."""

    name: str
    rows: tuple[BehaviourRow, ...]
    counts: Counts

    @property
    def passed(self) -> int:
        return sum(row.worst in PASSED for row in self.rows)


@dataclass(frozen=True)
class OperatorRow:
    """One operator: passed of all, by group; accuracy of what passed."""

    name: str
    groups: Mapping[str, tuple[int, int]]
    counts: Counts
    grades: Counts


@dataclass(frozen=True)
class Unsteady:
    """An operator or behaviour whose answers differ from run to run: of so many cases, in so many of their numbers."""

    name: str
    different: int
    cases: int
    dtypes: Counts
    numbers: tuple[int, int]  # that differ, of all that those cases show
    ulp: float


@dataclass(frozen=True)
class Coverage:
    """Of the cells that the listed operators' specifications call for, those that were judged: by group and dtype."""

    dtypes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
    executed: int
    total: int


@dataclass(frozen=True)
class Graded:
    """The grades of some cases: how many have each, from best to worst."""

    counts: Counts

    @property
    def worst(self) -> str:
        return self.counts[-1][0]


@dataclass(frozen=True)
class Accuracy:
    """Operators by region, and the sum over all operators; a cell is missing where no case was graded."""

    regions: tuple[str, ...]
    rows: tuple[tuple[str, Mapping[str, Graded]], ...]
    total: Mapping[str, Graded]


@dataclass(frozen=True)
class Report:
    """Everything on the page, in its order."""

    verdict: Mapping[str, Any]
    run: Mapping[str, Any]
    environment: Mapping[str, Any]
    causes: tuple[Cause, ...]
    gaps: tuple[Gap, ...]
    areas: tuple[Area, ...]
    operators: tuple[OperatorRow, ...]
    groups: tuple[str, ...]
    conventions: tuple[Example, ...]
    waived: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)
    unsteady: tuple[Unsteady, ...] = ()
    coverage: Coverage | None = None
    accuracy: Accuracy | None = None
    atlas: bool = False  # whether the accuracy atlas lies beside it
    workloads: Workloads | None = None

    @property
    def title(self) -> str:
        """The engine as people name it: name, version and, unless it is the CPU, the device."""
        device = self.run["device"]
        return f"{self.run['engine']} {self.run['version']}" + ("" if device == "cpu" else f" on {device}")

    @property
    def levels(self) -> tuple[tuple[str, int, int, str], ...]:
        """For each level that was listed: its name, cases passed, all cases, and the rest in words."""
        return tuple(
            _level(name, self.verdict["by_level"][name]) for name in LEVELS if self.verdict["by_level"].get(name)
        )

    @property
    def sentence(self) -> str:
        """The verdict with every denominator; its reasons stand below it in full."""
        return _REASONS.split(self.verdict["sentence"])[0]

    @property
    def grade_names(self) -> tuple[str, ...]:
        """The grades of accuracy, best first."""
        return GRADES


def _level(name: str, statuses: Mapping[str, int]) -> tuple[str, int, int, str]:
    rest = [f"{statuses[s]} {s}" for s in map(str, Status) if s not in PASSED and statuses.get(s)]
    return name, sum(statuses.get(s, 0) for s in PASSED), sum(statuses.values()), ", ".join(rest)


def count_statuses(records: Iterable[Record]) -> Counts:
    """How many records have each status, in the order in which statuses are always shown."""
    return ordered(Counter(str(r.status) for r in records), [str(s) for s in Status])


def ordered(counter: Mapping[str, int], order: Sequence[str]) -> Counts:
    """The non-zero entries in this order."""
    return tuple((name, counter[name]) for name in order if counter.get(name))
