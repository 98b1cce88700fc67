"""``conformance list``: what the suite knows, filtered, as a table or a count."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from conformance.commands.console import table

_EPILOG = """\
Written to a file or a pipe, the columns are separated by tabs.

examples:
  conformance list behaviours --level must --area retain-graph
  conformance list cases --select 'op/sin/*' --count
  conformance list cases --profile functional --device cpu
  conformance list behaviours --feature sparse
  conformance list traceability --area func
  conformance list operators
"""
_KINDS = ("behaviours", "cases", "traceability", "operators", "engines", "faults", "profiles")


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "list behaviours, cases, what traces one to the other and to faults, operators, engines, faults or profiles"
    p = commands.add_parser("list", help=help_, description=f"{help_.capitalize()}.", epilog=_EPILOG)
    p.add_argument("what", nargs="?", default="behaviours", choices=_KINDS, metavar="KIND", help=", ".join(_KINDS))
    p.add_argument("--select", action="append", default=[], metavar="GLOB", help="only names that match")
    p.add_argument("--level", choices=("must", "should", "may"), metavar="LEVEL", help="must, should or may")
    p.add_argument("--area", metavar="NAME", help="only behaviours, or their cases, of this area")
    p.add_argument("--operator", action="append", default=[], metavar="NAME", help="only cases of this operator")
    p.add_argument("--feature", metavar="NAME", help="only what needs this feature of an engine")
    p.add_argument("--profile", metavar="NAME", help="only what this profile holds")
    p.add_argument("--device", default="cpu", metavar="NAME", help="with --profile: cpu (default) or cuda")
    p.add_argument("--count", action="store_true", help="print how many there are, and nothing else")
    p.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints what was asked for."""
    heading, rows = _LISTS[options.what](options)
    rows = [row for row in rows if not options.select or any(fnmatchcase(str(row[0]), s) for s in options.select)]
    if options.count:
        print(len(rows))
    else:
        table(heading, rows)
    return 0


Rows = tuple[Sequence[str], Iterable[Sequence[Any]]]


def _behaviours(options: argparse.Namespace) -> Rows:
    from conformance.cases import BEHAVIOURS

    listed = {c.requirement for c in _chosen(options)}
    found = sorted((b for b in BEHAVIOURS.values() if b.id in listed), key=lambda b: b.id)
    return ("behaviour", "level", "profile", "statement"), [(b.id, b.level, b.profile, b.statement) for b in found]


def _cases(options: argparse.Namespace) -> Rows:
    rows = [(c.id, c.level, c.profile, c.requirement) for c in _chosen(options)]
    return ("case", "level", "profile", "requirement"), rows


def _traceability(options: argparse.Namespace) -> Rows:
    """One row for each case of a documented behaviour, with the faults that the behaviour finds."""
    from conformance import catalogue
    from conformance.cases import BEHAVIOURS
    from conformance.profiles import check_names, in_profile

    cases = sorted(catalogue.load(), key=lambda c: c.id)
    if options.profile:
        check_names(options.profile, options.device)
        cases = in_profile(cases, options.profile, options.device)
    rows = [
        (c.requirement, c.level, c.id, ", ".join(BEHAVIOURS[c.requirement].kills))
        for c in cases
        if _is_meant(c, options)
    ]
    return ("behaviour", "level", "case", "faults"), rows


def _chosen(options: argparse.Namespace) -> list[Any]:
    """The cases of a profile, or all, that the filters leave."""
    from conformance.caselist import Selection, all_cases, choose, profile_cases

    selection = Selection((), tuple(options.operator))
    found = profile_cases(options.profile, options.device, selection) if options.profile else all_cases(selection)
    return [c for c in choose(found, selection) if _is_meant(c, options)]


def _is_meant(case: Any, options: argparse.Namespace) -> bool:
    area = case.requirement.partition(".")[0]
    needed = options.feature is None or options.feature in case.features
    return needed and options.level in (None, case.level) and options.area in (None, area)


def _operators(_options: argparse.Namespace) -> Rows:
    from conformance.operators import specs

    rows = [(s.name, ", ".join(s.tensors), ", ".join(s.attributes)) for _, s in sorted(specs().items())]
    return ("operator", "tensors", "attributes"), rows


def _engines(_options: argparse.Namespace) -> Rows:
    from conformance.runner import ENGINES

    return ("engine", "adapter"), sorted(ENGINES.items())


def _faults(_options: argparse.Namespace) -> Rows:
    from conformance import catalogue
    from conformance.faults import load
    from conformance.faults.kills import killers

    catalogue.load()  # which imports the behaviours that name faults
    rows = [(f.name, f.statement, ", ".join(killers(f.name))) for _, f in sorted(load().items())]
    return ("fault", "the engine", "must be found by"), rows


def _profiles(_options: argparse.Namespace) -> Rows:
    from conformance.caselist import PROFILES

    return ("profile", "what it is about"), [(p.name, p.statement) for p in PROFILES.values()]


_LISTS = {
    "behaviours": _behaviours,
    "cases": _cases,
    "traceability": _traceability,
    "operators": _operators,
    "engines": _engines,
    "faults": _faults,
    "profiles": _profiles,
}
