"""Why a case has no truth or no usable tolerance. Such cases are listed and counted, never dropped."""

from __future__ import annotations

from typing import Any

REASONS = {
    "kink": "one-sided derivatives differ, and no documented convention is recorded",
    "domain": "the function is not finite here, or only on one side",
    "overlap": "a comparison stays undecided at the highest precision",
    "branch": "a comparison is undecided at working precision, so that engines may take either branch",
    "convergence": "two step sizes do not agree at the highest precision",
    "limit": "an operand is infinite or NaN, and no limit is recorded",
    "no-balls": "the function is not available in ball arithmetic",
    "unbounded": "the error bound of the reverse pass is not finite",
    "wide": "the tolerance exceeds 1e-6 (float64) or 1e-3 (float32) of the largest entry, by the second bound too",
    "loose": "the tolerance exceeds 1e-3 of the largest entry, by the second bound too",
}


class NoTruth(Exception):
    """A case that the oracle cannot decide: a reason of `REASONS`, with what is known beside it."""

    def __init__(self, reason: str, detail: str = "", known: Any = None) -> None:
        super().__init__(f"{reason}: {detail or REASONS[reason]}")
        self.reason = reason
        self.known = known
