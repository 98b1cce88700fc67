"""What a program of one operator must show: truth, tolerance and permitted alternatives, or the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conformance.compare import Expectation
from conformance.oracles import balls
from conformance.oracles.conventions import documented
from conformance.oracles.reasons import NoTruth
from conformance.oracles.tolerance import is_loose, is_wide, radii, tolerance
from conformance.program import Program


@dataclass(frozen=True)
class Judged:
    """The expectations of a case and the rung that gave its truth."""

    expectations: tuple[Expectation, ...]
    rung: str


def judged(program: Program, dtype: str, group: str) -> Judged:
    """The expectations of every read of the program; raises `NoTruth` with a reason."""
    if group == "value":
        truths = balls.values(program)
        rung, permitted = "balls", {}
    else:
        truths, permitted, rung = _gradients(program, dtype)
    radius = radii(program, dtype)
    return Judged(tuple(_expectation(r, t, radius, dtype, permitted.get(r, ())) for r, t in truths.items()), rung)


def _gradients(program: Program, dtype: str) -> tuple[dict[str, np.ndarray], dict[str, tuple[np.ndarray, ...]], str]:
    found = balls.gradients(program)
    grad = next(s for s in program.statements if s.do == "grad")
    reads = {s.args[0].name: s.out[0] for s in program.statements if s.do == "read"}
    leaves = [r.name for r in (grad.args[1] if isinstance(grad.args[1], tuple) else (grad.args[1],))]
    read_of = {leaf: reads[out] for leaf, out in zip(leaves, grad.out, strict=True)}
    if any(g.kinks.any() for g in found.values()):
        at_kinks = documented(program, dtype, found)
        truths = {read_of[leaf]: d.value for leaf, d in at_kinks.items()}
        return truths, {read_of[leaf]: d.permitted for leaf, d in at_kinks.items()}, "convention"
    bits = max((g.bits for g in found.values()), default=0)
    return {read_of[leaf]: g.value for leaf, g in found.items()}, {}, f"balls at {bits} bits"


def _expectation(
    read: str, truth: np.ndarray, radius: dict[str, np.ndarray], dtype: str, permitted: tuple[np.ndarray, ...]
) -> Expectation:
    if truth.dtype.kind not in "fc":
        return Expectation(read, "array", truth)
    r = radius[read]
    if not np.all(np.isfinite(r) | np.isinf(truth)):
        raise NoTruth("unbounded")
    limit = tolerance(truth, np.where(np.isfinite(r), r, 0.0), dtype)
    if is_loose(truth, limit, dtype):
        raise NoTruth("loose")
    if is_wide(truth, limit, dtype):
        raise NoTruth("wide")
    return Expectation(read, "array", truth, limit, permitted)
