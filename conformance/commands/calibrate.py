"""``conformance calibrate``: how often the suite blames a right engine, and how rarely it misses a planted error."""

from __future__ import annotations

import argparse
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from conformance.commands.console import progress, table

if TYPE_CHECKING:
    from conformance.calibration.calibrate import Calibration
    from conformance.calibration.measuring import Outcome
    from conformance.calibration.planted import Planted

_EPILOG = """\
Inputs are drawn afresh, so that no constant of the suite can have been chosen on them; truth and tolerance are computed
on the spot. An engine's failure that fits a known root cause is a finding; any other is a false alarm, or a finding
that nobody has looked at yet. `--planted` instead puts an error into one element of every frozen gradient.

examples:
  conformance calibrate --check
  conformance calibrate --seed 42 --cases 10000
  conformance calibrate --planted --check
"""
_FAILED = 1
_SHOWN = 20  # programs of alarms, one for each operator and group
_LONG = 240


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "measure false alarms on inputs drawn afresh, or what planted errors are noticed"
    p = commands.add_parser("calibrate", help=help_, description=f"{help_.capitalize()}.", epilog=_EPILOG)
    p.add_argument("--seed", type=int, metavar="N", help="what the inputs are drawn from (default: a stated constant)")
    p.add_argument("--cases", type=int, metavar="N", help="decided cases of each dtype (default: 3000)")
    p.add_argument("--workers", type=int, default=0, metavar="N", help="processes (default: one for each core)")
    p.add_argument("--planted", action="store_true", help="plant an error into one element of every frozen gradient")
    p.add_argument("--check", action="store_true", help="exit 1 where a number is not reached")
    p.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the tables; 1 with `--check` where there is an alarm, too few cases, or too much that is missed."""
    return _planted(options) if options.planted else _fresh(options)


# false alarms


def _fresh(options: argparse.Namespace) -> int:
    from conformance.calibration.calibrate import CASES, DTYPES, calibrate
    from conformance.calibration.drawing import SEED
    from conformance.certify import _cores

    seed = SEED if options.seed is None else options.seed
    cases = CASES if options.cases is None else options.cases
    with progress("calibrate") as shown:
        shown.start(cases * len(DTYPES))
        processes = options.workers or _cores()
        done = calibrate(seed=seed, cases=cases, processes=processes, on_case=lambda o: _count(shown, o))
    show(done)
    short = done.short_of()
    for dtype in short:
        print(f"{dtype}: {done.cases[dtype]} cases say little; give --cases {CASES} or more.")
    return _FAILED if options.check and (done.alarms or short) else 0


def _count(shown: Any, outcome: Outcome) -> None:
    """Moves the bar for every decided case."""
    if not outcome.undecided:
        passed = all(m.record.status in ("pass", "permitted") for m in outcome.measured.values())
        shown.record(SimpleNamespace(status="passed" if passed else "failed by an engine"))


def show(done: Calibration) -> None:
    """Prints what a calibration has measured."""
    rows = [
        (engine, dtype, group, r.cases, f"{r.worst:.2f}", f"{r.share:.2f}", r.inaccurate, r.permitted, r.findings, len(r.alarms))
        for (engine, dtype, group), r in sorted(done.rows.items())
    ]  # fmt: skip
    heading = ("engine", "dtype", "group", "cases", "worst error/R", "error/tolerance", "inaccurate", "permitted")
    table((*heading, "findings", "alarms"), rows)
    for (dtype, group), reasons in sorted(done.undecided.items()):
        said = ", ".join(f"{n} {reason}" for reason, n in reasons.most_common())
        print(f"undecided, {dtype} {group}: {sum(reasons.values())} of {done.drawn[dtype, group]} drawn ({said})")
    if done.nonlinear["drawn"]:
        share = done.nonlinear["undecided"] / done.nonlinear["drawn"]
        print(f"undecided, float64 outside linear algebra: {share:.2%} of {done.nonlinear['drawn']} drawn")
    for (engine, finding), count in sorted(done.findings.items(), key=lambda item: (item[0][0], -item[1])):
        print(f"finding, {engine}: {count} × {finding.id}: {finding.cause}")
    shown: set[tuple[str, str, str]] = set()
    for engine, outcome in done.alarms:
        record = outcome.measured[engine].record
        direction = record.facets.get("direction", "")
        print(f"alarm, {engine}: {outcome.id} ({direction}): {' '.join(record.reason.split())[:_LONG]}")
        cause = (engine, outcome.operator, outcome.group)
        if cause not in shown and len(shown) < _SHOWN:
            print("".join(f"    {line}\n" for line in outcome.code.splitlines()))
        shown.add(cause)
    total = ", ".join(f"{n} cases in {dtype}" for dtype, n in done.cases.items())
    print(f"{len(done.alarms)} alarms in {total}, seed {done.seed}.")


# planted errors


def _planted(options: argparse.Namespace) -> int:
    from conformance.calibration.planted import REACH, planted

    found = planted()
    heading = ("answers", "dtype", "group", "cases", "noticed", "in every element")
    rows = [(*key, t.cases, f"{t.share:.2%}", f"{t.whole / t.cases:.2%}") for key, t in sorted(found.tallies.items())]
    table(heading, rows)
    _show_missed(found)
    poor = [key for key, t in found.by_dtype.items() if t.share < REACH]
    for which, tallies in (("beyond the core", found.beyond), ("core", found.by_dtype)):
        for (answers, dtype), t in sorted(tallies.items()):
            off, graded = found.relative[dtype], f"{t.graded_share:.2%} with those that are graded inaccurate"
            print(
                f"{which}, {answers}, {dtype}: {t.share:.2%} of {t.cases} cases fail for one element off by {off:g}; {graded}."
            )
    return _FAILED if options.check and poor else 0


def _show_missed(found: Planted) -> None:
    from conformance.calibration.planted import REACH

    poor = [(name, dtype, t) for (name, dtype), t in sorted(found.operators.items()) if t.share < REACH]
    for name, dtype, t in poor:
        why = ", ".join(f"{n} {reason}" for reason, n in t.reasons.most_common())
        print(f"{name}, {dtype}: {t.share:.1%} of {t.cases} cases; {t.cases - t.whole} miss an element ({why})")
