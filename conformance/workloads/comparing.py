"""Two steps of the same workload: how far apart they are, and what is wrong with one by itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from conformance.workloads.model import Workload
from conformance.workloads.training import Step

FLOAT64 = 1e-9
"""In float64, how far a tensor may be from the witness's, as a part of its largest element."""
FLOAT32 = 4
"""In float32, how many times the witness's own distance from its float64 result."""
ROUNDINGS = 2.0**-23
"""What is always allowed in float32: two roundings of the largest element."""


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference, as a part of b's largest element.

    >>> distance(np.array([1.0, 4.0]), np.array([2.0, 4.0]))
    0.25
    """
    if a.shape != b.shape or not np.isfinite(a).all():
        return np.inf
    scale = float(np.abs(b).max(initial=0.0))
    furthest = float(np.abs(a.astype(np.float64) - b).max(initial=0.0))
    return furthest / scale if scale else furthest


def distances(step: Step, truth: Step) -> dict[str, float]:
    """The distance of each parameter."""
    return {k: distance(v, truth.parameters[k]) for k, v in step.parameters.items()}


def all_distances(step: Step, truth: Step) -> dict[str, float]:
    """The distance of the loss and of each parameter."""
    return {"the loss": distance(np.array(step.loss), np.array(truth.loss)), **distances(step, truth)}


def excess(distances: dict[str, float], own: dict[str, float]) -> dict[str, float]:
    """Each parameter's distance from the float64 result, as a multiple of what the witness's own distance allows.

    Not the loss: the error of a single number is a matter of luck, and the witness's may be next to nothing.
    """
    return {k: d / max(FLOAT32 * own[k], ROUNDINGS) for k, d in distances.items()}


def strayed(truth: Step, allowed: float, own: Step | None = None, theirs: Step | None = None) -> Iterator[str]:
    """Decisions that are on another side than in float64, further across the kink than rounding explains.

    `truth` took the sides of the step in question. In float32 the witness's `own` step says what rounding does to the
    values decided on, beside `theirs`, its float64 step on the same sides: so much, times what is allowed, explains.
    """
    explained = 0.0
    for i, beyond in enumerate(truth.decisions.beyond):
        if own is not None:
            explained = max(explained, distance(own.decisions.values[i], theirs.decisions.values[i]))
        limit = max(allowed * explained, ROUNDINGS) if own is not None else allowed
        if beyond > limit:
            yield f"decision {i + 1} is {beyond:.1e} of its scale across the kink, and rounding explains {limit:.1e}"


def problems(workload: Workload, step: Step, start: dict[str, np.ndarray]) -> Iterator[str]:
    """What is wrong with a step by itself: which parameters have gradients, and which have moved."""
    for name, before in start.items():
        trained = workload.trained(name)
        if (name in step.with_grad) != trained:
            yield (
                f"{name} is trained, and its .grad is None"
                if trained
                else f"{name} is frozen, and its .grad is not None"
            )
        if step.parameters[name].dtype != before.dtype:
            yield f"{name} became {step.parameters[name].dtype}, from {before.dtype}"
        if not trained and not np.array_equal(step.parameters[name], before):
            yield f"{name} is frozen, and has moved"
