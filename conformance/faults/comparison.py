"""What other gradient checkers make of the planted faults that are wrong derivatives: a column of the kill table each."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.cases import Case
from conformance.faults.adapters import make_engine
from conformance.faults.checkers import available, inputs_for, objections
from conformance.faults.registry import Fault, find
from conformance.program import Program

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
    checkers = available()
    every = list({c.id: c for _, found in chosen for c in found}.values())
    tasks = [("", every[i :: 2 * workers]) for i in range(2 * workers)] + chosen
    with _SERVER.Pool(workers, maxtasksperchild=1) as pool:
        answers = pool.imap(_objections, [(name, _programs(found), checkers) for name, found in tasks], chunksize=1)
        right: dict[str, dict[str, bool]] = {c: {} for c in checkers}
        for (_, found), answered in zip(tasks[: 2 * workers], answers, strict=False):
            for checker, objected in answered.items():
                right[checker].update(zip((c.id for c in found), objected, strict=True))
        compared = tuple(_compared(chosen, answers, right))
    return Comparison(compared, {c: sum(right[c].values()) for c in checkers}, len(every))


def _compared(
    chosen: Sequence[tuple[str, list[Case]]], answers: Iterator[dict[str, list[bool]]], right: Mapping[str, Any]
) -> Iterator[Compared]:
    for (name, found), answered in zip(chosen, answers, strict=True):
        objected = {
            checker: any(o and not right[checker][c.id] for c, o in zip(found, objected, strict=True))
            for checker, objected in answered.items()
        }
        yield Compared(name, len(found), objected)


def _programs(cases: Sequence[Case]) -> list[Any]:
    return [case.program.to_json() for case in cases if case.program is not None]


def _objections(task: tuple[str, list[Any], Sequence[str]]) -> dict[str, list[bool]]:
    """In a process of its own: plants the fault and asks the checkers."""
    fault, programs, checkers = task
    engine = make_engine("refgrad")
    if fault:
        engine = find(fault).after(engine)
    return objections(engine, [Program.from_json(p) for p in programs], checkers)
