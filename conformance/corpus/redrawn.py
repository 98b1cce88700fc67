"""Cases of a challenge beside its results, so that these can be judged and shown again without drawing them anew."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from conformance.cases import FUNCTIONAL, Case
from conformance.corpus.loader import decode_expectation, encode_expectation
from conformance.corpus.store import read, write
from conformance.errors import CorpusError
from conformance.program import Program

NAME = "cases"


def write_cases(folder: Path, cases: Iterable[Case]) -> None:
    """Writes ``cases.jsonl.xz`` into the folder: programs, inputs, truths and tolerances."""
    write(NAME, map(_line, sorted(cases, key=lambda case: case.id)), folder)


def read_cases(folder: Path) -> list[Case]:
    """The cases that lie in the folder; none where there is no such file. Raises `CorpusError` for a damaged one."""
    if not (folder / f"{NAME}.jsonl.xz").exists():
        return []
    try:
        return [_case(line) for line in read(NAME, folder)]
    except (CorpusError, ValueError, LookupError, TypeError) as error:
        raise CorpusError(f"{folder / NAME}.jsonl.xz is damaged: {error}; run the challenge again") from None


def _line(case: Case) -> dict[str, Any]:
    if case.program is None:
        raise TypeError(f"{case.id} is no program; only operator cases are redrawn")
    return {
        "id": case.id,
        "requirement": case.requirement,
        "level": case.level,
        "dtype": case.dtype,
        "facets": dict(case.facets or {}),
        "program": case.program.to_json(),
        "expectations": [encode_expectation(e) for e in case.expectations],
    }


def _case(line: dict[str, Any]) -> Case:
    return Case(
        id=line["id"],
        requirement=line["requirement"],
        level=line["level"],
        profile=FUNCTIONAL,
        dtype=line["dtype"],
        program=Program.from_json(line["program"]),
        expectations=tuple(decode_expectation(e) for e in line["expectations"]),
        facets=line["facets"],
    )
