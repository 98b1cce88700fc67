"""Two engines after the same training step: how far apart, and whether that is close enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from conformance.workloads.model import Workload
from conformance.workloads.training import Step

FLOAT64 = 1e-9
"""In float64, how far a tensor may be from the witness's, as a part of its largest element."""
FLOAT32 = 4
"""In float32, how many times the witness's own distance from its float64 result."""
ROUNDINGS = 2.0**-23
"""What is always allowed in float32: two roundings of the largest element."""


@dataclass(frozen=True)
class WorkloadResult:
    """How an engine did in one workload."""

    engine: str
    witness: str
    workload: str
    statement: str
    parameters: int
    float64: float  # the largest distance in float64, as a part of its tensor's scale
    float32: float  # the largest distance in float32, as a multiple of what is allowed
    seconds: float  # in float64
    witness_seconds: float
    reasons: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the engine agrees with its witness."""
        return not self.reasons


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


def distances(step: Step, truth: Step) -> dict[str, float]:
    """The distance of each parameter."""
    return {k: distance(v, truth.parameters[k]) for k, v in step.parameters.items()}


def float64_distances(step: Step, witness: Step) -> dict[str, float]:
    """The distance of the loss and of each parameter."""
    return {"the loss": distance(np.array(step.loss), np.array(witness.loss)), **distances(step, witness)}


def float32_excess(step: Step, witness: Step, truth: Step) -> dict[str, float]:
    """Each parameter's distance from the float64 result, as a multiple of what the witness's own distance allows.

    Not the loss: the error of a single number is a matter of luck, and the witness's may be next to nothing.
    """
    ours, theirs = distances(step, truth), distances(witness, truth)
    return {k: d / max(FLOAT32 * theirs[k], ROUNDINGS) for k, d in ours.items()}
