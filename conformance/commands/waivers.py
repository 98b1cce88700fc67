"""``conformance waivers``: counts the known causes in the results of another version or device."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from conformance.commands.console import table
from conformance.errors import UsageError

_EPILOG = """\
The causes are those of conformance/waivers/ENGINE.toml, which tells them once. With --write the numbers go into a file for the
version and the device of the results; review it, commit it, and `conformance rejudge DIR` says what the verdict is with it.
What no cause explains is a new finding, and is never counted.

examples:
  conformance certify --engine torch --device cuda
  conformance waivers reports/torch-2.11.0+cu130-cuda
  conformance waivers reports/torch-2.11.0+cu130-cuda --write
"""
_SHOWN = 40


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "count the known causes in the results of an engine's other version or device"
    p = commands.add_parser("waivers", help=help_, description=f"Waivers: {help_}.", epilog=_EPILOG)
    p.add_argument("folder", type=Path, metavar="DIR", help="the results of a complete run")
    p.add_argument("--write", action="store_true", help="write the numbers into conformance/waivers/counted/")
    p.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints each cause with its number of cases, and the failing cases without one; 1 if there are such."""
    from conformance.results import read_results
    from conformance.waivers import FOLDER, load_waivers, unwaived
    from conformance.waivers.counted import count_causes, write_counts

    results = read_results(options.folder)
    line = results.run
    if line["selection"] or line["fault"] or "challenge" in line:
        raise UsageError(
            f"{options.folder} is not a complete run of a locked list; only all of its cases can be counted"
        )
    causes = [w for w in load_waivers(line["engine"]) if not w.counted]
    if not causes:
        raise UsageError(f"no causes are known of {line['engine']!r}; they are told in conformance/waivers/ENGINE.toml")
    counts, unexplained = count_causes(map(unwaived, results.records), causes)
    table(("cause", "cases"), sorted(counts.items()))
    for record in unexplained[:_SHOWN]:
        print(f"no cause: {record.case} ({record.level}): {record.reason}")
    print(f"{sum(counts.values())} failing cases have {len(counts)} known causes; {len(unexplained)} have none.")
    if options.write:
        device = line["device"].partition(":")[0]
        print(write_counts(line["engine"], line["version"], device, line["profile"], counts, FOLDER))
    return 1 if unexplained else 0
