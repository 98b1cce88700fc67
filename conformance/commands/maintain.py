"""``conformance lint``, ``corpus`` and ``faults``: what people do who work on the suite itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from conformance.commands.console import table
from conformance.errors import SuiteFault

_CORPUS_EPILOG = """\
After a deliberate change of cases: grow (new classes only), build (truths), lock (lists), and review the difference.

examples:
  conformance corpus grow --operator sin
  conformance corpus build
  conformance corpus check
"""
_FAULTS_EPILOG = """\
examples:
  conformance faults run
  conformance faults run overwrite-grad detach-leaks
"""


def add(commands: Any) -> None:
    """Adds the commands."""
    help_ = "look for cases that cannot fail, requirements without source or fault, and names that lead nowhere"
    p = commands.add_parser("lint", help=help_, description=f"{help_.capitalize()}.")
    p.set_defaults(run=lint)
    _add_corpus(commands)
    _add_faults(commands)


def _add_corpus(commands: Any) -> None:
    help_ = "grow, build, lock or check the frozen cases"
    p = commands.add_parser("corpus", help=help_, description=f"{help_.capitalize()}.", epilog=_CORPUS_EPILOG)
    actions = p.add_subparsers(required=True, metavar="action", title="actions", parser_class=type(p))
    grow_ = _action(actions, "grow", "append programs for classes without one; frozen ones stay as they are", grow)
    grow_.add_argument("--operator", action="append", default=[], metavar="NAME", help="only for this operator")
    build_ = _action(actions, "build", "compute truths and tolerances from the frozen programs, byte for byte", build)
    build_.add_argument("--workers", type=int, default=2, metavar="N", help="processes (default: 2)")
    _action(actions, "lock", "write the locked list of every profile and device", lock)
    _action(actions, "check", "compare every case with the locked lists", check)


def _add_faults(commands: Any) -> None:
    help_ = "plant faults, and see whether the cases named in advance find them"
    p = commands.add_parser("faults", help=help_, description=f"{help_.capitalize()}.", epilog=_FAULTS_EPILOG)
    actions = p.add_subparsers(required=True, metavar="action", title="actions", parser_class=type(p))
    run_ = _action(actions, "run", "plant every fault, or those named", faults)
    run_.add_argument("names", nargs="*", metavar="NAME", help="faults (default: all; `conformance list faults`)")


def _action(actions: Any, name: str, help_: str, run: Callable[[argparse.Namespace], int]) -> Any:
    p = actions.add_parser(name, help=help_, description=f"{help_.capitalize()}.")
    p.set_defaults(run=run)
    return p


def lint(_options: argparse.Namespace) -> int:
    """Prints every problem; *errors*: `SuiteFault` if there is one."""
    from conformance.lint import CHECKS, problems, suite

    found = suite()
    wrong = problems(found)
    for problem in wrong:
        print(problem)
    if wrong:
        raise SuiteFault(f"{len(wrong)} problems; each line above says what to do")
    print(f"{len(found.behaviours)} behaviours and {len(found.cases)} cases pass {len(CHECKS)} checks.")
    return 0


def grow(options: argparse.Namespace) -> int:
    """Appends programs."""
    from conformance.corpus.grow import grow as grow_corpus

    added = grow_corpus(operators=tuple(options.operator))
    table(("chapter", "new programs"), sorted(added.items()))
    print(f"{sum(added.values())} programs added; `conformance corpus build` computes their truths.")
    return 0


def build(options: argparse.Namespace) -> int:
    """Computes truths, then locks the lists over them."""
    from conformance.corpus.build import build as build_corpus

    counts = build_corpus(processes=options.workers)
    undecided = sum(counts["undecided"].values())
    print(
        f"{counts['cases']} cases built, {undecided} undecided; `conformance corpus lock` writes the lists over them."
    )
    return 0


def lock(_options: argparse.Namespace) -> int:
    """Writes the locked lists."""
    from conformance.caselist import lock_lists

    table(("list", "SHA-256"), sorted(lock_lists().items()))
    return 0


def check(_options: argparse.Namespace) -> int:
    """Compares; *errors*: `CorpusError` at the first case that is missing, new or changed."""
    from conformance.caselist import DEVICES, PROFILES, check_list, load_list, profile_cases

    rows = []
    for profile, device in [(p, d) for p in PROFILES for d in DEVICES]:
        locked = load_list(profile, device)
        check_list(locked, profile_cases(profile, device))
        rows.append((locked.name, f"{len(locked.entries)} cases as locked"))
    table(("list", ""), rows)
    return 0


def faults(options: argparse.Namespace) -> int:
    """Plants faults; *errors*: `SuiteFault` if one is not found by all that must find it."""
    from conformance.caselist import all_cases
    from conformance.faults.kills import kill_table

    kills = list(kill_table(all_cases(), tuple(options.names)))
    table(("fault", "must be found by", "found by", "how"), [_row(k) for k in kills])
    lost = [k for k in kills if not k.killed]
    faulty = {k.fault for k in kills}
    print(f"{len(faulty - {k.fault for k in lost})} of {len(faulty)} faults are found by all that must find them.")
    if lost:
        raise SuiteFault(f"{len(lost)} kills are lost, the first: {lost[0].fault} by {lost[0].killer}")
    return 0


def _row(kill: Any) -> Sequence[str]:
    return kill.fault, kill.killer, kill.case or "not found", kill.status
