"""What the matrix shows of one engine, computed from its results once and kept beside them as `column.json`.

Reading every journal anew for a page over many engines takes minutes; a column is a page's part, and is made with it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from conformance import catalogue
from conformance.findings import explanation
from conformance.record import Record
from conformance.report.conventions import answers
from conformance.report.model import FAILED, PASSED
from conformance.results import Results

COLUMN = "column.json"
_SHOWN = 12
_EXAMPLES = {
    f"tiny-{kit}": f"{language}, the kit's example" for kit, language in (("cpp", "C++"), ("js", "JavaScript"))
}


@dataclass(frozen=True)
class Cell:
    """What one engine does of one operator, area or feature: cases passed, failed, waived, and not offered."""

    passed: int = 0
    failed: int = 0
    waived: int = 0
    lacking: int = 0

    @property
    def judged(self) -> int:
        """The cases that the engine offers."""
        return self.passed + self.failed + self.waived

    @property
    def kind(self) -> str:
        """One word for the colour: pass, part, fail, waived or none."""
        if self.failed:
            return "fail"
        if self.waived:
            return "waived"
        if not self.passed:
            return "none"
        return "part" if self.lacking else "pass"

    @property
    def text(self) -> str:
        """What stands in the cell: what is wrong of what is offered; else what passed, and dots where some is lacking.

        >>> Cell(12, 3).text, Cell(12).text, Cell(0, 0, 0, 7).text, Cell(3, 0, 0, 4).text
        ('3 of 15', '12', '', '3 …')
        """
        if self.failed or self.waived:
            return f"{self.failed + self.waived} of {self.judged}"
        if not self.passed:
            return ""
        return f"{self.passed} …" if self.lacking else str(self.passed)


@dataclass(frozen=True)
class Column:
    """One engine: who it is, what its run was, and a cell for each operator, area and feature.

    `listed` and `must` count the cases of the run: the whole list, or the part of it that was selected.
    """

    engine: str
    version: str
    target: str
    profile: str
    device: str
    verdict: str
    date: str
    selection: Sequence[str]
    listed: int
    must: tuple[int, int]
    total: Cell
    operators: Mapping[str, Cell]
    areas: Mapping[str, Cell]
    features: Mapping[str, Cell] = field(default_factory=dict)
    declared: Sequence[str] = ()
    conventions: Mapping[str, str] = field(default_factory=dict)
    findings: Mapping[str, int] = field(default_factory=dict)
    lacking: Sequence[tuple[str, int]] = ()
    folder: str = ""

    @property
    def name(self) -> str:
        """The engine with its version."""
        return f"{self.engine} {self.version}"

    @property
    def explained(self) -> int:
        """The failures for which a finding names the cause."""
        return sum(self.findings.values())

    @property
    def runs_as(self) -> str:
        """The language that the engine is driven in, always in a process of its own; or that it is a kit's example.

        >>> column = Column("x", "1", "stdio:node a.js", "", "", "", "", (), 1, (0, 0), Cell(), {}, {})
        >>> column.runs_as
        'JavaScript'
        """
        if self.engine in _EXAMPLES:
            return _EXAMPLES[self.engine]
        if not self.target.startswith("stdio:"):
            return "Python"
        runtime = self.target.removeprefix("stdio:").partition(" ")[0]
        languages = {"node": "JavaScript", "python": "Python"}
        return next((lang for start, lang in languages.items() if Path(runtime).name.startswith(start)), runtime)


def column_of(results: Results) -> Column:
    """The column of one run."""
    verdict, run = results.verdict, results.run
    operators, areas = defaultdict(list), defaultdict(list)
    for r in results.records:
        if r.requirement.startswith("operator."):
            operators[r.case.split("/")[1]].append(r)
        else:
            areas[r.requirement.partition(".")[0]].append(r)
    must = Counter(str(r.status) for r in results.records if r.level == "must")
    selection = run["selection"] or {"select": [], "operators": []}
    return Column(
        engine=verdict["engine"],
        version=verdict["version"],
        target=run["target"],
        profile=verdict["profile"],
        device=verdict["device"],
        verdict=verdict["verdict"],
        date=results.environment["date"],
        selection=(*selection["select"], *selection["operators"]),
        listed=len(results.records),
        must=(sum(must[s] for s in PASSED), must.total()),
        total=_cell(results.records),
        operators={name: _cell(group) for name, group in sorted(operators.items())},
        areas={name: _cell(group) for name, group in sorted(areas.items())},
        features=_features(results.records),
        declared=sorted(results.environment["features"]),
        conventions=answers(results.replies),
        findings=_findings(verdict["engine"], results.records),
        lacking=_lacking(results.records),
    )


def write_column(folder: Path, results: Results) -> Column:
    """The column of a run, written beside its results."""
    column = column_of(results)
    text = json.dumps(asdict(column), indent=1, ensure_ascii=False, default=list)
    (folder / COLUMN).write_text(text + "\n", encoding="utf-8", errors="replace")
    return column


def read_column(folder: Path) -> Column:
    """The column as it was written; `OSError` or `ValueError` where there is none that can be read."""
    content = json.loads((folder / COLUMN).read_text(encoding="utf-8"))
    cells = {part: {k: Cell(**v) for k, v in content[part].items()} for part in ("operators", "areas", "features")}
    return Column(**{**content, **cells, "total": Cell(**content["total"]), "folder": folder.name})


def _cell(records: Iterable[Record]) -> Cell:
    counts = Counter(_kind(r.status) for r in records)
    return Cell(**counts)


def _kind(status: str) -> str:
    if status in PASSED:
        return "passed"
    if status in FAILED:
        return "failed"
    return "waived" if status == "waived" else "lacking"


def _features(records: Sequence[Record]) -> dict[str, Cell]:
    """The documented behaviours that need a feature are what probes it."""
    needs = _needs()
    found: dict[str, list[Record]] = defaultdict(list)
    for r in records:
        for feature in needs.get(r.case, ()):
            found[feature].append(r)
    return {feature: _cell(group) for feature, group in sorted(found.items())}


@cache
def _needs() -> dict[str, frozenset[str]]:
    """The features that each documented behaviour's case needs."""
    return {case.id: case.features for case in catalogue.load()}


def _findings(engine: str, records: Sequence[Record]) -> dict[str, int]:
    """The failures by the finding that explains them."""
    found = (explanation(engine, r) for r in records if r.status in FAILED)
    return dict(Counter(f.script.stem for f in found if f is not None))


def _lacking(records: Sequence[Record]) -> list[tuple[str, int]]:
    reasons = Counter(r.reason.removeprefix("needs ") for r in records if r.status == "unsupported")
    return [(f, n) for f, n in reasons.most_common() if not f.startswith("operator:")][:_SHOWN]
