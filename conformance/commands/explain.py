"""``conformance explain``: what a behaviour or case says, where it comes from, its code, and how engines did on it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from conformance.commands.console import source
from conformance.commands.names import near
from conformance.errors import UsageError

_EPILOG = """\
examples:
  conformance explain accumulation.backward-twice-adds
  conformance explain accumulation.backward-twice-adds@float32 --engine refgrad --report reports
"""
_LISTED = 20


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "show what a behaviour or a case says, and its code"
    p = commands.add_parser("explain", help=help_, description=f"{help_.capitalize()}.", epilog=_EPILOG)
    p.add_argument("id", metavar="ID", help="a behaviour, a case, or the requirement of an operator")
    p.add_argument(
        "--engine", default="refgrad", metavar="ENGINE", help="also as code for this engine (default: refgrad)"
    )
    p.add_argument("--report", type=Path, metavar="DIR", help="show its last results from these reports")
    p.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the explanation."""
    from conformance.caselist import all_cases

    cases = all_cases()
    chosen = [c for c in cases if options.id in (c.id, c.requirement)]
    if not chosen:
        known = [*(c.requirement for c in cases), *(c.id for c in cases)]
        raise UsageError(f"no behaviour or case {options.id!r}; {near(options.id, known)}")
    _statement(chosen[0])
    _case_list(chosen)
    _code(chosen[0], options.engine)
    if options.report is not None:
        _results(options.report, {c.id for c in chosen})
    return 0


def _statement(case: Any) -> None:
    from conformance.cases import BEHAVIOURS

    behaviour = BEHAVIOURS.get(case.requirement)
    print(case.requirement)
    if behaviour is None:
        facts = ", ".join(f"{k} {v}" for k, v in (case.facets or {}).items())
        _fields([("level", case.level), ("profile", case.profile), ("asks", facts)])
        return
    print(f"\n{behaviour.statement}\n")
    _fields(
        [(name, getattr(behaviour, name)) for name in ("level", "profile", "source", "discrepancy", "since", "until")]
    )
    _fields([("needs", ", ".join(behaviour.needs)), ("faults", ", ".join(behaviour.kills))])


def _fields(pairs: Iterable[tuple[str, str]]) -> None:
    for name, text in pairs:
        if text:
            print(f"  {name:<12} {text}")


def _case_list(cases: Sequence[Any]) -> None:
    print(f"\n{len(cases)} case{'s' if len(cases) > 1 else ''}:")
    for case in cases[:_LISTED]:
        print(f"  {case.id}")
    if len(cases) > _LISTED:
        print(f"  and {len(cases) - _LISTED} more; `conformance list cases` shows them")


def _code(case: Any, engine: str) -> None:
    from conformance.printing import case_code, code_target
    from conformance.runner import parse_engine

    print(f"\n# {case.id}, as PyTorch code\n")
    source(case_code(case))
    spec = parse_engine(engine)
    target = code_target(spec.name, spec.target)
    if target != "torch":
        print(f"\n# {case.id}, as code for {engine}\n")
        source(case_code(case, target))


def _results(root: Path, ids: set[str]) -> None:
    from conformance.commands.folders import _folders
    from conformance.results import read_results

    for folder in _folders(root):
        print(f"\n{folder.name}:")
        found = [r for r in read_results(folder).records if r.case in ids]
        for r in found:
            grade = f" ({r.grade})" if r.grade else ""
            print(f"  {r.status:<12} {r.case}{grade}{': ' + r.reason if r.reason else ''}")
        if not found:
            print("  not on its list")
