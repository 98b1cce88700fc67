"""``conformance selfcheck``: the suite judged by wrong engines, harmless ones, and beside other checkers."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from conformance.errors import UsageError

_EPILOG = """\
exit codes: 0, or 1 where a kill is lost, a variant raises an alarm that is not known, or a new mutant survives

examples:
  conformance selfcheck
  conformance selfcheck --part faults --part variants
"""


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "plant every fault, mutate every rule, run every harmless variant and other checkers, and print the scores"
    p = commands.add_parser("selfcheck", help=help_, description=f"{help_.capitalize()}.", epilog=_EPILOG)
    p.add_argument("--part", action="append", default=[], metavar="NAME", help="only this part, and nothing is written")
    p.add_argument("--workers", type=int, default=os.cpu_count(), metavar="N", help="processes (default: the cores)")
    p.add_argument("--output", type=Path, default=Path("reports"), metavar="DIR", help="folder of reports (reports)")
    p.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints every score with its denominator and what is wrong; writes data and page if everything was run."""
    from conformance.caselist import all_cases
    from conformance.faults.selfcheck import PARTS, problems, selfcheck
    from conformance.report.overview import write_overview
    from conformance.report.selfcheck import Selfcheck, write_selfcheck

    for name in set(options.part) - set(PARTS):
        raise UsageError(f"no part {name!r}; there are {', '.join(PARTS)}")
    began = time.monotonic()
    found = selfcheck(all_cases(), parts=options.part or PARTS, workers=options.workers, on_part=_told)
    for score in Selfcheck(found).scores:
        print(f"{score.sentence}.")
    wrong = problems(found)
    for problem in wrong:
        print(f"wrong: {problem}")
    print(f"{time.monotonic() - began:.0f} s.")
    if not options.part:
        print(write_selfcheck(options.output, found))
        write_overview(options.output)
    return 1 if wrong else 0


def _told(part: str) -> None:
    print(f"selfcheck: {part}", file=sys.stderr, flush=True)
