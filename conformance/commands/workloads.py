"""``conformance workloads``: whole models trained for one step, side by side with PyTorch."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from conformance.commands.console import table

if TYPE_CHECKING:
    from conformance.workloads import WorkloadResult

_EPILOG = """\
Each engine is compared with PyTorch, and PyTorch with refgrad. In float64 every parameter after the step must agree
to 1e-9 of its tensor's scale; in float32 an engine may be 4 times as far from the float64 result as its witness.

examples:
  conformance workloads --engine refgrad --engine torch
  conformance workloads --engine mypackage.adapter:MyEngine --select lstm
"""
_FAILED = 1
_REASONS = 5


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "train whole models for one step, side by side with PyTorch"
    p = commands.add_parser("workloads", help=help_, description=f"{help_.capitalize()}.", epilog=_EPILOG)
    p.add_argument("--engine", action="append", required=True, metavar="ENGINE", help="an engine; repeat for several")
    p.add_argument(
        "--select", action="append", default=[], metavar="NAME", help="only this workload; repeat for several"
    )
    p.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints a line for each engine and workload, and what is wrong; 1 if anything is."""
    from conformance.workloads import run_workloads

    results = run_workloads(options.engine, options.select)
    heading = ("engine", "workload", "result", "parameters", "float64", "float32", "seconds", "what")
    table(heading, [_row(r) for r in results])
    for r in results:
        for reason in r.reasons[:_REASONS]:
            print(f"{r.engine}, {r.workload}: {reason}")
        if len(r.reasons) > _REASONS:
            print(f"{r.engine}, {r.workload}: and {len(r.reasons) - _REASONS} more")
    return 0 if all(r.passed for r in results) else _FAILED


def _row(r: WorkloadResult) -> tuple[str, ...]:
    return (
        r.engine,
        r.workload,
        "pass" if r.passed else "fail",
        f"{r.parameters:,}",
        f"{r.float64:.1e} of scale",
        f"{r.float32:.2f} of allowed",
        f"{r.seconds:.2f} ({r.witness}: {r.witness_seconds:.2f})",
        r.statement,
    )
