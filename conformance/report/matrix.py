"""The matrix: every engine whose results lie in a folder, operator by operator, feature by feature, kink by kink.

Built from the stored journals alone; nothing is run and nothing is judged anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.errors import UsageError
from conformance.report.html import render
from conformance.report.index import engines_in
from conformance.report.model import FAILED, PASSED
from conformance.results import Results, read_results

PAGE, SUMMARY = "matrix.html", "matrix.md"
CONVENTIONS = ("kink", "tie", "even-max", "zero-in-product", "duplicates")
"""Classes of cases at which several answers may be right."""


@dataclass(frozen=True)
class Cell:
    """What one engine does of one operator, or feature: cases passed, failed, and not offered."""

    passed: int = 0
    failed: int = 0
    waived: int = 0
    lacking: int = 0

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
        """What stands in the cell.

        >>> Cell(12, 3).text, Cell(12).text, Cell(0, 0, 0, 7).text, Cell(3, 0, 0, 4).text
        ('3 of 15', '12', '', '3 …')
        """
        if self.failed or self.waived:
            return f"{self.failed + self.waived} of {self.passed + self.failed + self.waived}"
        if not self.passed:
            return ""
        return f"{self.passed} …" if self.lacking else str(self.passed)


@dataclass(frozen=True)
class Column:
    """One engine: its name, verdict, and a cell for each operator and area."""

    name: str
    folder: str
    profile: str
    device: str
    verdict: str
    total: Cell
    operators: Mapping[str, Cell]
    areas: Mapping[str, Cell]
    conventions: Mapping[str, str] = field(default_factory=dict)
    lacking: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True)
class Matrix:
    """The columns, and the rows that at least one of them has something in."""

    columns: tuple[Column, ...]
    operators: tuple[str, ...]
    areas: tuple[str, ...]
    conventions: tuple[str, ...]


def write_matrix(root: Path) -> Path:
    """Writes matrix.html and matrix.md over every engine's results in a folder; gives the page.

    *errors*: `UsageError` when the folder holds no results.
    """
    folders = [root / entry.folder for entry in engines_in(root)]
    if not folders:
        raise UsageError(f"no results in {root}; `conformance certify --engine NAME --output {root}` writes some")
    matrix = matrix_of([_column(folder, read_results(folder)) for folder in folders])
    page = root / PAGE
    page.write_text(render("matrix.html", m=matrix), encoding="utf-8")
    (root / SUMMARY).write_text(_markdown(matrix), encoding="utf-8")
    return page


def matrix_of(columns: Sequence[Column]) -> Matrix:
    """The columns side by side, those that offer most first."""
    ordered = tuple(sorted(columns, key=lambda c: (-c.total.passed, c.name)))
    return Matrix(
        ordered,
        tuple(sorted({o for c in ordered for o in c.operators})),
        tuple(sorted({a for c in ordered for a in c.areas})),
        tuple(sorted({k for c in ordered for k in c.conventions})),
    )


def _column(folder: Path, results: Results) -> Column:
    operators: dict[str, Counter[str]] = defaultdict(Counter)
    areas: dict[str, Counter[str]] = defaultdict(Counter)
    conventions: dict[str, Counter[str]] = defaultdict(Counter)
    lacking: Counter[str] = Counter()
    for r in results.records:
        kind = _kind(r.status)
        if r.requirement.startswith("operator."):
            _, operator, group, regime = r.case.split("/")[:4]
            operators[operator][kind] += 1
            if group != "value" and regime in CONVENTIONS:
                conventions[f"{operator}, {regime}"][_answer(r.status)] += 1
        else:
            areas[r.requirement.partition(".")[0]][kind] += 1
        if r.status == "unsupported":
            lacking[r.reason.removeprefix("needs ")] += 1
    verdict = results.verdict
    return Column(
        name=f"{verdict['engine']} {verdict['version']}",
        folder=folder.name,
        profile=verdict["profile"],
        device=verdict["device"],
        verdict=verdict["verdict"],
        total=_cell(sum((*operators.values(), *areas.values()), Counter())),
        operators={name: _cell(counts) for name, counts in operators.items()},
        areas={name: _cell(counts) for name, counts in areas.items()},
        conventions={name: ", ".join(sorted(counts)) for name, counts in conventions.items()},
        lacking=[(f, n) for f, n in lacking.most_common() if not f.startswith("operator:")][:12],
    )


def _kind(status: str) -> str:
    if status in PASSED:
        return "passed"
    if status in FAILED:
        return "failed"
    return "waived" if status == "waived" else "lacking"


def _answer(status: str) -> str:
    words = {"pass": "as PyTorch", "permitted": "another right one", "unsupported": "–", "not-run": "–"}
    return words.get(status, "wrong")


def _cell(counts: Mapping[str, int]) -> Cell:
    return Cell(**{name: counts.get(name, 0) for name in ("passed", "failed", "waived", "lacking")})


def _markdown(m: Matrix) -> str:
    lines = [
        "# Autograd engines, side by side", "",
        "| engine | profile | verdict | passed | failed | waived | not offered |", "|---|---|---|---:|---:|---:|---:|",
    ]  # fmt: skip
    for c in m.columns:
        t = c.total
        lines.append(f"| {c.name} | {c.profile} | {c.verdict} | {t.passed} | {t.failed} | {t.waived} | {t.lacking} |")
    return "\n".join(lines) + "\n"
