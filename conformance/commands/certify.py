"""``conformance certify``: judges engines, writes their reports, and says each verdict in one sentence."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.commands.console import headline, progress
from conformance.errors import ConformanceError

if TYPE_CHECKING:
    from conformance.certify import Certificate
    from conformance.runner import EngineSpec
    from conformance.verdict import Verdict

_EPILOG = """\
An engine is a known name (`conformance list engines`), an adapter as pkg.mod:Class, or stdio:COMMAND.
A selection gives verdict partial and exit code 13: only the whole list can be certified.
A challenge judges 2,000 operator cases whose inputs a nonce decides, such as one that a third party chose or the hash of
tomorrow's newspaper, with truths computed on the spot (needs python-flint): exit code 1 if a must-case fails, else 13.

examples:
  conformance certify --engine refgrad --engine torch --accept-waivers
  conformance certify --engine torch --device cuda --output reports
  conformance certify --engine mypackage.adapter:MyEngine --profile functional --python .venv-mine/bin/python
  conformance certify --engine refgrad --select 'accumulation.*' --operator sin
  conformance certify --engine refgrad --challenge 'a number that nobody could know before'
"""
_REASONS = 5
_WITH_WAIVERS = 12


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "judge engines against the locked list and write their reports"
    p = commands.add_parser("certify", help=help_, description=f"Certify: {help_}.", epilog=_EPILOG)
    p.add_argument("--engine", action="append", required=True, metavar="ENGINE", help="an engine; repeat for several")
    p.add_argument("--profile", default="imperative", metavar="NAME", help="functional, imperative (default) or full")
    p.add_argument("--device", default="cpu", metavar="NAME", help="cpu (default) or cuda")
    p.add_argument("--workers", type=_positive, metavar="N", help="worker processes (default: one for each core)")
    p.add_argument(
        "--output", type=Path, default=Path("reports"), metavar="DIR", help="where reports go (default: reports)"
    )
    p.add_argument("--accept-waivers", action="store_true", help="exit 0 for certified with waivers")
    p.add_argument("--select", action="append", default=[], metavar="GLOB", help="only cases or behaviours that match")
    p.add_argument("--operator", action="append", default=[], metavar="NAME", help="only cases of this operator")
    p.add_argument(
        "--challenge", default="", metavar="NONCE", help="redraw the inputs of operator cases from this text"
    )
    p.add_argument("--python", default="", metavar="PATH", help="the interpreter that has the engine")
    p.add_argument("--fault", default="", metavar="NAME", help="plant this fault first (`conformance list faults`)")
    p.add_argument(
        "--memory",
        type=_gibibytes,
        metavar="GIB",
        help="what one engine process may hold (default: 8; watched on Linux)",
    )
    p.add_argument(
        "--repeats", type=_positive, default=1, metavar="N", help="runs whose answers must agree (default: 1)"
    )
    p.add_argument("--resume", action="store_true", help="go on with a run that was stopped")
    p.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Certifies each engine in turn; the exit code is the worst."""
    from conformance.report.overview import write_overview
    from conformance.runner import parse_engine
    from conformance.verdict import worst_exit

    settings = {"device": options.device, "fault": options.fault, "python": options.python}
    specs = [parse_engine(text, **settings) for text in options.engine]
    challenged = _challenge(options) if options.challenge else {}
    codes = [_certify(spec, options, challenged) for spec in specs]
    if options.output.is_dir():
        print(f"All reports: {write_overview(options.output)[-1]}")
    return worst_exit(codes)


def _challenge(options: argparse.Namespace) -> dict[str, Any]:
    """The redrawn cases and the list that they make, as `certify` takes them, computed once for all engines."""
    from conformance.certify import _cores
    from conformance.challenge import challenge, planned

    selection = _selection(options)
    with progress("drawing") as shown:
        shown.start(planned(selection))
        processes = options.workers or _cores()
        found = challenge(options.challenge, selection, processes=processes, on_case=shown.drawn)
    reasons = ", ".join(f"{n} {reason}" for reason, n in found.undecided.items())
    replaced = f"; {sum(found.undecided.values())} draws without a truth replaced ({reasons})" if reasons else ""
    print(f"Challenge {found.nonce}: {len(found.cases)} cases drawn{replaced}.")
    return {"cases": found.cases, "locked": found.locked, "challenge": found.nonce}


def _selection(options: argparse.Namespace) -> Any:
    from conformance.caselist import Selection

    return Selection(tuple(options.select), tuple(options.operator))


def _certify(spec: EngineSpec, options: argparse.Namespace, challenged: dict[str, Any]) -> int:
    """Certifies one engine. Its failure to start is said, and does not keep the next one from being judged."""
    from conformance.certify import certify

    try:
        with progress(spec.label) as shown:
            done = certify(
                spec,
                profile=options.profile,
                workers=options.workers,
                output=options.output,
                selection=_selection(options),
                resume=options.resume,
                repeats=options.repeats,
                **({"memory": options.memory} if options.memory else {}),
                on_start=shown.start,
                on_record=shown.record,
                **challenged,
            )
    except ConformanceError as error:
        print(f"conformance: {error}", file=sys.stderr)
        return error.exit_code
    announce(done)
    return exit_code(done.verdict, options)


def exit_code(verdict: Verdict, options: argparse.Namespace) -> int:
    """The verdict's exit code; waivers that are accepted cost nothing."""
    accepted = options.accept_waivers and verdict.exit_code == _WITH_WAIVERS
    return 0 if accepted else verdict.exit_code


def announce(done: Certificate) -> None:
    """Prints the verdict with its denominators, why it is not better, and where the report is."""
    from conformance.report import write_report

    verdict = done.verdict
    headline(verdict.verdict, verdict.sentence)
    for reason in verdict.reasons[:_REASONS]:
        print(f"  {reason}")
    if len(verdict.reasons) > _REASONS:
        print(f"  and {len(verdict.reasons) - _REASONS} more reasons")
    if done.folder is not None:
        print(f"  report: {write_report(done.folder, done.results)}")


def _positive(text: str) -> int:
    """A number of workers."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of workers; give 1 or more")
    return int(text)


def _gibibytes(text: str) -> float:
    """An amount of memory."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of memory; give a number of GiB above 0, such as 4")
    return found
