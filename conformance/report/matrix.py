"""The matrix: every engine whose results lie in a folder, operator by operator, feature by feature, kink by kink.

Built from the engines' columns, and these from the stored results; nothing is run and nothing is judged anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.report.columns import Cell, Column, read_column, write_column
from conformance.report.conventions import Point, kind, points
from conformance.report.html import render
from conformance.report.index import engines_in
from conformance.results import read_results

PAGE, SUMMARY = "matrix.html", "matrix.md"


@dataclass(frozen=True)
class Matrix:
    """The columns, and the rows that at least one of them has something in."""

    columns: tuple[Column, ...]
    operators: tuple[str, ...]
    areas: tuple[str, ...]
    features: tuple[str, ...]
    points: tuple[Point, ...]

    def claim(self, column: Column, feature: str) -> tuple[str, str]:
        """Whether an engine declares a feature and what the probes say of that: the kind of cell, and its text."""
        cell = column.features.get(feature, Cell())
        if feature in column.declared:
            text = f"{cell.passed} of {cell.judged}" if cell.judged else "declared"
            return ("fail" if cell.failed else "pass" if cell.judged else "part"), text
        return ("waived", f"undeclared: {cell.passed}") if cell.passed else ("none", "")

    def convention(self, column: Column, point: Point) -> tuple[str, str]:
        """What an engine does at a point: the kind of cell, and its text."""
        answer = column.conventions.get(point.label, "")
        return kind(answer, point.documented), answer

    def operator_score(self, column: Column) -> tuple[int, int]:
        """The operators of which everything that is offered passes, and those that are offered at all."""
        offered = [cell for cell in column.operators.values() if cell.judged]
        return sum(not cell.failed for cell in offered), len(offered)


def rebuild_columns(root: Path) -> tuple[Column, ...]:
    """The column of every engine, computed anew from its journal and its answers and written beside them.

    *errors*: `UsageError` when the folder holds no results.
    """
    folders = _folders(root)
    return tuple(replace(write_column(folder, read_results(folder)), folder=folder.name) for folder in folders)


def write_matrix(root: Path) -> Path:
    """Writes matrix.html and matrix.md over the columns of every engine in a folder; gives the page.

    A folder without a column gets one. *errors*: `UsageError` when the folder holds no results.
    """
    matrix = matrix_of([_column(folder) for folder in _folders(root)])
    page = root / PAGE
    page.write_text(render("matrix.html", m=matrix), encoding="utf-8")
    (root / SUMMARY).write_text(_markdown(matrix), encoding="utf-8")
    return page


def matrix_of(columns: Sequence[Column]) -> Matrix:
    """The columns side by side, those that offer most first."""
    ordered = tuple(sorted(columns, key=lambda c: (bool(c.selection), -c.total.passed, c.name)))
    answered = {label for c in ordered for label in c.conventions}
    return Matrix(
        ordered,
        _any_of(c.operators for c in ordered),
        _any_of(c.areas for c in ordered),
        _any_of([*(c.declared for c in ordered)]),
        tuple(p for p in points() if p.label in answered) if answered else (),
    )


def _folders(root: Path) -> list[Path]:
    folders = [root / entry.folder for entry in engines_in(root)]
    if not folders:
        raise UsageError(f"no results in {root}; `conformance certify --engine NAME --output {root}` writes some")
    return folders


def _column(folder: Path) -> Column:
    try:
        return read_column(folder)
    except (OSError, ValueError, TypeError, KeyError):  # none, or one of another version
        return replace(write_column(folder, read_results(folder)), folder=folder.name)


def _any_of(names: Iterable[Iterable[Any]]) -> tuple[Any, ...]:
    return tuple(sorted({name for group in names for name in group}))


def _markdown(m: Matrix) -> str:
    lines = [
        "# Autograd engines, side by side",
        "",
        "| engine | runs as | profile | verdict | listed | judged | passed | failed | explained | waived | not offered |",
        "|---|---|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for c in m.columns:
        t = c.total
        lines.append(
            f"| {c.name} | {c.runs_as} | {c.profile} | {c.verdict} | {c.listed} | {t.judged} | {t.passed} | {t.failed} "
            f"| {c.explained} | {t.waived} | {t.lacking} |"
        )
    return "\n".join(lines) + "\n"
