"""The report as short Markdown: for pull requests and terminals. The page has the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.report.index import Entry
from conformance.report.model import Counts, Coverage, Report, Unsteady
from conformance.report.workloads import Workloads

_CAUSES = 20
_GAPS = 20


def page_markdown(report: Report) -> str:
    """The report of one engine: the sentence, what weakens it, the numbers, the root causes."""
    v = report.verdict
    parts = [f"# {report.title}: {v['verdict']}", report.sentence, *_weakens(report), _levels(report)]
    if report.causes:
        parts += ["## Root causes", _causes(report)]
    if report.gaps:
        parts += [
            "## Not judged",
            _table(["status", "reason", "cases"], ((g.status, g.reason, g.total) for g in report.gaps[:_GAPS])),
        ]
    if v["waivers"]:
        parts += [
            "## Waivers",
            "\n".join(f"- `{w['id']}`, {w['count']} cases: {_line(w['cause'])}" for w in v["waivers"]),
        ]
    if report.unsteady:
        parts += ["## Different from run to run", _unsteady(report.unsteady)]
    if report.workloads:
        parts += ["## Workloads", _workloads(report.workloads)]
    if report.coverage:
        parts += ["## Coverage", _coverage(report.coverage)]
    locked = v["list"]
    parts.append(f"Locked list {locked['name']}, {locked['cases']} cases, SHA-256 `{locked['sha256']}`.")
    parts.append("The whole report: [index.html](index.html).")
    return "\n\n".join(parts) + "\n"


def index_markdown(engines: Sequence[Entry], *, selfcheck: bool = False) -> str:
    """The index over all engines."""
    rows = (
        (f"[{e.name}]({e.folder}/report.md)", e.verdict["verdict"], e.verdict["profile"], e.verdict["device"],
         f"{e.must[0]} of {e.must[1]}", f"{e.verdict['behaviours']['passed']} of {e.verdict['behaviours']['listed']}")
        for e in engines
    )  # fmt: skip
    heading = ["engine", "verdict", "profile", "device", "must-cases passed", "behaviours passed"]
    return (
        "\n\n".join(
            [
                "# Autograd engines, judged",
                _table(heading, rows),
                *(f"**{e.name}.** {e.verdict['sentence']}" for e in engines),
                *(["What the suite itself is worth: [the suite, judged](selfcheck/README.md)."] if selfcheck else []),
            ]
        )
        + "\n"
    )


def _weakens(report: Report) -> list[str]:
    v = report.verdict
    parts = []
    for heading, lines in ((f"Why it is {v['verdict']}", v["reasons"]), ("What else to know", v["weakens"])):
        if lines:
            parts += [f"## {heading}", "\n".join(f"- {_line(w)}" for w in lines)]
    return parts


def _levels(report: Report) -> str:
    return _table(
        ["level", "passed", "cases", "the rest"],
        ((level, passed, total, rest) for level, passed, total, rest in report.levels),
    )


def _causes(report: Report) -> str:
    lines = [
        f"- `{c.title}` ({c.level}; {_words(c.counts)}): {_line(c.example.reason)}\n  {_line(c.statement)}"
        + (f"\n  It looks like this: {_line(c.diagnosis)}." if c.diagnosis else "")
        for c in report.causes[:_CAUSES]
    ]
    if len(report.causes) > _CAUSES:
        lines.append(f"- and {len(report.causes) - _CAUSES} more")
    return "\n".join(lines)


def _unsteady(found: Sequence[Unsteady]) -> str:
    rows = (
        (u.name, f"{u.different} of {u.cases}", _words(u.dtypes), f"{u.numbers[0]} of {u.numbers[1]}", f"{u.ulp:.3g}")
        for u in found
    )
    return _table(["operator or behaviour", "cases", "dtypes", "numbers", "apart by up to (ulp)"], rows)


def _workloads(found: Workloads) -> str:
    rows = ((w.name, w.status, w.float64, w.float32, "; ".join([w.statement, *w.reasons])) for w in found.rows)
    sentence = f"{found.passed} of {len(found.rows)} models agree with {found.witness} after one training step."
    return f"{sentence}\n\n{_table(['workload', 'result', 'float64', 'float32', 'what'], rows)}"


def _coverage(coverage: Coverage) -> str:
    rows = ((group, *(f"{done} / {all_}" if all_ else "" for done, all_ in cells)) for group, cells in coverage.rows)
    sentence = (
        f"{coverage.executed} of {coverage.total} applicable cells of operator, group, dtype and class were judged."
    )
    return f"{sentence}\n\n{_table(['group', *coverage.dtypes], rows)}"


def _words(counts: Counts) -> str:
    return ", ".join(f"{n} {name}" for name, n in counts)


def _table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(_line(str(cell)).replace("|", "\\|") for cell in row) + " |" for row in lines)


def _line(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())
