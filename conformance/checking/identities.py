"""Identities of a pull-back that need no truth: one run against another, free of the noise of differences.

A difference counts only if it is above rounding and seen above the tolerance along one of the directions: both runs of an
ill-conditioned rule are noise, and noise is not a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.checking import rounding
from conformance.checking.judging import Comparison, Slopes, compare
from conformance.checking.outcome import Finding, GradientMismatch, Inconclusive
from conformance.checking.subject import Run, Subject

if TYPE_CHECKING:
    from conformance.checking.projected import Projection

FIRST, SECOND = -3.0, 7.0  # signed, of different size: |g|, clamping, squaring and ignoring the cotangent all break it


def check_repeatable(subject: Subject, y: np.ndarray, again: np.ndarray, seed: int) -> None:
    """Two runs give one value, whatever the memory layout of the inputs."""
    if close(y, again, subject.roundoff):
        return
    if not close(y, subject.values(subject.run()), subject.roundoff):
        raise Inconclusive(
            "two runs at the same inputs give different values; fix the randomness, or use eval()", seed=seed
        )
    i = int(np.argmax(np.abs(y - again)))
    one, other = float(y[i]), float(again[i])
    finding = Finding("the value for contiguous and for non-contiguous inputs", one, other, abs(one - other), 0.0)
    raise GradientMismatch(
        "the value depends on the memory layout of the inputs", finding, seed=seed,
        diagnosis="strides are ignored in the forward pass",
    )  # fmt: skip


def check_sampling(subject: Subject, y: np.ndarray, take: Callable[[], Slopes], seed: int) -> Slopes:
    """The slopes, taken one by one where batched evaluation gives other values than the function itself."""
    s = take()
    if subject.batched and not close(y, s.y, max(subject.roundoff, subject.noise)):
        subject.batched = False
        s = take()
    if not close(y, s.y, max(subject.roundoff, subject.noise)):
        raise Inconclusive(
            "the value without a graph differs from the value with one; is the function random, or does it look at "
            "requires_grad?", seed=seed,
        )  # fmt: skip
    return s


def close(a: np.ndarray, b: np.ndarray, roundoff: float) -> bool:
    """Whether two evaluations are one value, up to another order of its operations."""
    if a.shape != b.shape:
        return False
    return bool((a == b).all()) or bool(np.abs(a - b).max() <= 2.0**20 * roundoff * np.abs(a).max())


def check_linear(p: Projection, c: Comparison) -> None:
    """The pull-back is linear in its cotangent. Its projections show that too: this says so where one of them is wrong."""
    a, b = p.w[:2]
    pulled, other, joint = (p.subject.pull(p.subject.run(), w) for w in (a, b, FIRST * a + SECOND * b))
    expected = FIRST * pulled + SECOND * other
    if not np.isfinite(joint).all() or not _visible(p, c, joint - expected, expected):
        return
    hint = "the rule is not linear in its cotangent: squared, clamped, or ignored"
    if _differs(p.subject.pull(p.subject.run(), -a), -pulled):
        hint = "the cotangent enters through |g|, a clamp or a comparison: negative ones go wrong"
    raise _contradiction(p, "pull(-3a + 7b) is not -3 pull(a) + 7 pull(b)", joint, expected, hint)


def check_unmodified(p: Projection, given: Sequence[Any]) -> None:
    """The first cotangent is what it was before the backward pass saw it."""
    left = p.subject.flat(given)
    kept = p.w[0] if p.subject.roundoff == 2.0**-53 else p.subject.flat(p.subject.cotangents(p.w[0], p.runs[0].outputs))
    if not (left == kept).all():
        raise _contradiction(p, "the backward pass modifies the cotangent that it is given", left, kept,
                             "an in-place operation on grad_output; work on a copy")  # fmt: skip


def subsets(subject: Subject) -> list[list[int]]:
    """Two ways to require only some gradients, with each input constant once and active once; none for a single input."""
    filled = [k for k, s in enumerate(subject.slices) if s.stop > s.start]
    return [filled[::2], filled[1::2]] if len(filled) > 1 and subject.activity else []


def check_subsets(p: Projection, pulled: np.ndarray, c: Comparison) -> None:
    """The gradient of an input does not depend on which other inputs require one."""
    subject = p.subject
    if not len(pulled) or np.array_equal(pulled.sum(axis=0), p.g[0]):
        return
    for active, g in zip(subsets(subject), pulled, strict=True):
        kept = np.zeros(subject.n)
        for k in active:
            kept[subject.slices[k]] = p.g[0][subject.slices[k]]
        if np.array_equal(g, kept) or not _visible(p, c, g - kept, kept):
            continue
        k = next(k for k in active if _differs(g[subject.slices[k]], kept[subject.slices[k]]))
        others = ", ".join(name for j, name in enumerate(subject.names) if j not in active)
        raise _contradiction(
            p, f"the gradient of {subject.names[k]} changes when {others} does not require one",
            g[subject.slices[k]], kept[subject.slices[k]], "needs_input_grad is read at the wrong position, or results are shared",
        )  # fmt: skip


def aliased_runs(subject: Subject) -> tuple[Run, ...]:
    """f(x, x) with two equal tensors, and with one tensor twice; nothing without such a pair, or outside the domain."""
    pair = twins(subject) if subject.aliasing else None
    if pair is None:
        return ()
    x = subject.x0.copy()
    x[subject.slices[pair[1]]] = x[subject.slices[pair[0]]]
    try:
        apart = subject.run(x=x)
        together = subject.run(x=x, shared=pair)
    except Exception:  # noqa: BLE001 - such inputs may be outside the function's domain, which is no fault
        return ()
    return (apart, together) if np.isfinite(subject.values(apart)).all() else ()


def check_aliasing(p: Projection, twice: np.ndarray) -> None:
    """f(x, x) has the sum of the gradients of f(x, y) at y = x."""
    if not len(twice):
        return
    subject, (g, h) = p.subject, twice
    first, second = twins(subject) or (0, 0)
    a, b = subject.slices[first], subject.slices[second]
    expected = g[a] + g[b]
    if np.isfinite(expected).all() and _differs(h[a], expected):
        names = f"{subject.names[first]} and {subject.names[second]}"
        raise _contradiction(
            p, f"with one tensor as {names}, the gradient is not the sum of both", h[a], expected,
            "a gradient is assigned where it should be accumulated",
        )  # fmt: skip


def twins(subject: Subject) -> tuple[int, int] | None:
    """The first two inputs of one shape, or None."""
    kinds = [*zip(subject.shapes, subject.dtypes, subject.slices, strict=True)]
    for j, (shape, dtype, where) in enumerate(kinds):
        for k in range(j if where.stop > where.start else 0):
            if kinds[k][:2] == (shape, dtype):
                return k, j
    return None


def check_forward_mode(p: Projection) -> None:
    """⟨w, push(v)⟩ = ⟨pull(w), v⟩ to rounding, where the function has a forward mode."""
    subject = p.subject
    try:
        pushed = subject.push(p.v[0])
    except Exception as error:  # noqa: BLE001 - no forward mode, or none for one of the operators
        p.notes.append(f"no forward mode to compare with: {str(error).splitlines()[0][:80]}")
        return
    s = p.slopes
    c = compare(subject, p.g[:1], p.w[:1], p.v[:1], Slopes(s.y, pushed[None], np.zeros((1, subject.m)), s.kink))
    if c.wrong.any() and not (c.error <= c.tolerance + 20 * rounding.of_projections(p)[:1, :1]).all():
        raise GradientMismatch(
            "forward and reverse mode disagree, and differences do not tell which is wrong",
            c.finding((0, 0), "⟨pull(w), v⟩ and ⟨w, push(v)⟩"), seed=p.seed, order=p.order,
            diagnosis="one of the two rules has an error below the noise of differences",
        )  # fmt: skip


def _differs(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two gradients differ by more than rounding can explain."""
    if np.array_equal(a, b):
        return False
    largest = max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0))
    return not np.abs(a - b).max(initial=0.0) <= 1e-7 * largest


def _visible(p: Projection, c: Comparison, residual: np.ndarray, reference: np.ndarray) -> bool:
    if not residual.any():
        return False
    roundoff = p.subject.roundoff
    if np.abs(residual).max() <= max(1e-9, 2.0**10 * roundoff) * np.abs(reference).max(initial=0.0):
        return False
    if np.abs(residual).max() <= 64 * roundoff * np.abs(p.w).max():  # zero but for rounding
        return False
    return not (np.abs(p.v @ residual) <= c.tolerance * (abs(FIRST) + abs(SECOND))).all()


def _contradiction(
    p: Projection, summary: str, got: np.ndarray, expected: np.ndarray, diagnosis: str
) -> GradientMismatch:
    got, expected = np.ravel(got), np.ravel(expected)
    i = int(np.argmax(np.abs(got - expected))) if got.shape == expected.shape and len(got) else 0
    finding = Finding(
        f"element {i} of both sides", float(got[i]), float(expected[i]), float(abs(got[i] - expected[i])), 0.0
    )
    return GradientMismatch(summary, finding, diagnosis=diagnosis, seed=p.seed, order=p.order)
