"""``conformance workloads``: whole models trained for one step, side by side with PyTorch."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.commands.console import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.workloads import WorkloadResult

_EPILOG = """\
Each engine is compared with PyTorch, and PyTorch with refgrad. In float64 every parameter after the step must agree
to 1e-9 of its tensor's scale; in float32 an engine may be 4 times as far from the float64 result as its witness.
With --output the results become part of the engine's report. An engine that lacks an operator of a workload is told
which, and the exit code is 13, unless another workload fails.

examples:
  conformance workloads --engine refgrad --engine torch --output reports
  conformance workloads --engine mypackage.adapter:MyEngine --select lstm
"""
_FAILED, _PARTIAL = 1, 13
_REASONS = 5


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "train whole models for one step, side by side with PyTorch"
    p = commands.add_parser("workloads", help=help_, description=f"{help_.capitalize()}.", epilog=_EPILOG)
    p.add_argument("--engine", action="append", required=True, metavar="ENGINE", help="an engine; repeat for several")
    p.add_argument(
        "--select", action="append", default=[], metavar="NAME", help="only this workload; repeat for several"
    )
    p.add_argument("--seed", type=_seed, metavar="N", help="draw weights and inputs from another seed")
    p.add_argument("--output", type=Path, metavar="DIR", help="write the results into the engines' reports in DIR")
    p.set_defaults(run=run)


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 0")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Prints a line for each engine and workload, and what is wrong; 1 if anything is, 13 if only something lacks."""
    from conformance.workloads import SEED, run_workloads

    seed = SEED if options.seed is None else options.seed
    results = run_workloads(options.engine, options.select, seed=seed)
    heading = ("engine", "workload", "result", "parameters", "float64", "float32", "seconds", "what")
    table(heading, [_row(r) for r in results])
    for r in results:
        for reason in r.reasons[:_REASONS]:
            print(f"{r.engine}, {r.workload}: {f'{r.status}: ' if r.status == 'unsupported' else ''}{reason}")
        if len(r.reasons) > _REASONS:
            print(f"{r.engine}, {r.workload}: and {len(r.reasons) - _REASONS} more")
    if options.output is not None:
        _store(options.output, results, seed)
    statuses = {r.status for r in results}
    return _FAILED if "fail" in statuses else _PARTIAL if "unsupported" in statuses else 0


def _row(r: WorkloadResult) -> tuple[str, ...]:
    m = r.measured
    numbers = (
        f"{m['float64']:.1e} of scale" if m else "",
        f"{m['float32']:.2f} of allowed" if m else "",
        f"{m['seconds']:.2f} ({r.witness}: {m['witness_seconds']:.2f})" if m else "",
    )
    return (r.engine, r.workload, r.status, f"{r.parameters:,}", *numbers, r.statement)


def _store(root: Path, results: Sequence[WorkloadResult], seed: int) -> None:
    """Writes workloads.json for each engine, and the pages anew where there are results to show them with."""
    from conformance.report import write_index, write_report
    from conformance.results import JOURNAL, read_results
    from conformance.workloads import load
    from conformance.workloads.storing import write_workloads

    folders = []
    for name in dict.fromkeys(r.engine for r in results):
        engine = load(name)
        folders.append(write_workloads(root, engine.version, [r for r in results if r.engine == name], seed))
    certified = [folder for folder in folders if (folder / JOURNAL).exists()]
    for folder in certified:
        print(write_report(folder, read_results(folder)))
    if certified:
        print(write_index(root))
