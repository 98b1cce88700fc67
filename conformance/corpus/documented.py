"""Frozen tolerances for catalogue programs: their values are documented ones, how far off an engine may be is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from conformance.cases import Case
from conformance.compare import Expectation


def needs_tolerance(case: Case) -> bool:
    """Whether the case expects values that floating point only comes close to."""
    return case.program is not None and any(e.kind == "array" and e.inexact for e in case.expectations)


def tolerance_line(case: Case) -> dict[str, Any]:
    """The tolerance of every inexact read of a case, as a line of the corpus; or the reason why there is none."""
    import flint

    from conformance.corpus.loader import encode_tolerance
    from conformance.oracles.reasons import NoTruth
    from conformance.oracles.tolerance import is_loose, tolerance, tolerances_of_program

    flint.ctx.cleanup()  # as for every truth: see `build.truth_of`
    line: dict[str, Any] = {"digest": case.program.digest, "dtype": case.dtype}
    try:
        radius = tolerances_of_program(case.program, case.dtype)
    except NoTruth as none:
        return line | {"undecided": none.reason, "detail": str(none)}
    found = {}
    for e in case.expectations:
        if e.kind != "array" or not e.inexact or e.read not in radius:
            continue
        limit = tolerance(e.value, radius[e.read] / 2, e.value.dtype.name)
        if np.all(np.isfinite(limit)) and not is_loose(e.value, limit, e.value.dtype.name):
            found[e.read] = encode_tolerance(limit)
    return line | {"tolerances": found}


def with_tolerances(cases: Iterable[Case], frozen: Mapping[str, Mapping[str, np.ndarray]]) -> list[Case]:
    """The cases, each inexact expectation with its frozen tolerance where there is one."""
    return [_with(case, frozen.get(case.program.digest, {})) if needs_tolerance(case) else case for case in cases]


def _with(case: Case, tolerances: Mapping[str, np.ndarray]) -> Case:
    return replace(case, expectations=tuple(_bounded(e, tolerances.get(e.read)) for e in case.expectations))


def _bounded(e: Expectation, limit: np.ndarray | None) -> Expectation:
    return replace(e, tolerance=limit) if limit is not None and e.inexact and limit.shape == e.value.shape else e
