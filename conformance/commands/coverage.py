"""``conformance coverage``: which cells of the grid of operators are executed, and why the others are not."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from conformance.commands.console import table

if TYPE_CHECKING:
    from conformance.coverage import Grid

_EPILOG = """\
A cell is a class of cases of one operator, in one group (value, vjp, jvp, order2, order3) and one dtype. The cells that apply
follow from the specification of the operator.

examples:
  conformance coverage
  conformance coverage --operator linalg.det
  conformance coverage --json > coverage.json
"""


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "show which applicable cells of operator, group, dtype and class are executed"
    p = commands.add_parser("coverage", help=help_, description=f"{help_.capitalize()}.", epilog=_EPILOG)
    p.add_argument("--operator", metavar="NAME", help="every class of this operator")
    p.add_argument("--json", action="store_true", help="every cell as JSON")
    p.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the grid; *errors*: `SuiteFault` if a cell is not run and no reason is listed."""
    from conformance.coverage import corpus_grid
    from conformance.errors import SuiteFault
    from conformance.operators import find

    found = corpus_grid()
    if options.operator:
        found = found.of(find(options.operator).name)
    if options.json:
        print(json.dumps([vars(cell) for cell in found.cells], indent=1))
    else:
        _show(found, by_class=bool(options.operator))
    if found.missing:
        raise SuiteFault(f"{len(found.missing)} cells are not run, the first: {found.missing[0].case}; grow and build")
    return 0


def _show(found: Grid, *, by_class: bool) -> None:
    from conformance.coverage import DTYPES

    dtypes = [d for d in DTYPES if any(c.dtype == d for c in found.cells)]
    heading = ("group", *(("class",) if by_class else ()), *dtypes, "all")
    keys = (lambda c: c.group, *((lambda c: c.name,) if by_class else ()))
    sums, cells = found.table(*keys), found.table(*keys, lambda c: c.dtype)
    rows = [(*place, *(_count(cells.get((*place, d))) for d in dtypes), _count(sums[place])) for place in sums]
    table(heading, rows)
    for reason, count in found.reasons.items():
        print(f"{count} {reason}")
    operators = len({c.operator for c in found.cells})
    print(
        f"{found.executed} of {len(found.cells)} applicable cells of {operators} operators executed, {found.share:.2%}."
    )


def _count(cell: tuple[int, int] | None) -> str:
    return f"{cell[0]}/{cell[1]}" if cell else ""
