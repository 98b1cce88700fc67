"""``conformance matrix``: the page over all engines, rebuilt from stored results."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

_EPILOG = """\
examples:
  conformance matrix
  conformance matrix --output reports
"""


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "rebuild the matrix of engines against operators and areas from stored results"
    p = commands.add_parser("matrix", help=help_, description=f"{help_.capitalize()}.", epilog=_EPILOG)
    p.add_argument("--output", type=Path, default=Path("reports"), metavar="DIR", help="folder of reports (reports)")
    p.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Writes the page and says where, with the number of engines."""
    from conformance.report.matrix import rebuild_columns, write_matrix

    columns = rebuild_columns(options.output)
    page = write_matrix(options.output)
    print(f"{page}: {len(columns)} engines side by side.")
    return 0
