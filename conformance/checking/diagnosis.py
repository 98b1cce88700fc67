"""What a wrong Jacobian looks like beside the right one: a factor, a sign, a transpose, a missing term. Guesses, said so.

Frozen cases have one product with the Jacobian instead; what is said of these is in `conformance.diagnosis`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from conformance.diagnosis.likeness import fraction, is_low_rank


@dataclass(frozen=True)
class Block:
    """Part of a Jacobian by the backward pass and by differences; `x` holds the inputs of its columns."""

    analytic: np.ndarray
    numeric: np.ndarray
    tolerance: np.ndarray
    x: np.ndarray
    whole: bool

    @property
    def wrong(self) -> np.ndarray:
        limit = self.tolerance + 1e-12 * np.abs(self.numeric)
        return ~(np.abs(self.analytic - self.numeric) <= limit)

    def agrees(self, other: np.ndarray, share: float = 1e-6) -> bool:
        """Whether the backward pass has these numbers."""
        return bool(
            np.all(np.abs(self.analytic - other) <= self.tolerance + share * np.abs(self.numeric).max(initial=0.0))
        )


def diagnose(block: Block, *, linear: bool) -> str:
    """The first guess that fits, or nothing.

    >>> right, zero = np.diag([1.0, 2.0, 3.0]), np.zeros((3, 3))
    >>> diagnose(Block(-right, right, zero, np.ones(3), whole=True), linear=True)
    'the sign is flipped'
    """
    if not linear and not block.wrong.any():
        return "single entries are right: the rule is wrong for other cotangents (negative, joint, or large ones)"
    for guess in _GUESSES:
        if said := guess(block):
            return said
    return ""


def _nan(b: Block) -> str:
    return (
        "the backward pass gives NaN or infinity where the derivative is finite"
        if not np.isfinite(b.analytic).all()
        else ""
    )


def _missing(b: Block) -> str:
    return (
        "the backward pass gives zero: a path is detached or a term is missing"
        if not b.analytic[b.wrong].any() and _mostly(b)
        else ""
    )


def _mostly(b: Block) -> bool:
    """Whether most entries that are not zero are wrong."""
    matter = np.abs(b.numeric) > b.tolerance + 1e-12 * np.abs(b.numeric).max(initial=0.0)
    return bool(np.count_nonzero(b.wrong & matter) > 0.5 * np.count_nonzero(matter))


def _factor(b: Block) -> str:
    square = (b.numeric * b.numeric).sum()
    if not square or not _mostly(b):
        return ""
    c = float((b.analytic * b.numeric).sum() / square)
    if not b.agrees(c * b.numeric) or abs(c) < 1e-9:
        return ""
    if abs(c + 1) < 1e-6:
        return "the sign is flipped"
    return f"a constant factor of {fraction(c)}"


def _transposed(b: Block) -> str:
    square = b.whole and b.analytic.shape[0] == b.analytic.shape[1]
    return "the Jacobian is transposed" if square and b.agrees(b.numeric.T) else ""


def _one_entry(b: Block) -> str:
    if np.count_nonzero(b.wrong) != 1 or np.count_nonzero(b.numeric) < 3:
        return ""
    i, j = (int(k[0]) for k in np.nonzero(b.wrong))
    known = b.numeric[i, j]
    relative = f", by a relative {abs(b.analytic[i, j] / known - 1):.2g}" if known else ""
    return f"one entry of the {b.wrong.size} around it is wrong{relative}"


def _region(b: Block) -> str:
    """Whether the wrong columns are those of inputs of one kind."""
    columns = b.wrong.any(axis=0)
    if columns.all() or not columns.any() or len(columns) < 4:
        return ""
    kinds: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "negative": lambda x: x < 0, "positive": lambda x: x > 0, "zero": lambda x: x == 0,
        "larger than 1 in magnitude": lambda x: np.abs(x) > 1, "smaller than 1 in magnitude": lambda x: np.abs(x) < 1,
    }  # fmt: skip
    for kind, holds in kinds.items():
        if np.array_equal(holds(b.x), columns):
            return f"only inputs that are {kind} go wrong"
    return ""


def _cross_terms(b: Block) -> str:
    if b.analytic.shape[0] != b.analytic.shape[1] or not b.whole:
        return ""
    off = ~np.eye(len(b.analytic), dtype=bool)
    if b.wrong[off].any() and not b.analytic[off].any():
        return "entries off the diagonal are missing: how each output depends on the other inputs"
    return ""


def _missing_term(b: Block) -> str:
    """The difference is the same in every row, or in every column: a term of a sum or a mean was dropped."""
    residual = b.numeric - b.analytic
    largest = np.abs(residual).max(initial=0.0)
    if not largest or min(residual.shape) < 2:
        return ""
    if np.abs(residual - residual.mean(axis=1, keepdims=True)).max() < 1e-6 * largest:
        return "a term is missing that is the same for all inputs of an output, such as that of a mean or a normaliser"
    rank_one = is_low_rank(residual)
    return "a term of rank one is missing, such as that of a sum, a mean or a normaliser" if rank_one else ""


_GUESSES = (_nan, _factor, _missing, _transposed, _one_entry, _region, _cross_terms, _missing_term)
