"""Lets Hypothesis propose programs and appends, frozen, one for every class of cases that the corpus lacks.

Only here is Hypothesis asked; what is frozen never depends on it again. PyTorch gives the shapes of outputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

from conformance.codec import decode_array
from conformance.corpus.pool import mapped
from conformance.corpus.store import FOLDER, LOCK, PROGRAMS, chapters, read, read_lock, update_lock, write
from conformance.engines.base import Engine
from conformance.errors import SuiteFault
from conformance.operators import specs
from conformance.operators.dtypes import COMPLEX_DTYPES, REAL_DTYPES
from conformance.operators.spec import OperatorSpec
from conformance.program import Program
from conformance.strategies.operators import operator_programs
from conformance.strategies.variations import Variation, variations

DTYPES = (*REAL_DTYPES, *COMPLEX_DTYPES)
SEED = 20_260_713
PROPOSALS = 4
_Task = tuple[str, tuple[str, ...], frozenset[str]]
"""An operator, the dtypes that are asked for, and the classes that are frozen."""
_QUIET = settings(
    max_examples=PROPOSALS,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def grow(
    folder: Path = FOLDER, *, operators: Iterable[str] = (), dtypes: Iterable[str] = DTYPES, processes: int = 1
) -> dict[str, int]:
    """Appends programs for every class without one; returns how many, by chapter. Frozen ones stay as they are."""
    wanted, by_chapter = set(operators), {}
    for spec in specs().values():
        if spec.sampling is not None and (not wanted or spec.name in wanted):
            by_chapter.setdefault(chapter_of(spec), []).append(spec.name)
    frozen = {name: _frozen_lines(name, folder) for name in sorted(by_chapter)}
    tasks = [(op, tuple(dtypes), frozenset(line["key"] for line in frozen[c])) for c in frozen for op in by_chapter[c]]
    proposed = dict(zip((task[0] for task in tasks), _proposed(tasks, processes), strict=True))
    return {
        chapter: _append(folder, chapter, lines, [line for op in by_chapter[chapter] for line in proposed[op]])
        for chapter, lines in frozen.items()
    }


def _frozen_lines(chapter: str, folder: Path) -> list[dict[str, Any]]:
    return read(f"{PROGRAMS}/{chapter}", folder) if chapter in chapters(PROGRAMS, folder) else []


def chapter_of(spec: OperatorSpec) -> str:
    """The chapter whose file holds the operator."""
    return spec.chapter or "operators"


def _append(folder: Path, chapter: str, lines: list[dict[str, Any]], proposed: Iterable[dict[str, Any]]) -> int:
    """Writes a chapter with those of the proposed lines whose programs are new; returns how many."""
    digests, before = {line["digest"] for line in lines}, len(lines)
    for line in proposed:
        if line["digest"] not in digests:
            digests.add(line["digest"])
            lines.append(line)
    lines.sort(key=_place)
    entry = write(f"{PROGRAMS}/{chapter}", lines, folder)
    _lock_file(folder, f"{PROGRAMS}/{chapter}", entry)
    return len(lines) - before


def _place(line: dict[str, Any]) -> tuple[str, ...]:
    facets = line["facets"]
    return facets["operator"], facets["group"], facets["class"], line["dtype"], line["digest"]


def _lock_file(folder: Path, name: str, entry: dict[str, Any]) -> None:
    files = read_lock(folder).get("files", {}) if (folder / LOCK).exists() else {}
    update_lock({"files": files | {name: entry}}, folder)


def _proposed(tasks: list[_Task], processes: int) -> Iterator[list[dict[str, Any]]]:
    """The new lines of each operator in turn."""
    return mapped(_of_operator, tasks, processes)


def _of_operator(task: _Task) -> list[dict[str, Any]]:
    name, dtypes, frozen = task
    keys, found = set(frozen), []
    for variation in variations(specs()[name]):
        for dtype in (d for d in variation.dtypes if d in dtypes):
            key = variation.key(dtype)
            if key not in keys:
                keys.add(key)
                found.append(_frozen(variation, dtype, key))
    return found


@cache
def _engine() -> Engine:
    """PyTorch, which gives the shapes of outputs."""
    from conformance.engines.torch import TorchEngine

    return TorchEngine()


def _frozen(variation: Variation, dtype: str, key: str) -> dict[str, Any]:
    program = _best(variation, dtype)
    return {
        "digest": program.digest,
        "dtype": dtype,
        "level": variation.level,
        "facets": variation.facets,
        "key": key,
        "program": program.to_json(),
    }


def _best(variation: Variation, dtype: str) -> Program:
    """Of a few proposals, the one with the most different numbers in it."""
    proposals: list[Program] = []

    @seed(SEED)
    @_QUIET
    @given(operator_programs(variation, dtype, _shapes))
    def propose(program: Program) -> None:
        proposals.append(program)

    propose()
    return max(proposals, key=_variety)


def _variety(program: Program) -> tuple[int, str]:
    arrays = [np.abs(np.ravel(s.args[0]).astype(np.complex128)) for s in program.statements if s.do == "leaf"]
    return len(np.unique(np.concatenate(arrays))), program.digest


def _shapes(program: Program) -> list[tuple[int, ...]]:
    reply = _engine().run(program)
    if reply["status"] != "done":
        raise SuiteFault(f"a proposed program cannot be run by PyTorch: {reply}")
    return [decode_array(o["array"]).shape for o in reply["observations"].values()]
