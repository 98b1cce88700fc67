"""``conformance atlas``: how accurate an engine's functions and their first two derivatives are, region by region."""

from __future__ import annotations

import argparse
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from conformance.commands.console import progress, table

_EPILOG = """\
Every function of one real variable is asked at some four thousand numbers from the smallest subnormal to the largest, in
float64 and float32; the truth is a proven enclosure in ball arithmetic. Errors are in units in the last place.

examples:
  conformance atlas --engine refgrad --engine torch
  conformance atlas --engine torch --select tanhshrink
  conformance atlas --engine mypackage.adapter:MyEngine --resume
"""


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "measure pointwise functions and their derivatives against proven enclosures"
    p = commands.add_parser("atlas", help=help_, description=f"{help_.capitalize()}.", epilog=_EPILOG)
    p.add_argument("--engine", action="append", required=True, metavar="ENGINE", help="an engine; repeat for several")
    p.add_argument("--device", default="cpu", metavar="NAME", help="cpu (default) or cuda")
    p.add_argument("--python", default="", metavar="PATH", help="the interpreter that has the engine")
    p.add_argument("--output", type=Path, default=Path("reports"), metavar="DIR", help="where reports go")
    p.add_argument("--select", action="append", default=[], metavar="NAME", help="only this curve or operator")
    p.add_argument("--workers", type=int, default=0, metavar="N", help="processes (default: one for each core)")
    p.add_argument("--resume", action="store_true", help="keep the curves that the stored atlas has already")
    p.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Surveys each engine in turn, prints its table and writes its pages."""
    from conformance.runner import parse_engine

    specs = [parse_engine(text, device=options.device, python=options.python) for text in options.engine]
    for spec in specs:
        _survey(spec, options)
    return 0


def _survey(spec: Any, options: argparse.Namespace) -> None:
    from conformance.atlas.survey import read_atlas, survey
    from conformance.certify import _cores
    from conformance.report.atlas import write_atlas

    with progress(f"atlas of {spec.label}") as shown:
        folder = survey(
            spec,
            options.output,
            processes=options.workers or _cores(),
            resume=options.resume,
            names=tuple(options.select),
            on_start=shown.start,
            on_line=lambda line: shown.record(SimpleNamespace(status="curves")),
        )
    head, lines = read_atlas(folder)
    show(head, lines)
    print(f"  atlas: {write_atlas(folder, head, lines)}")


def show(head: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    """Prints the worst error of each curve: value and derivatives in ulp, with the region it is in."""
    from conformance.report.atlas import summary

    heading = ("function", "dtype", "value", "first derivative", "second derivative")
    table(heading, [(line["curve"], line["dtype"], *map(summary, line["orders"])) for line in lines])
