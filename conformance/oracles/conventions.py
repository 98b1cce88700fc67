"""Where there is no derivative: the value that PyTorch documents, and the others of the Clarke subdifferential.

For an operator that works element by element that is an interval for each element; at a tie, elements or arguments share
the cotangent, and only what they come to is certain. A convention is checked against the one-sided derivatives of the
function; outside their hull it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from conformance.codec import numpy_dtype
from conformance.operators import find
from conformance.operators.sampling import Sampling
from conformance.oracles.balls import Derivative, rounded_to
from conformance.oracles.gathered import gathered
from conformance.oracles.nearby import nearby
from conformance.oracles.reading import Term
from conformance.oracles.reasons import NoTruth
from conformance.program import Program, Statement

DISTANCES = frozenset({"cdist", "dist", "nn.functional.pairwise_distance", "nn.functional.pdist"})
"""Norms of differences of rows."""
MINIMUM_NORM = DISTANCES | frozenset(
    "norm linalg.norm linalg.vector_norm std std_mean special.i0e masked.norm masked.std".split()
)
"""Operators that have a tip at their kinks, the same on all sides: of the subgradients PyTorch documents the one of minimum
norm (notes on autograd, gradients of functions that are not differentiable), which is in the middle.
"""


@dataclass(frozen=True)
class Documented:
    """The expected gradient at a kink, and the Clarke subdifferential around it, as `Expectation` has it."""

    value: np.ndarray
    between: tuple[np.ndarray, ...] = ()
    total: np.ndarray | None = None
    partner: str = ""


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
        value = rule.documented(truth) if truth.kinks.any() else truth.value.astype(np.float64)
        between = _between(value, truth, dtype) if truth.kinks.any() and rule.by_element else ()
        value = value if rule.is_near else _checked(value, truth)
        found[name] = Documented(rounded_to(value, numpy_dtype(dtype)), between)
    return _with_totals(found, truths, rule.shared)


@dataclass(frozen=True)
class _Rule:
    """What gives the documented derivative, and what its subdifferential is like."""

    documented: Callable[[Derivative], np.ndarray]
    by_element: bool = True  # each element may be anywhere between its one-sided derivatives
    shared: str = ""  # "arguments" or "row": what shares the cotangent at a tie
    is_near: bool = False  # a derivative close by, which one-sided ones along single elements need not enclose


def _with_totals(
    found: Mapping[str, Documented], truths: Mapping[str, Derivative], shared: str
) -> dict[str, Documented]:
    """What is shared at a tie comes to what the documented shares come to; a tangent is no share."""
    if not shared or any(truth.term.output for truth in truths.values()):
        return dict(found)
    if shared == "row":
        totals = {name: np.sum(known.value, axis=-1, dtype=np.float64) for name, known in found.items()}
        return {name: replace(known, total=totals[name]) for name, known in found.items()}
    (one, a), (other, b) = found.items()
    total = a.value.astype(np.float64) + b.value
    return {one: replace(a, total=total, partner=other), other: replace(b, total=total, partner=one)}


def _rule(program: Program, leaves: Mapping[str, np.ndarray]) -> _Rule:
    """What is documented of the program's operator."""
    for s in program.walk():
        sampling = find(s.name).sampling if s.do == "op" else None
        if sampling is None:
            continue
        if sampling.beside:
            return _Rule(partial(_close_by, nearby(program)), by_element=False, is_near=True)
        if s.name in DISTANCES and _ties_of_a_maximum(s):
            return _Rule(_evenly, by_element=False)
        if sampling.ties == "middle":
            return _Rule(_in_the_middle, shared="row")
        if sampling.ties == "gathered":
            return _Rule(partial(gathered, leaves, s))
        if s.name in MINIMUM_NORM and not _ties_of_a_maximum(s):
            # around the tip of a norm the elements bound each other
            return _Rule(_in_the_middle, by_element=sampling.pointwise)
        if sampling.kinks or sampling.ties:
            kinks = sampling.kinks(s.kw) if sampling.kinks else {}
            shared = "" if not sampling.ties else "arguments" if sampling.ties == "half" else "row"
            return _Rule(partial(_at_kinks, leaves, kinks, sampling), shared=shared)
    raise NoTruth("kink")


def _in_the_middle(truth: Derivative) -> np.ndarray:
    return np.where(truth.kinks, (truth.left + truth.right) / 2, truth.value).astype(np.float64)


def _close_by(around: Mapping[Term, Derivative], truth: Derivative) -> np.ndarray:
    """The one-sided derivative that the derivative close by comes to, else that derivative itself."""
    value, close = truth.value.astype(np.float64), around[truth.term]
    for i in map(tuple, np.argwhere(truth.kinks)):
        if close.kinks[i]:
            raise NoTruth("kink")
        sides = sorted((truth.left[i], truth.right[i]), key=lambda side: abs(side - close.value[i]))
        is_side = abs(sides[0] - close.value[i]) <= 1e-6 * max(1.0, abs(sides[0]))
        value[i] = sides[0] if is_side else close.value[i]
    return value


def _evenly(truth: Derivative) -> np.ndarray:
    """Of a norm of rows whose largest elements tie: of minimum norm are even shares, where a row has part in one result."""
    if truth.term.output and truth.value.size > 1:
        raise NoTruth("kink")
    if truth.term.output:
        return _in_the_middle(truth)
    count = np.maximum(truth.kinks.sum(axis=-1, keepdims=True), 1)
    return np.where(truth.kinks, (truth.left + truth.right) / count, truth.value).astype(np.float64)


def _ties_of_a_maximum(s: Statement) -> bool:
    """Whether it is a norm whose largest elements tie, where zero is no subgradient."""
    return any(isinstance(v, float) and np.isinf(v) for v in (s.kw.get("ord"), s.kw.get("p")))


def _at_kinks(
    leaves: Mapping[str, np.ndarray], kinks: Mapping[float, float], sampling: Sampling, truth: Derivative
) -> np.ndarray:
    if truth.term.output:
        return _pushed(leaves, kinks, sampling, truth)
    value = truth.value.astype(np.float64)
    x = leaves[truth.term.leaf]
    w = _cotangent(leaves, truth)
    for i in map(tuple, np.argwhere(truth.kinks)):
        if sampling.ties == "half":
            value[i] = (truth.left[i] + truth.right[i]) / 2
        elif sampling.ties:
            value[i] = (truth.left[i] + truth.right[i]) * _share(x, i, sampling.ties)
        elif w is not None and w.shape == x.shape and float(x[i]) in kinks:
            value[i] = float(w[i]) * kinks[float(x[i])]
        else:
            raise NoTruth("kink")
    return value


def _pushed(
    leaves: Mapping[str, np.ndarray], kinks: Mapping[float, float], sampling: Sampling, truth: Derivative
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
            is_largest = truth.right[i] > truth.left[i]  # what follows the greatest tangent
            tied = t[i][x[i] == (np.max(x[i]) if is_largest else np.min(x[i]))]
            value[i] = np.mean(tied) if sampling.ties.startswith("even") else tied[0]
        elif not sampling.ties and len(inputs) == 1 and x.shape == value.shape and float(x[i]) in kinks:
            value[i] = float(t[i]) * kinks[float(x[i])]
        else:
            raise NoTruth("kink")
    return value


def _share(x: np.ndarray, i: tuple[int, ...], ties: str) -> float:
    """What an element has of the slope that all elements of the last dimension that are equal to it share."""
    equal = np.flatnonzero(x[i[:-1]] == x[i])
    return 1 / len(equal) if ties.startswith("even") else float(i[-1] == equal[0])


def _cotangent(leaves: Mapping[str, np.ndarray], truth: Derivative) -> np.ndarray | None:
    """The cotangent, if it is a leaf and nothing lies between the leaf and the operator."""
    return leaves.get(truth.term.weights[0][1])


def _checked(value: np.ndarray, truth: Derivative) -> np.ndarray:
    """The convention, which must be within the hull of the one-sided derivatives."""
    low, high, jump = _hull(truth)
    slack = 1e-12 * np.maximum(1.0, np.maximum(np.abs(low), np.abs(high)))
    outside = truth.kinks & ~jump & ((value < low - slack) | (value > high + slack))
    if outside.any():
        raise NoTruth("kink", f"the recorded convention {value[outside][0]!r} is not between the one-sided derivatives")
    return value


def _hull(truth: Derivative) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The one-sided derivatives by size, and where the function jumps, so that it has none: only zero is documented there."""
    low, high = np.minimum(truth.left, truth.right), np.maximum(truth.left, truth.right)
    return low, high, np.maximum(np.abs(low), np.abs(high)) > 1e30


def _between(value: np.ndarray, truth: Derivative, dtype: str) -> tuple[np.ndarray, ...]:
    """The one-sided derivatives where there is a kink, rounded outwards by two units; the value where there is none."""
    low, high, jump = _hull(truth)
    if (jump & truth.kinks).any() or truth.value.dtype.kind == "c":
        return ()
    ends = []
    for end, way in ((low, -np.inf), (high, np.inf)):
        outer = np.nextafter(rounded_to(end, numpy_dtype(dtype)), numpy_dtype(dtype).type(way))
        outer = np.nextafter(outer, numpy_dtype(dtype).type(way))
        ends.append(np.where(truth.kinks, outer, rounded_to(value, numpy_dtype(dtype))))
    return tuple(ends)
