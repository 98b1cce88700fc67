"""``conformance diagnose``: what kind of wrong an engine's failures are, or how often such a diagnosis is right."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from conformance.commands.console import progress, table
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.diagnosed import Said

_EPILOG = """\
A diagnosis is a guess from what a failed case and its siblings showed: a constant factor, the sign, a transpose or a
conjugate, a reduction, a missing term, what is nonlinear in the cotangent; or what only some layouts, dtypes, regions,
shapes, constant operands or orders show. `--planted` plants the faults of operators, whose statements say what kind
they are, and counts how often the guess is right.

examples:
  conformance diagnose reports/torch-2.13.0+cpu
  conformance diagnose --planted --check
"""
_FAILED = 1


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "say what kind of wrong the failures of a run are, or how often that is right"
    p = commands.add_parser("diagnose", help=help_, description=f"{help_.capitalize()}.", epilog=_EPILOG)
    p.add_argument("folder", type=Path, nargs="?", metavar="DIR", help="a folder of results, or one that holds several")
    p.add_argument("--planted", action="store_true", help="plant faults of a known kind, and compare")
    p.add_argument("--select", action="append", default=[], metavar="GLOB", help="with --planted: only these faults")
    p.add_argument("--workers", type=int, default=1, metavar="N", help="with --planted: processes (default: 1)")
    p.add_argument("--check", action="store_true", help="with --planted: exit 1 where fewer than 80 %% are right")
    p.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the diagnoses of the stored failures, or the score over planted faults."""
    if options.planted == (options.folder is not None):
        raise UsageError("give a folder of results, or --planted; see `conformance diagnose --help`")
    return _planted(options) if options.planted else _stored(options.folder)


def _stored(folder: Path) -> int:
    from conformance.commands.folders import _folders
    from conformance.corpus.redrawn import read_cases
    from conformance.report import build
    from conformance.results import read_results

    for found in _folders(folder):
        causes = build(read_results(found), read_cases(found)).causes
        print(f"{found.name}: {len(causes)} root causes")
        table(
            ("cause", "cases", "diagnosis"), [(c.title, len(c.cases), c.diagnosis or c.example.reason) for c in causes]
        )
    return 0


def _planted(options: argparse.Namespace) -> int:
    from fnmatch import fnmatchcase

    from conformance.diagnosed import REACH, known_faults, said_of

    globs = options.select or ["*"]
    faults = [f for f in known_faults() if any(fnmatchcase(f.name, glob) for glob in globs)]
    if not faults:
        raise UsageError(f"no fault of a known kind matches {', '.join(globs)}; see `conformance list faults`")
    with progress("diagnose") as shown:
        shown.start(len(faults))
        on_fault = lambda s: shown.record(SimpleNamespace(status="right" if s.is_right else "wrong"))  # noqa: E731 - for one use
        found = list(said_of(faults, workers=options.workers, on_fault=on_fault))
    right = sum(s.is_right for s in found)
    _show(found)
    print(
        f"{right} of {len(found)} planted faults are diagnosed rightly: {right / len(found):.1%}, of which {REACH:.0%} are asked."
    )
    return _FAILED if options.check and right < REACH * len(found) else 0


def _show(found: list[Said]) -> None:
    """The score by what was expected, then every fault of which something else was said."""
    kinds = Counter(" or ".join(s.expected) for s in found)
    right = Counter(" or ".join(s.expected) for s in found if s.is_right)
    table(("kind", "right", "faults"), [(kind, right[kind], n) for kind, n in sorted(kinds.items())])
    for s in (s for s in found if not s.is_right):
        said = f"{s.kind}: {s.words}" if s.kind else s.words or "nothing"
        print(f"other: {s.fault} is {' or '.join(s.expected)}; said was {said}")
