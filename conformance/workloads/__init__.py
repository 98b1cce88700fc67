"""Whole models, trained for one step side by side: what the parts of an engine must give together."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from conformance.engines.imperative import ImperativeEngine
from conformance.errors import AdapterError, Unsupported, UsageError
from conformance.protocol.launch import ENGINES, parse_engine
from conformance.workloads.comparing import (
    FLOAT64,
    WorkloadResult,
    float32_excess,
    float64_distances,
    problems,
)
from conformance.workloads.lstm import LSTM
from conformance.workloads.model import Workload
from conformance.workloads.resnet import FROZEN, RESNET18
from conformance.workloads.training import Step, train
from conformance.workloads.transformer import TRANSFORMER

__all__ = ["WORKLOADS", "Workload", "WorkloadResult", "run_workloads"]

WORKLOADS = {w.name: w for w in (RESNET18, FROZEN, TRANSFORMER, LSTM)}
_PRECISIONS = ("float64", "float32")


def run_workloads(engine_names: Sequence[str], select: Sequence[str] = ()) -> list[WorkloadResult]:
    """Trains every workload (or those selected) on each engine and on its witness, and compares them.

    The witness is PyTorch, and for PyTorch itself refgrad.

    *errors*: `UsageError` for a workload or engine that is unknown, `AdapterError` for an adapter that cannot be had.
    """
    unknown = [name for name in select if name not in WORKLOADS]
    if unknown:
        raise UsageError(f"no workload {unknown[0]!r}; there are {', '.join(WORKLOADS)}")
    names = {name: _witness(name) for name in engine_names}
    engines = {name: _load(name) for name in {*names, *names.values()}}
    found = []
    for workload in (w for w in WORKLOADS.values() if not select or w.name in select):
        steps: dict[str, dict[str, Step] | str] = {name: _train(engine, workload) for name, engine in engines.items()}
        found += [_result(workload, name, witness, steps) for name, witness in names.items()]
    return found


def _witness(name: str) -> str:
    return "refgrad" if name == "torch" else "torch"


def _load(name: str) -> ImperativeEngine:
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


def _train(engine: ImperativeEngine, workload: Workload) -> dict[str, Step] | str:
    """The step in both precisions, or why there is none."""
    try:
        return {dtype: train(engine, workload, dtype) for dtype in _PRECISIONS}
    except Unsupported as lacking:
        return f"the engine lacks {lacking.feature}"
    except Exception as error:  # noqa: BLE001 - whatever an engine raises is its result
        return f"{type(error).__name__}: {error}"


def _result(workload: Workload, name: str, witness: str, steps: dict[str, dict[str, Step] | str]) -> WorkloadResult:
    ours, theirs = steps[name], steps[witness]
    count = workload.count()
    if isinstance(ours, str) or isinstance(theirs, str):
        who, why = (name, ours) if isinstance(ours, str) else (witness, theirs)
        reasons = (f"{who}: {why}",)
        return WorkloadResult(name, witness, workload.name, workload.statement, count, *(float("nan"),) * 4, reasons)
    double = float64_distances(ours["float64"], theirs["float64"])
    single = float32_excess(ours["float32"], theirs["float32"], theirs["float64"])
    reasons = [
        *(
            f"in float64, {k} is {d:.1e} of its scale from {witness}'s, above {FLOAT64:.0e}"
            for k, d in double.items()
            if not d <= FLOAT64
        ),
        *(f"in float32, {k} is {d:.1f} times as far off as {witness} allows" for k, d in single.items() if not d <= 1),
        *(f"in {t}, {text}" for t in _PRECISIONS for text in problems(workload, ours[t], workload.arrays(t)[0])),
        *(
            f"in {t}, the program took another way than with {witness}"
            for t in _PRECISIONS
            if ours[t].decisions != theirs[t].decisions
        ),
    ]
    seconds = (ours["float64"].seconds, theirs["float64"].seconds)
    return WorkloadResult(
        name, witness, workload.name, workload.statement, count, max(double.values()), max(single.values()), *seconds,
        tuple(reasons),
    )  # fmt: skip
