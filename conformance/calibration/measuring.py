"""One drawn case: truth and tolerance on the spot, and how each engine stands to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from conformance.calibration.drawing import Draw, case_of, program_of
from conformance.codec import decode_array
from conformance.compare import Expectation
from conformance.engines.base import Engine
from conformance.errors import UsageError
from conformance.judging import judge_case
from conformance.oracles.judged import judged
from conformance.oracles.reasons import NoTruth
from conformance.printing import case_code
from conformance.record import Record

ENGINES = ("refgrad", "torch")


@dataclass(frozen=True)
class Measured:
    """What one engine made of one case: its record, the worst error in units of R, and as a share of the tolerance."""

    record: Record
    ratio: float
    share: float


@dataclass(frozen=True)
class Outcome:
    """What became of one draw: measured on each engine, or undecided, and why."""

    id: str
    operator: str
    group: str
    chapter: str
    undecided: str = ""
    measured: Mapping[str, Measured] = field(default_factory=dict)
    code: str = ""  # the program as PyTorch code, where an engine fails it


def measure(draw: Draw, engines: Sequence[str] = ENGINES) -> Outcome:
    """Draws the case, computes its truth, and judges every engine by it; in this process."""
    v = draw.variation
    about = {"id": draw.id, "operator": v.spec.name, "group": v.group, "chapter": v.spec.chapter}
    program = program_of(draw, engine_of(engines[-1]))
    try:
        found = judged(program, draw.dtype, v.group)
    except NoTruth as none:
        return Outcome(**about, undecided=none.reason)
    case = case_of(draw, program, found.expectations)
    measured = {}
    for name in engines:
        reply = engine_of(name).run(program)
        record = judge_case(case, reply)
        measured[name] = Measured(record, *_distances(found.expectations, reply))
    wrong = any(m.record.status not in ("pass", "permitted") for m in measured.values())
    return Outcome(**about, measured=measured, code=case_code(case) if wrong else "")


@cache
def engine_of(name: str) -> Engine:
    """An engine in this process, since a calibration asks those that are known to survive it."""
    if name == "refgrad":
        from conformance.engines.refgrad import RefgradEngine

        return RefgradEngine()
    if name == "torch":
        from conformance.engines.torch import TorchEngine

        return TorchEngine()
    raise UsageError(f"no engine {name!r} to calibrate with; there are {', '.join(ENGINES)}")


def _distances(expectations: Sequence[Expectation], reply: Mapping[str, Any]) -> tuple[float, float]:
    """The worst error of a reply in units of R, where R is at least a unit in the last place, and of the tolerance."""
    observations = reply.get("observations", {})
    pairs = [(0.0, 0.0)]
    for e in expectations:
        if e.tolerance is None or "array" not in observations.get(e.read, {}):
            continue
        got = decode_array(observations[e.read]["array"])
        if got.shape == e.value.shape and got.dtype == e.value.dtype:
            pairs.append(_distance(e.value, got, e.tolerance))
    return max(p[0] for p in pairs), max(p[1] for p in pairs)


def _distance(truth: np.ndarray, got: np.ndarray, tolerance: np.ndarray) -> tuple[float, float]:
    if truth.dtype.kind == "c":
        parts = (_distance(t, g, tolerance) for t, g in ((truth.real, got.real), (truth.imag, got.imag)))
        ratios, shares = zip(*parts, strict=True)
        return max(ratios), max(shares)
    with np.errstate(all="ignore"):
        error = np.abs(got.astype(float) - truth)
        ulp = np.spacing(np.abs(truth)).astype(float)
        radius = (tolerance - ulp) / 2
        ratio = np.where((radius >= ulp) & np.isfinite(error), error / radius, 0.0)
        share = np.where((tolerance > 0) & np.isfinite(error), error / tolerance, 0.0)
    return float(np.max(ratio, initial=0.0)), float(np.max(share, initial=0.0))
