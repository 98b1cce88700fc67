"""Frozen files -> cases. Nothing is loaded that is not what the lock says."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from conformance.cases import FUNCTIONAL, Case
from conformance.codec import decode_array, encode_array
from conformance.compare import Expectation
from conformance.corpus.documented import with_tolerances
from conformance.corpus.store import FOLDER, LOCK, PROGRAMS, TRUTHS, read, read_lock
from conformance.errors import CorpusError
from conformance.program import Program


def load_cases(
    folder: Path = FOLDER,
    *,
    chapters: Collection[str] | None = None,
    chosen: Callable[[Mapping[str, str]], bool] = lambda _facets: True,
) -> list[Case]:
    """Every decided case of these chapters (all, unless named) whose facets are chosen, sorted by id; raises
    `CorpusError` for a changed file.
    """
    path = folder / LOCK
    lock = path.read_bytes() if path.exists() else b""
    names = [name for name in _chapters(folder) if chapters is None or name in chapters]
    found = [case for name in names for case in _cases(folder, lock, name) if chosen(case.facets or {})]
    return sorted(found, key=lambda c: c.id)


@cache
def _cases(folder: Path, _lock: bytes, chapter: str) -> list[Case]:
    """A chapter of the corpus under a lock: several engines and their reports use it in one process."""
    enabled = gc.isenabled()
    gc.disable()  # it would walk all that is loaded again and again, and find nothing to free
    try:
        found = [_case(line, truth) for line, truth in _chapter_lines(folder, chapter) if "expectations" in truth]
    finally:
        if enabled:
            gc.enable()
    gc.freeze()  # they stay, and are half a million objects for every later collection to pass over
    return found


def load_undecided(folder: Path = FOLDER) -> list[dict[str, str]]:
    """The cases without a truth or a usable tolerance: id and reason, sorted by id."""
    found = [
        {"id": case_id(line), "reason": truth["undecided"]} for line, truth in _lines(folder) if "undecided" in truth
    ]
    return sorted(found, key=lambda entry: entry["id"])


def load_states(folder: Path = FOLDER) -> dict[str, str]:
    """Every case by id: an empty text if it is decided, or the reason why it is not."""
    return {case_id(line): truth.get("undecided", "") for line, truth in _lines(folder)}


def load_tolerances(folder: Path = FOLDER) -> dict[str, dict[str, np.ndarray]]:
    """The frozen tolerances of catalogue programs: by program digest, then by read."""
    files = read_lock(folder).get("files", {})
    name = f"{TRUTHS}/catalogue"
    if name not in files:
        return {}
    lines = read(name, folder, expected=files[name])
    return {x["digest"]: {r: decode_tolerance(t) for r, t in x.get("tolerances", {}).items()} for x in lines}


def documented_cases(cases: Iterable[Case], folder: Path = FOLDER) -> list[Case]:
    """Catalogue cases with their frozen tolerances; those without one stay as they are."""
    return with_tolerances(cases, load_tolerances(folder) if (folder / LOCK).exists() else {})


def case_id(line: Mapping[str, Any]) -> str:
    """The id of a frozen program: operator, group and class, and a hash of these with attributes and shapes.

    Copies of a case in another dtype differ after the @ only.
    """
    facets = line["facets"]
    distinct = hashlib.sha256(line["key"].rpartition("|")[0].encode()).hexdigest()[:8]
    return f"op/{facets['operator']}/{facets['group']}/{facets['class']}/{distinct}@{line['dtype']}"


def _chapters(folder: Path) -> list[str]:
    files = read_lock(folder).get("files", {})
    return sorted(name.partition("/")[2] for name in files if name.startswith(f"{PROGRAMS}/"))


def _lines(folder: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for chapter in _chapters(folder):
        yield from _chapter_lines(folder, chapter)


def _chapter_lines(folder: Path, chapter: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each frozen program of a chapter with its truth."""
    files = read_lock(folder).get("files", {})
    programs, truths = f"{PROGRAMS}/{chapter}", f"{TRUTHS}/{chapter}"
    known = {t["digest"]: t for t in read(truths, folder, expected=_entry(files, truths))}
    for line in read(programs, folder, expected=files[programs]):
        if line["digest"] not in known:
            raise CorpusError(f"{case_id(line)} has no truth; run `conformance corpus build`")
        yield line, known[line["digest"]]


def _entry(files: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if name not in files:
        raise CorpusError(f"{name} is not in the lock of the corpus; run `conformance corpus build`")
    return files[name]


def _case(line: Mapping[str, Any], truth: Mapping[str, Any]) -> Case:
    facets = line["facets"]
    return Case(
        id=case_id(line),
        requirement=f"operator.{facets['operator']}.{facets['group']}",
        level=line["level"],
        profile=FUNCTIONAL,
        dtype=line["dtype"],
        program=Program.frozen(line["program"]),
        expectations=tuple(decode_expectation(e) for e in truth["expectations"]),
        facets={k: v for k, v in facets.items() if k != "class"} | {"rung": truth["rung"]},
    )


def encode_expectation(e: Expectation) -> dict[str, Any]:
    """An expectation of the oracle as JSON: exact arrays, tolerances as the three digits that they have."""
    message: dict[str, Any] = {"read": e.read, "value": encode_array(e.value)}
    if e.tolerance is not None:
        message["tolerance"] = encode_tolerance(e.tolerance)
    if e.second is not None:
        message["second"] = encode_tolerance(e.second)
    if e.permitted:
        message["permitted"] = [encode_array(p) for p in e.permitted]
    if e.between:
        message["between"] = [encode_array(bound) for bound in e.between]
    if e.total is not None:
        message["total"] = encode_array(e.total)
    if e.partner:
        message["partner"] = e.partner
    return message


def decode_expectation(message: Mapping[str, Any]) -> Expectation:
    """The inverse of `encode_expectation`."""
    tolerance = decode_tolerance(message["tolerance"]) if "tolerance" in message else None
    second = decode_tolerance(message["second"]) if "second" in message else None
    permitted, between = (tuple(decode_array(a) for a in message.get(name, ())) for name in ("permitted", "between"))
    total = decode_array(message["total"]) if "total" in message else None
    return Expectation(
        message["read"],
        "array",
        decode_array(message["value"]),
        tolerance,
        permitted,
        second=second,
        between=between,
        total=total,
        partner=message.get("partner", ""),
    )


def encode_tolerance(tolerance: np.ndarray) -> dict[str, Any]:
    """The shape and the numbers, readable."""
    return {"shape": list(tolerance.shape), "data": [float(t) for t in tolerance.flat]}


def decode_tolerance(message: Mapping[str, Any]) -> np.ndarray:
    """The inverse of `encode_tolerance`."""
    return np.array(message["data"], np.float64).reshape(message["shape"])
