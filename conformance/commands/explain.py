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
Results are read from the folder reports, where there is one, unless another is named.

examples:
  conformance explain accumulation.backward-twice-adds
  conformance explain overwrite-grad
  conformance explain accumulation.backward-twice-adds@float32 --engine refgrad --report reports
  conformance explain operator.mean.vjp --engine refgrad --fault mean-gradient-undivided --shrink
"""
_LISTED = 20
_REPORTS = Path("reports")


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "show what a behaviour, a case or a fault says, its code, and how engines did on it"
    p = commands.add_parser("explain", help=help_, description=f"{help_.capitalize()}.", epilog=_EPILOG)
    p.add_argument("id", metavar="ID", help="a behaviour, a case, the requirement of an operator, or a fault")
    p.add_argument(
        "--engine", default="refgrad", metavar="ENGINE", help="also as code for this engine (default: refgrad)"
    )
    p.add_argument("--shrink", action="store_true", help="make a case that the engine fails as small as it goes")
    p.add_argument("--fault", default="", metavar="NAME", help="with --shrink: plant this fault first")
    p.add_argument("--python", default="", metavar="PATH", help="with --shrink: the interpreter that has the engine")
    p.add_argument("--report", type=Path, metavar="DIR", help="show its last results from these reports")
    p.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the explanation."""
    from conformance.caselist import Selection, all_cases

    cases = all_cases(Selection((options.id,)), device="cuda")
    chosen = [c for c in cases if options.id in (c.id, c.requirement)]
    if not chosen:
        return _not_a_case(options.id)
    if options.shrink:
        return _shrunk(chosen, options)
    _statement(chosen[0])
    _case_list(chosen)
    _code(next((c for c in chosen if c.program is not None), chosen[0]), options.engine)
    if options.report is not None or _REPORTS.is_dir():
        _results(options.report or _REPORTS, {c.id for c in chosen})
    return 0


def _shrunk(chosen: Sequence[Any], options: argparse.Namespace) -> int:
    """The first of the cases that the engine fails, made smaller, with its numbers and as code."""
    from conformance.report.details import numbers
    from conformance.runner import parse_engine
    from conformance.shrinking import first_failing, shrink

    spec = parse_engine(options.engine, fault=options.fault, python=options.python)
    found = shrink(first_failing(chosen, spec), spec)
    print(
        f"{found.case.id}, of which {found.tried} smaller ones were tried, and this still fails: {found.record.status}\n"
    )
    print(f"  {found.record.reason}\n")
    _fields(numbers(found.record, found.case))
    _code(found.case, options.engine)
    return 0


def _not_a_case(name: str) -> int:
    """What else has a name: a behaviour that is gone, or a fault; *errors*: `UsageError` for everything else."""
    from conformance.caselist import all_cases
    from conformance.catalogue.ledger import ledger
    from conformance.faults import load

    for line in ledger():
        if line.id == name and (line.retired or line.untestable):
            word, why = ("retired", line.retired) if line.retired else ("untestable", line.untestable)
            print(f"{name}\n\n  {word:<12} {why}")
            return 0
    faults = load()
    if name in faults:
        _fault(faults[name])
        return 0
    cases = all_cases()
    known = [*(c.requirement for c in cases), *(c.id for c in cases), *faults]
    raise UsageError(f"no behaviour, case or fault {name!r}; {near(name, known)}")


def _fault(fault: Any) -> None:
    from conformance.faults.kills import killers

    print(f"{fault.name}\n\nPlanted in {fault.engine}: {fault.statement}\n\nmust be found by")
    for killer in killers(fault.name):
        print(f"  {killer}")


def _statement(case: Any) -> None:
    from conformance.cases import BEHAVIOURS
    from conformance.catalogue.foundations import rests_on

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
    _fields(
        [
            ("needs", ", ".join(behaviour.needs)),
            ("rests on", ", ".join(rests_on(behaviour))),
            ("faults", ", ".join(behaviour.kills)),
            ("file", behaviour.file),
        ]
    )


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
    from conformance.results import read_records

    for folder in _folders(root):
        print(f"\n{folder.name}:")
        found = read_records(folder, ids)
        for r in found:
            grade = f" ({r.grade})" if r.grade else ""
            print(f"  {r.status:<12} {r.case}{grade}{': ' + r.reason if r.reason else ''}")
        if not found:
            print("  not on its list")
