"""Where there is no derivative: the value that PyTorch documents, and the others of the Clarke subdifferential.

A convention is checked against the one-sided derivatives of the function; outside their hull it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.codec import numpy_dtype
from conformance.operators import find
from conformance.operators.sampling import Sampling
from conformance.oracles.balls import Derivative, rounded_to
from conformance.oracles.reasons import NoTruth
from conformance.program import Program, Statement

MINIMUM_NORM = frozenset(
    {"norm", "linalg.norm", "linalg.vector_norm", "std", "std_mean", "special.i0e", "nn.functional.pairwise_distance"}
)
"""Operators that have a tip at their kinks, the same on all sides: of the subgradients PyTorch documents the one of minimum
norm (notes on autograd, gradients of functions that are not differentiable), which is in the middle.
"""


@dataclass(frozen=True)
class Documented:
    """The expected gradient at a kink, and what else is permitted."""

    value: np.ndarray
    permitted: tuple[np.ndarray, ...]


def documented(program: Program, dtype: str, truths: Mapping[str, Derivative]) -> dict[str, Documented]:
    """The documented derivatives of a program of one operator at a kink or a tie, by the names that the truths have.

    Of orders above 1 nothing is documented at a kink.
    """
    if any(d.term.order > 1 and d.kinks.any() for d in truths.values()):
        raise NoTruth("kink")
    leaves = {s.out[0]: s.args[0] for s in program.statements if s.do == "leaf"}
    rule = _rule(program, leaves)
    found = {}
    for name, truth in truths.items():
        value = rule(truth) if truth.kinks.any() else truth.value.astype(np.float64)
        found[name] = _checked(value, truth, dtype)
    return found


def _rule(program: Program, leaves: Mapping[str, np.ndarray]) -> Callable[[Derivative], np.ndarray]:
    """What gives the documented derivative of the program's operator."""
    for s in program.walk():
        if s.do == "op" and s.name in MINIMUM_NORM and not _ties_of_a_maximum(s):
            return lambda truth: np.where(truth.kinks, (truth.left + truth.right) / 2, truth.value).astype(np.float64)
        sampling = _sampling(s) if s.do == "op" else None
        if sampling is not None:
            kinks = sampling.kinks(s.kw) if sampling.kinks else {}
            return lambda truth, kinks=kinks, sampling=sampling: _at_kinks(leaves, truth, kinks, sampling)
    raise NoTruth("kink")


def _ties_of_a_maximum(s: Statement) -> bool:
    """Whether it is a norm whose largest elements tie, where zero is no subgradient."""
    return any(isinstance(v, float) and np.isinf(v) for v in (s.kw.get("ord"), s.kw.get("p")))


def _sampling(s: Statement) -> Sampling | None:
    sampling = find(s.name).sampling
    return sampling if sampling is not None and (sampling.kinks or sampling.ties) else None


def _at_kinks(
    leaves: Mapping[str, np.ndarray], truth: Derivative, kinks: Mapping[float, float], sampling: Sampling
) -> np.ndarray:
    if truth.term.output:
        return _pushed(leaves, truth, kinks, sampling)
    value = truth.value.astype(np.float64)
    x = leaves[truth.term.leaf]
    w = _cotangent(leaves, truth)
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


def _pushed(
    leaves: Mapping[str, np.ndarray], truth: Derivative, kinks: Mapping[float, float], sampling: Sampling
) -> np.ndarray:
    """The tangent at kinks: the documented slope times the tangent; at ties the mean of what ties."""
    value = truth.value.astype(np.float64)
    (direction,) = truth.term.along
    inputs = [(leaves[leaf], leaves[tangent]) for leaf, tangent in direction]
    x, t = inputs[0]
    for i in map(tuple, np.argwhere(truth.kinks)):
        if sampling.ties == "half":
            value[i] = (truth.left[i] + truth.right[i]) / 2  # of two tangents, one is the greater and one the less
        elif sampling.ties and x.shape[:-1] == value.shape:
            value[i] = np.mean(t[i][x[i] == (np.max(x[i]) if sampling.ties == "even-max" else np.min(x[i]))])
        elif not sampling.ties and len(inputs) == 1 and x.shape == value.shape and float(x[i]) in kinks:
            value[i] = float(t[i]) * kinks[float(x[i])]
        else:
            raise NoTruth("kink")
    return value


def _tied(x: np.ndarray, i: tuple[int, ...], _ties: str) -> int:
    """How many elements of the last dimension are equal to this one: the slope of one of them is shared evenly."""
    return int(np.sum(x[i[:-1]] == x[i]))


def _cotangent(leaves: Mapping[str, np.ndarray], truth: Derivative) -> np.ndarray | None:
    """The cotangent, if it is a leaf and nothing lies between the leaf and the operator."""
    return leaves.get(truth.term.weights[0][1])


def _checked(value: np.ndarray, truth: Derivative, dtype: str) -> Documented:
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
