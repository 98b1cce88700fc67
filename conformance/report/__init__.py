"""Reports: an offline page for each engine, Markdown, JUnit XML, and an index over all. They read results only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from conformance.cases import Case
from conformance.corpus.redrawn import read_cases
from conformance.printing import code_target
from conformance.report.accuracy import accuracy
from conformance.report.columns import write_column
from conformance.report.details import causes, conventions, gaps, waived
from conformance.report.html import index_html, page_html
from conformance.report.index import engines_in
from conformance.report.junit import junit_xml
from conformance.report.markdown import index_markdown, page_markdown
from conformance.report.material import Material
from conformance.report.model import Report
from conformance.report.selfcheck import DATA, FOLDER
from conformance.report.tables import areas, coverage, groups, operators, unsteady
from conformance.report.workloads import workloads
from conformance.results import Results

__all__ = ["Report", "build", "write_index", "write_report"]


def build(results: Results, stored: Sequence[Case] = ()) -> Report:
    """Everything that the report of one run shows; `stored` are the cases of a challenge, which no other place has."""
    material = Material(results, stored)
    records = sorted(results.records, key=lambda r: r.case)
    target = code_target(results.run["engine"], results.run["target"])
    return Report(
        verdict=results.verdict,
        run=results.run,
        environment=results.environment,
        causes=causes(records, target, material),
        gaps=gaps(records),
        areas=areas(records),
        operators=operators(records),
        groups=groups(records),
        conventions=conventions(records),
        waived=waived(records, target, material),
        unsteady=unsteady(records),
        coverage=coverage(records),
        accuracy=accuracy(records),
    )


def write_report(folder: Path, results: Results) -> Path:
    """Writes index.html, report.md, junit.xml and the column of the matrix beside the results; gives the page."""
    # An engine's message may hold half a surrogate pair, which no encoding can write
    report = replace(
        build(results, read_cases(folder)), atlas=(folder / "atlas.html").exists(), workloads=workloads(folder)
    )
    page = folder / "index.html"
    page.write_text(page_html(report), encoding="utf-8", errors="replace")
    (folder / "report.md").write_text(page_markdown(report), encoding="utf-8", errors="replace")
    (folder / "junit.xml").write_bytes(junit_xml(results))
    write_column(folder, results)
    return page


def write_index(root: Path) -> Path:
    """Writes index.html and README.md over every engine found in a folder of reports; gives the page."""
    engines = engines_in(root)
    page = root / "index.html"
    pages = {"catalogue": (root / "catalogue.html").exists(), "selfcheck": (root / FOLDER / DATA).exists()}
    page.write_text(index_html(engines, **pages), encoding="utf-8")
    (root / "README.md").write_text(index_markdown(engines, selfcheck=pages["selfcheck"]), encoding="utf-8")
    return page
