"""One training step of a workload on one engine, in one precision."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.engines.imperative import ImperativeEngine
from conformance.workloads.decisions import Decisions
from conformance.workloads.model import SEED, Arrays, Orders, Workload
from conformance.workloads.namespace import Torch


@dataclass(frozen=True)
class Step:
    """What a training step left behind."""

    loss: float
    parameters: Arrays
    with_grad: frozenset[str]
    decisions: Decisions
    seconds: float


def train(
    engine: ImperativeEngine,
    workload: Workload,
    dtype: str,
    *,
    seed: int = SEED,
    order: Orders | None = None,
    like: Step | None = None,
) -> Step:
    """Forward, backward, one step of SGD with momentum; with the units in another order, or deciding like another step.

    The parameters are given in the usual order in any case.
    """
    arrays, given = workload.arrays(dtype, seed)
    arrays = workload.reordered(arrays, order or {})
    inputs = {k: engine.leaf(v, False) for k, v in given.items()}
    p = {k: engine.leaf(v, workload.trained(k)) for k, v in arrays.items()}
    decisions = Decisions(None if like is None else like.decisions.sides)
    start = time.perf_counter()
    loss = workload.loss(Torch(engine, decisions), p, inputs)
    value = float(engine.read(loss))
    engine.backward(loss, None, None)
    moved = _step(engine, workload, p, arrays)
    seconds = time.perf_counter() - start
    with_grad = frozenset(k for k, x in p.items() if engine.grad(x) is not None)
    return Step(value, workload.reordered(moved, order or {}, back=True), with_grad, decisions, seconds)


def _step(engine: ImperativeEngine, workload: Workload, p: Mapping[str, Any], arrays: Arrays) -> Arrays:
    """The parameters after the engine's own optimizer, or after PyTorch's formula where the engine has none."""
    optim = getattr(getattr(engine, "torch", None), "optim", None)
    if optim is not None:
        optim.SGD(list(p.values()), lr=workload.lr, momentum=workload.momentum).step()
        return {k: np.array(engine.read(x)) for k, x in p.items()}
    moved = {}
    for name, x in p.items():
        g = engine.grad(x)
        moved[name] = (
            arrays[name] if g is None else arrays[name] - arrays[name].dtype.type(workload.lr) * engine.read(g)
        )
    return moved
