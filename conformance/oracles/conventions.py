"""Where there is no derivative: the value that PyTorch documents, and the others of the Clarke subdifferential.

A convention is checked against the one-sided derivatives of the function; outside their hull it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.codec import numpy_dtype
from conformance.operators import find
from conformance.operators.sampling import Sampling
from conformance.oracles.balls import Gradient, rounded_to
from conformance.oracles.reasons import NoTruth
from conformance.program import Program, Statement


@dataclass(frozen=True)
class Documented:
    """The expected gradient at a kink, and what else is permitted."""

    value: np.ndarray
    permitted: tuple[np.ndarray, ...]


def documented(program: Program, dtype: str, truths: Mapping[str, Gradient]) -> dict[str, Documented]:
    """The documented gradient of a program of one operator at a kink or a tie, by the name of the leaf."""
    statement = next((s for s in program.statements if s.do == "op" and _sampling(s) is not None), None)
    if statement is None:
        raise NoTruth("kink")
    sampling = _sampling(statement)
    kinks = sampling.kinks(statement.kw) if sampling.kinks else {}
    leaves = {s.out[0]: s.args[0] for s in program.statements if s.do == "leaf"}
    found = {}
    for name, truth in truths.items():
        value = truth.value.astype(np.float64)
        if truth.kinks.any():
            value = _at_kinks(program, leaves[name], truth, kinks, sampling)
        found[name] = _checked(value, truth, dtype)
    return found


def _sampling(s: Statement) -> Sampling | None:
    sampling = find(s.name).sampling
    return sampling if sampling is not None and (sampling.kinks or sampling.ties) else None


def _at_kinks(
    program: Program, x: np.ndarray, truth: Gradient, kinks: Mapping[float, float], sampling: Sampling
) -> np.ndarray:
    value = truth.value.astype(np.float64)
    w = _cotangent(program)
    for i in map(tuple, np.argwhere(truth.kinks)):
        if sampling.ties == "half":
            value[i] = (truth.left[i] + truth.right[i]) / 2
        elif sampling.ties:
            value[i] = (truth.left[i] + truth.right[i]) / _tied(x, i, sampling.ties)
        elif w is not None and w.shape == x.shape and float(x[i]) in kinks:
            value[i] = float(w[i]) * kinks[float(x[i])]
        else:
            raise NoTruth("kink")
    return value


def _tied(x: np.ndarray, i: tuple[int, ...], _ties: str) -> int:
    """How many elements of the last dimension are equal to this one: the slope of one of them is shared evenly."""
    return int(np.sum(x[i[:-1]] == x[i]))


def _cotangent(program: Program) -> np.ndarray | None:
    """The cotangent, if it is a leaf and nothing lies between the leaf and the operator."""
    grad = next(s for s in program.statements if s.do == "grad")
    weights = grad.kw.get("grad_outputs")
    leaves = {s.out[0]: s.args[0] for s in program.statements if s.do == "leaf"}
    return leaves.get(getattr(weights, "name", None))


def _checked(value: np.ndarray, truth: Gradient, dtype: str) -> Documented:
    """The convention within the hull of the one-sided derivatives; the ends and the middle of the hull are permitted."""
    low, high = np.minimum(truth.left, truth.right), np.maximum(truth.left, truth.right)
    jump = (
        np.maximum(np.abs(low), np.abs(high)) > 1e30
    )  # a function that jumps has no one-sided derivatives: only zero is documented
    slack = 1e-12 * np.maximum(1.0, np.maximum(np.abs(low), np.abs(high)))
    outside = truth.kinks & ~jump & ((value < low - slack) | (value > high + slack))
    if outside.any():
        raise NoTruth("kink", f"the recorded convention {value[outside][0]!r} is not between the one-sided derivatives")
    others: list[Any] = []
    if truth.kinks.any() and not (jump & truth.kinks).any():
        candidates = (truth.left, truth.right, (truth.left + truth.right) / 2)
        others = [np.where(truth.kinks, side, value) for side in candidates]
    return Documented(rounded_to(value, numpy_dtype(dtype)), tuple(rounded_to(o, numpy_dtype(dtype)) for o in others))
