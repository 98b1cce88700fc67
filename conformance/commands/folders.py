"""``conformance verify``, ``rejudge`` and ``report``: what can be done with results, without the engine."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import Any

from conformance.commands.console import headline
from conformance.errors import CorpusError, UsageError

_EXAMPLES = {
    "verify": "conformance verify reports/refgrad-0.1.0",
    "rejudge": "conformance rejudge reports/torch-2.13.0+cpu",
    "report": "conformance report reports",
}


def add(commands: Any) -> None:
    """Adds the commands."""
    for name, help_, run in (
        ("verify", "check that results agree with themselves and with the lock", verify),
        ("rejudge", "judge stored answers again with today's comparator; changes nothing", rejudge),
        ("report", "write the pages of results, the index over them and the catalogue anew", report),
    ):
        p = commands.add_parser(
            name, help=help_, description=f"{help_.capitalize()}.", epilog=f"examples:\n  {_EXAMPLES[name]}\n"
        )
        p.add_argument("folder", type=Path, metavar="DIR", help="a folder of results, or one that holds several")
        p.set_defaults(run=run)


def verify(options: argparse.Namespace) -> int:
    """Prints every contradiction; 0 if there is none, 10 otherwise."""
    from conformance.certify import verify as problems_of

    folders = _folders(options.folder)
    found = [(folder, problem) for folder in folders for problem in (*problems_of(folder), *_other_truths(folder))]
    for folder, problem in found:
        print(f"{folder.name}: {problem}")
    if found:
        raise CorpusError(
            f"{len(found)} contradictions in {options.folder}; certify again, or ask where the files come from"
        )
    print(f"{options.folder} is sound: journal, answers, verdict and lock agree.")
    return 0


def _other_truths(folder: Path) -> list[str]:
    """Whether the cases of a challenge are not those of its nonce; drawing them anew takes a minute or two."""
    from conformance.results import read_results

    line = read_results(folder).run
    if "challenge" not in line:
        return []
    if importlib.util.find_spec("flint") is None:
        print(f"{folder.name}: truths not computed anew, for which python-flint is missing; install refgrad[corpus]")
        return []
    from conformance.certify import _cores
    from conformance.challenge import challenge
    from conformance.corpus.redrawn import read_cases
    from conformance.offline import _selection

    select = _selection(line["selection"])
    again = challenge(line["challenge"], select, len(read_cases(folder)), processes=_cores())
    return [] if again.locked.sha256 == line["list_sha256"] else ["the cases are not those that its nonce gives"]


def rejudge(options: argparse.Namespace) -> int:
    """Prints each verdict as it is today, and every case whose status differs from the stored one."""
    from conformance.certify import rejudge as judged_again
    from conformance.results import read_results
    from conformance.verdict import worst_exit

    codes = []
    for folder in _folders(options.folder):
        before = {r.case: str(r.status) for r in read_results(folder).records}
        done = judged_again(folder)
        headline(done.verdict.verdict, done.verdict.sentence)
        for r in done.results.records:
            if before.get(r.case) != str(r.status):
                print(f"  {r.case}: was {before.get(r.case, 'absent')}, is {r.status}")
        codes.append(done.verdict.exit_code)
    return worst_exit(codes)


def report(options: argparse.Namespace) -> int:
    """Writes the pages again."""
    from conformance.report import write_report
    from conformance.report.overview import write_overview
    from conformance.results import read_results

    folders = _folders(options.folder)
    for folder in folders:
        print(write_report(folder, read_results(folder)))
    if folders != [options.folder]:
        print(*write_overview(options.folder), sep="\n")
    return 0


def _folders(folder: Path) -> list[Path]:
    """The folder itself if it holds results, else every one below it that does."""
    from conformance.results import JOURNAL

    if not folder.is_dir():
        raise UsageError(f"no folder {folder}; `conformance certify --output {folder}` makes one")
    if (folder / JOURNAL).exists():
        return [folder]
    found = sorted(path.parent for path in folder.glob(f"*/{JOURNAL}"))
    if not found:
        raise UsageError(f"{folder} holds no results; `conformance certify --output {folder}` writes some")
    return found
