"""A failed case in words: what it says, what came out, and the code that shows it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from conformance.cases import BEHAVIOURS, Case
from conformance.printing import case_code, code_target
from conformance.report.details import numbers
from conformance.runner import EngineSpec

if TYPE_CHECKING:
    from conformance.verdict import Record


def failure(case: Case, engine: EngineSpec, record: Record) -> str:
    """The text that pytest shows under FAILURES."""
    return "\n".join(_lines(case, engine, record))


def _lines(case: Case, engine: EngineSpec, record: Record) -> Iterator[str]:
    yield f"{record.status}: {record.reason}"
    yield from (f"  {label}: {text}" for label, text in numbers(record))
    behaviour = BEHAVIOURS.get(case.requirement)
    if behaviour is not None:
        yield f"{behaviour.statement} ({behaviour.level}; {behaviour.source})"
    yield f"again: conformance certify --engine {shlex.quote(engine.name)} --select {shlex.quote(case.id)}"
    yield f"\n# {case.id}, as PyTorch code\n\n{case_code(case)}"
    target = code_target(engine.name, engine.target)
    if target != "torch":
        yield f"\n# {case.id}, as code for {engine.label}\n\n{case_code(case, target)}"
