"""Whole models, trained for one step side by side: what the parts of an engine must give together."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from conformance.engines.imperative import ImperativeEngine
from conformance.errors import AdapterError, UsageError
from conformance.protocol.launch import ENGINES, parse_engine
from conformance.workloads.judging import Trial, WorkloadResult
from conformance.workloads.lstm import LSTM
from conformance.workloads.model import SEED, Workload
from conformance.workloads.resnet import FROZEN, RESNET18
from conformance.workloads.transformer import TRANSFORMER

__all__ = ["SEED", "WORKLOADS", "Workload", "WorkloadResult", "load", "run_workloads"]

WORKLOADS = {w.name: w for w in (RESNET18, FROZEN, TRANSFORMER, LSTM)}


def run_workloads(engine_names: Sequence[str], select: Sequence[str] = (), *, seed: int = SEED) -> list[WorkloadResult]:
    """Trains every workload (or those selected) on each engine and on its witness, and compares them.

    The witness is PyTorch, and for PyTorch itself refgrad.

    *errors*: `UsageError` for a workload or engine that is unknown, `AdapterError` for an adapter that cannot be had.
    """
    unknown = [name for name in select if name not in WORKLOADS]
    if unknown:
        raise UsageError(f"no workload {unknown[0]!r}; there are {', '.join(WORKLOADS)}")
    witnesses = {name: "refgrad" if name == "torch" else "torch" for name in engine_names}
    engines = {name: load(name) for name in dict.fromkeys([*witnesses, *witnesses.values()])}
    found = []
    for workload in (w for w in WORKLOADS.values() if not select or w.name in select):
        trial = Trial(workload, seed)
        steps = {name: trial.steps(engine) for name, engine in engines.items()}
        found += [trial.judge((n, w), engines[w], steps[n], steps[w]) for n, w in witnesses.items()]
    return found


def load(name: str) -> ImperativeEngine:
    """The adapter of this name, in this process."""
    target = ENGINES.get(name) or parse_engine(name).target
    if target.startswith("stdio:"):
        raise UsageError("workloads need an adapter in Python; name it as pkg.mod:Class")
    module, _, attribute = target.partition(":")
    try:
        engine = getattr(importlib.import_module(module), attribute)()
    except (ImportError, AttributeError) as error:
        raise AdapterError(
            f"cannot load {name}: {error}; workloads need it beside the engine that is judged"
        ) from error
    if not isinstance(engine, ImperativeEngine):
        raise AdapterError(f"{target} is not imperative; workloads train by backward and .grad")
    return engine
