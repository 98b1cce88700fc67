"""What a program in float16 or bfloat16 must show: the ladder of every dtype, and a narrower bound within its tolerance.

PyTorch documents for 16 bits neither that an operator rounds once nor how often: a kernel of its own computes in float32 and
rounds its result, a function made of several kernels rounds between them, and which is which changes with the version and the
device. So two bounds are computed, and none is tuned. The tolerance is that of the other dtypes, 2 R + 1 ulp with R at 11 or 8
bits: every result of the textbook formula rounded. Rounding once, 2 R at 24 bits + 1 ulp, is the second bound; what fails by that
alone is inaccurate: a grade, not a failure. Wide is a tolerance above a quarter of the largest entry.

Measured over the 21,201 copies of values, gradients and tangents that have a truth, on the CPU: of the answers of PyTorch 2.13,
91.8 % in float16 and 94.1 % in bfloat16 are within the second bound, of refgrad's 95.9 % and 97.2 %. As a tolerance it would fail
202 answers of PyTorch, and call 1,296 inaccurate. Within the tolerance is everything but 17 answers of PyTorch, each of a known
cause: cancellation (softsign, tanhshrink, ndtr), a norm that is clamped too late (cosine_similarity), an exponential that overflows
on the way (soft_margin_loss), and tiny numbers that the vectorised erf of bfloat16 loses. Of the 22,262 copies 3.9 % are wide and
so undecided, mostly softmax, normalisations and attention in bfloat16, where eight bits leave no digit of a difference.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from conformance.compare import Expectation
from conformance.oracles.judged import Judged, judged
from conformance.oracles.reasons import NoTruth
from conformance.oracles.tolerance import radii, tolerance
from conformance.program import Program

KERNEL = "float32"
"""What kernels compute in before they round to 16 bits."""


def judged_in_half(program: Program, dtype: str, group: str) -> Judged:
    """As `judged`, of a program in float16 or bfloat16; raises `NoTruth` with a reason."""
    try:
        found = judged(program, dtype, group)
    except NoTruth as none:
        if none.reason in ("wide", "loose"):
            raise NoTruth("loose", "the tolerance exceeds a quarter of the largest entry") from none
        raise
    once = _rounded_once(program)
    return replace(found, expectations=tuple(_with_second(e, once.get(e.read), dtype) for e in found.expectations))


def _rounded_once(program: Program) -> dict[str, np.ndarray]:
    """The radii of a computation in float32 throughout; none where a special value or a decision leaves them open."""
    try:
        return radii(program, KERNEL, any_branch=True)
    except NoTruth:
        return {}


def _with_second(e: Expectation, radius: np.ndarray | None, dtype: str) -> Expectation:
    """The expectation with the bound of one rounding where that is narrower than what it has."""
    if e.tolerance is None or radius is None or not np.all(np.isfinite(radius)):
        return e
    known = e.tolerance if e.second is None else e.second
    narrower = np.minimum(known, tolerance(e.value, radius, dtype))
    return replace(e, second=narrower) if np.any(narrower < known) else e
