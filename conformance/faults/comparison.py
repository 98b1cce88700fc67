"""What other gradient checkers make of the planted faults that are wrong derivatives: a column of the kill table each."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.cases import Case
from conformance.faults.checkers import available, inputs_for, objections_with
from conformance.faults.elsewhere import Task, objections_elsewhere, python
from conformance.faults.registry import Fault

_SERVER = multiprocessing.get_context("forkserver")
PRELOAD = ["conformance.faults.comparison", "torch", "autograd.test_util"]
"""What takes long to import, for the server that the processes are forked from."""


@dataclass(frozen=True)
class Compared:
    """One fault, on how many inputs checkers looked at it, and which of them objected to any."""

    fault: str
    inputs: int
    objected: Mapping[str, bool]


@dataclass(frozen=True)
class Comparison:
    """Every fault, and how often the checkers object to refgrad as it is: of how many inputs."""

    compared: tuple[Compared, ...]
    false_alarms: Mapping[str, int]
    inputs: int


def is_derivative(fault: Fault) -> bool:
    """Whether it is a wrong derivative of operators of refgrad, which a checker of gradients might find."""
    return fault.engine == "refgrad" and bool(fault.family) and any(p.startswith("op/") for p in fault.finds)


def compare(cases: Sequence[Case], faults: Iterable[Fault], *, workers: int = 2) -> Comparison:
    """Lets every checker that is installed judge every fault, on the inputs of its operator's own cases."""
    chosen = [(f.name, inputs_for(cases, f.finds)) for f in faults if is_derivative(f)]
    chosen = [(name, found) for name, found in chosen if found]
    every = list({c.id: c for _, found in chosen for c in found}.values())
    tasks = [("", every[i :: 2 * workers]) for i in range(2 * workers)] + chosen
    answers = _answers([(name, _programs(found)) for name, found in tasks], workers)
    right: dict[str, dict[str, bool]] = {c: {} for c in answers[0]}
    for (_, found), answered in zip(tasks[: 2 * workers], answers, strict=False):
        for checker, objected in answered.items():
            right[checker].update(zip((c.id for c in found), objected, strict=True))
    compared = tuple(_compared(chosen, answers[2 * workers :], right))
    return Comparison(compared, {c: sum(right[c].values()) for c in right}, len(every))


def _answers(tasks: Sequence[Task], workers: int) -> list[dict[str, list[bool]]]:
    """For every task, in a process of its own, what each checker makes of its programs."""
    checkers = available()
    with _SERVER.Pool(workers, maxtasksperchild=1) as pool:
        here = pool.starmap(objections_with, [(*task, checkers) for task in tasks], chunksize=1)
    if not python():
        return here
    return [a | b for a, b in zip(here, objections_elsewhere(tasks, workers), strict=True)]


def _compared(
    chosen: Sequence[tuple[str, list[Case]]], answers: Sequence[dict[str, list[bool]]], right: Mapping[str, Any]
) -> Iterator[Compared]:
    for (name, found), answered in zip(chosen, answers, strict=True):
        objected = {
            checker: any(o and not right[checker][c.id] for c, o in zip(found, objected, strict=True))
            for checker, objected in answered.items()
        }
        yield Compared(name, len(found), objected)


def _programs(cases: Sequence[Case]) -> list[Any]:
    return [case.program.to_json() for case in cases if case.program is not None]
