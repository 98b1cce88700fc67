"""``conformance lint``, ``corpus`` and ``faults``: what people do who work on the suite itself."""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

from conformance.commands.console import table
from conformance.errors import SuiteFault, UsageError

_CORPUS_EPILOG = """\
After a deliberate change of cases: grow (new classes only), build (truths), halves (copies in 16 bits, for the lists of
cuda), lock (lists), and review the difference.

examples:
  conformance corpus grow --operator sin
  conformance corpus build
  conformance corpus build --check --share 0.05
  conformance corpus halves
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
    grow_.add_argument("--workers", type=int, default=2, metavar="N", help="processes (default: 2)")
    build_ = _action(actions, "build", "compute truths and tolerances from the frozen programs, byte for byte", build)
    build_.add_argument("--workers", type=int, default=2, metavar="N", help="processes (default: 2)")
    build_.add_argument("--check", action="store_true", help="compare with the frozen files and write nothing")
    build_.add_argument(
        "--share", type=float, default=1.0, metavar="S", help="of --check: recompute this share (0 to 1)"
    )
    help_ = "copy the float32 cases of values and first derivatives to float16 and bfloat16, with truths of their own"
    halves_ = _action(actions, "halves", help_, halves)
    halves_.add_argument("--workers", type=int, default=2, metavar="N", help="processes (default: 2)")
    halves_.add_argument("--check", action="store_true", help="compare with the frozen files and write nothing")
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
    print(found.trace)
    print(f"{len(found.behaviours)} behaviours and {len(found.cases)} cases pass {len(CHECKS)} checks.")
    return 0


def grow(options: argparse.Namespace) -> int:
    """Appends programs."""
    from conformance.corpus.grow import grow as grow_corpus

    added = grow_corpus(operators=tuple(options.operator), processes=options.workers)
    table(("chapter", "new programs"), sorted(added.items()))
    print(f"{sum(added.values())} programs added; `conformance corpus build` computes their truths.")
    return 0


def build(options: argparse.Namespace) -> int:
    """Computes truths and writes them, or compares them with what is written."""
    if options.check:
        return check_build(options)
    from conformance.corpus.build import build as build_corpus

    counts = build_corpus(processes=options.workers)
    undecided = sum(counts["undecided"].values())
    print(
        f"{counts['cases']} cases built, {undecided} undecided; `conformance corpus lock` writes the lists over them."
    )
    return 0


def check_build(options: argparse.Namespace) -> int:
    """Prints what the corpus consists of and where it is not what would be built; 1 if it is not."""
    from conformance.corpus.checking import UNDECIDED_SHARE, check

    found = check(processes=options.workers, share=options.share)
    counts = found.counts
    for title in ("group", "dtype", "class"):
        table((title, "cases"), sorted(counts[title].items()))
    table(
        ("operator", "undecided"),
        [(name, ", ".join(f"{n} {reason}" for reason, n in sorted(c.items()))) for name, c in found.undecided.items()],
    )
    print(f"{counts['cases']} cases of {found.lines} programs; {sum(counts['undecided'].values())} are undecided.")
    print(
        f"{found.open_proposals} of {found.proposals} float64 proposals outside linear algebra are undecided: "
        f"{found.open_share:.2%}, where {UNDECIDED_SHARE:.0%} is allowed."
    )
    print(f"The corpus takes {found.size / 2**20:.1f} MB compressed.")
    print(f"{found.recomputed} truths ({options.share:.0%}) recomputed in {found.seconds:.0f} s.")
    for difference in found.differences:
        print(f"different: {difference}")
    print(f"{len(found.differences)} differences." if found.differences else "Everything is byte for byte as frozen.")
    return 1 if found.differences or found.open_share > UNDECIDED_SHARE else 0


def halves(options: argparse.Namespace) -> int:
    """Builds the copies in 16 bits and prints what has none, or compares them with what is written."""
    missing = [name for name in ("torch", "flint") if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(f"copies in 16 bits need {' and '.join(missing)}; pip install 'refgrad[torch,corpus]'")
    from conformance.corpus.halves import EXCLUDED, build_halves, changed_halves

    if options.check:
        changed = changed_halves(processes=options.workers)
        for name in changed:
            print(f"different: halves/{name}")
        print(f"{len(changed)} differences." if changed else "Everything is byte for byte as frozen.")
        return 1 if changed else 0
    counts = build_halves(processes=options.workers)
    undecided = sum(counts["undecided"].values())
    table(("no copy", "cases", "why"), [(n, c, EXCLUDED[n.partition(" ")[2]]) for n, c in counts["excluded"].items()])
    print(f"PyTorch refuses one of the dtypes for {', '.join(counts['refused'])}.")
    print(
        f"{counts['cases']} copies built, {undecided} undecided; `conformance corpus lock` writes the lists over them."
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
    """Plants faults and prints the score; 1 if one is not found by all that must find it."""
    from conformance.caselist import all_cases
    from conformance.faults.kills import kill_table, pairs

    cases = all_cases()
    kills = list(kill_table(cases, pairs(options.names)))
    table(("fault", "must be found by", "found by", "how"), [_row(k) for k in kills])
    run = [k for k in kills if k.killed or k.lost]
    lost = [k for k in run if k.lost]
    faulty, found = {k.fault for k in run}, {k.fault for k in run if k.killed}
    print(
        f"{len(found)} of {len(faulty)} faults are found; "
        f"{len(faulty - {k.fault for k in lost})} of {len(faulty)} by all that must find them; "
        f"{len(run) - len(lost)} of {len(run)} pairs of a fault and what must find it are kills."
    )
    for kill in kills:
        if kill.lost:
            print(f"lost: {kill.fault} is not found by {kill.killer}; see `conformance explain {kill.killer}`")
        elif not kill.killed:
            print(f"not run: {kill.fault} by {kill.killer}, on which refgrad {kill.reason}")
    return 1 if lost else 0


def _row(kill: Any) -> Sequence[str]:
    return kill.fault, kill.killer, kill.case or "not found", kill.status or "lost"
