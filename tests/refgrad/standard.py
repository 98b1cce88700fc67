"""Which rows run on arrays of the array API standard: ``python tests/refgrad/standard.py`` prints the list.

Each row that has samples is run on `array_api_strict`, a namespace that refuses all that the standard does not promise,
on a device that its own arrays do not lie on by default: the value and the cotangent of every argument must be NumPy's,
and lie there. What needs a primitive that the standard lacks is named with it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from refgrad.backends import namespace
from refgrad.errors import NotInTheStandard
from refgrad.rules import Operator
from tests.refgrad.rows import Sample, rows, samples

RTOL, ATOL = 1e-9, 1e-12  # functions of two libraries on one CPU; a wrong derivative is wrong in the first digits
AT_LEAST = 0.6
UNDIFFERENTIABLE = frozenset({"triangle"})
"""Rows whose rules raise PyTorch's error, whatever the arrays."""


class Found(NamedTuple):
    """What became of a row: "runs", "lacks" what the standard has not, "unused" by any sample, or "differs"."""

    row: str
    outcome: str
    detail: str = ""


def backend(device: str = "device1") -> Any:
    """The backend of `array_api_strict` on one of its devices."""
    import array_api_strict

    from refgrad.backends import array_api

    array_api_strict.set_array_api_strict_flags(api_version="2024.12")
    return array_api.on(array_api_strict, array_api_strict.Device(device))


def found(xp: Any) -> Iterator[Found]:
    """What becomes of each row."""
    seen = samples()
    for name, op in sorted(rows().items()):
        yield _of_row(xp, op, seen.get(name, []))


def _of_row(xp: Any, op: Operator, uses: list[Sample]) -> Found:
    if not uses:
        return Found(op.name, "unused", "no sample uses it")
    for use in uses:
        try:
            _compare(xp, op, use)
        except NotInTheStandard as lack:
            return Found(op.name, "lacks", str(lack).partition(";")[0])
        except Exception as error:  # noqa: BLE001 - whatever it is, the row does not run
            return Found(op.name, "differs", f"{type(error).__name__}: {' '.join(str(error).split())[:140]}")
    return Found(op.name, "runs", f"{len(uses)} samples")


def _compare(xp: Any, op: Operator, use: Sample) -> None:
    """The value and the cotangents of one use, against NumPy's."""
    with np.errstate(all="ignore"):
        home = namespace()
        ours = tuple(xp.from_host(a) for a in use.args)
        try:
            y = op.kernel(home, *use.args, **use.attrs)
        except RuntimeError as refused:
            _refuses(lambda: op.kernel(xp, *ours, **use.attrs), refused)
            return
        there = op.kernel(xp, *ours, **use.attrs)
        _same(xp, there, y)
        if not op.differentiable or op.outputs != 1 or op.name in UNDIFFERENTIABLE:
            return
        y, there = home.asarray(y), xp.asarray(there)
        if y.dtype.kind not in "fc":
            return
        g = np.cos(np.arange(y.size, dtype=float)).reshape(y.shape).astype(y.dtype)
        for i, x in enumerate(use.args):
            if isinstance(x, np.ndarray) and x.dtype.kind in "fc" and op.is_pullable(i):
                _same(xp, op.pull(i, xp.from_host(g), there, ours, use.attrs), op.pull(i, g, y, use.args, use.attrs))


def _refuses(action: Callable[[], Any], expected: Exception) -> None:
    try:
        action()
    except type(expected):
        return
    raise AssertionError(f"NumPy's arrays raise {expected!r}, these do not")


def _same(xp: Any, ours: Any, theirs: Any) -> None:
    if isinstance(theirs, (tuple, list)):
        for a, b in zip(ours, theirs, strict=True):
            _same(xp, a, b)
        return
    ours = xp.asarray(ours)
    assert ours.data.device == xp.device, f"the result lies on {ours.data.device}"
    np.testing.assert_allclose(xp.to_host(ours), theirs, RTOL, ATOL)


def main() -> int:
    """Prints each row with its outcome, and the share; 0 if it is what was promised and no row differs."""
    outcomes = list(found(backend()))
    for one in outcomes:
        print(f"{one.row:24} {one.outcome:8} {one.detail}")  # noqa: T201 - the output of a command
    count = {kind: sum(o.outcome == kind for o in outcomes) for kind in ("runs", "lacks", "unused", "differs")}
    share = count["runs"] / len(outcomes)
    print(  # noqa: T201 - the output of a command
        f"standard: {count['runs']} of {len(outcomes)} rows ({share:.0%}, at least {AT_LEAST:.0%}) run on a device of "
        f"array_api_strict; {count['lacks']} need what the standard lacks, {count['unused']} have no sample, "
        f"{count['differs']} differ."
    )
    return int(share < AT_LEAST or count["differs"] > 0)


if __name__ == "__main__":
    sys.exit(main())
