"""The copies of float32 cases in float16 and bfloat16: a corpus of its own, in the folder `halves` beside the programs.

A copy is the program of a float32 case with its inputs rounded, and nothing else changed: integers, indices, attributes and
layouts are kept; its truth comes from the same oracles and the rounded inputs. Only the lists of devices that are asked for
these dtypes hold them. What has no copy is counted in the lock, by the reasons of `EXCLUDED`.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from conformance.codec import HALVES, decode_array, is_floating, numpy_dtype
from conformance.corpus.build import count, truth_of, versions
from conformance.corpus.pool import mapped
from conformance.corpus.store import COPIES, FOLDER, PROGRAMS, TRUTHS, chapters, read, read_lock, update_lock, write
from conformance.engines.base import Engine
from conformance.program import Program, Statement

GROUPS = ("value", "vjp", "jvp")
"""Orders above the first show nothing that a dtype changes beyond their rounding."""
EXCLUDED: Mapping[str, str] = {
    "mixed": "complex numbers, or floating-point numbers of another dtype, stand beside float32",
    "range": "rounding makes a number zero or infinite, or the result is infinite",
    "merged": "rounding makes different numbers equal, so that the case would be of another class",
    "refused": "PyTorch says on the CPU that it does not have the operator, or its derivative, in this dtype",
}
"""Why a case has no copy in a dtype."""
_REFUSAL = re.compile(
    r"(not implemented for|unsupported|(not|only) supported|expected both inputs to be half).*(half|bfloat16)",
    re.IGNORECASE | re.DOTALL,
)
"""How PyTorch says that it lacks a dtype. Whatever else it says is kept: as a failure, it would be a finding."""
_Task = tuple[dict[str, Any], str]
"""The line of a float32 program, and the dtype that it is wanted in."""
_Made = tuple[dict[str, Any], dict[str, Any]] | str
"""The lines of the copy and of its truth; or the reason why there is none."""


def build_halves(folder: Path = FOLDER, *, processes: int = 2, into: Path | None = None) -> dict[str, Any]:
    """Writes the programs, truths and lock of all copies; returns the counts that the lock holds."""
    into = into or folder / COPIES
    tasks = {chapter: list(_tasks(read(f"{PROGRAMS}/{chapter}", folder))) for chapter in chapters(PROGRAMS, folder)}
    every = [task for of_chapter in tasks.values() for task in of_chapter]
    made = list(copies(every, processes))
    excluded = Counter(f"{dtype} {m}" for (_, dtype), m in zip(every, made, strict=True) if isinstance(m, str))
    refused = {line["facets"]["operator"] for (line, _), m in zip(every, made, strict=True) if m == "refused"}
    files, lines, truths, rest = {}, [], {}, iter(made)
    for chapter, of_chapter in tasks.items():
        kept = [m for m in (next(rest) for _ in of_chapter) if not isinstance(m, str)]
        files[f"{PROGRAMS}/{chapter}"] = write(f"{PROGRAMS}/{chapter}", [line for line, _ in kept], into)
        files[f"{TRUTHS}/{chapter}"] = write(f"{TRUTHS}/{chapter}", [truth for _, truth in kept], into)
        lines.extend(line for line, _ in kept)
        truths |= {truth["digest"]: truth for _, truth in kept}
    counts = count(lines, truths) | {"excluded": dict(sorted(excluded.items())), "refused": sorted(refused)}
    update_lock({"files": files, "counts": counts, "versions": versions()}, into)
    return counts


def changed_halves(folder: Path = FOLDER, *, processes: int = 2) -> list[str]:
    """The files of copies that are not, byte for byte, what would be built today; nothing is written."""
    with tempfile.TemporaryDirectory() as built:
        build_halves(folder, processes=processes, into=Path(built))
        now, then = read_lock(Path(built))["files"], read_lock(folder / COPIES)["files"]
    return sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))


def copies(tasks: Iterable[_Task], processes: int = 1) -> Iterator[_Made]:
    """The copy of each line in its dtype, in order."""
    return mapped(_made, tasks, processes, chunksize=32)


def _tasks(lines: Iterable[dict[str, Any]]) -> Iterator[_Task]:
    for line in lines:
        if line["dtype"] == "float32" and line["facets"]["group"] in GROUPS:
            yield from ((line, dtype) for dtype in HALVES)


def _made(task: _Task) -> _Made:
    line, dtype = task
    original = Program.from_json(line["program"])
    reason = _misfit(original, dtype)
    if reason:
        return reason
    program = Program(tuple(_rounded(s, dtype) for s in original.statements))
    if _is_refused(program):
        return "refused"
    key = f"{line['key'].rpartition('|')[0]}|{dtype}"
    copy = line | {"digest": program.digest, "dtype": dtype, "key": key, "program": program.to_json()}
    truth = truth_of(copy)
    return "range" if _overflows(original, truth) else (copy, truth)


def _misfit(program: Program, dtype: str) -> str:
    """Why the inputs have no counterpart in the dtype; an empty text if they have."""
    numbers = [s.args[0] for s in program.walk() if s.do == "leaf" and is_floating(s.args[0].dtype)]
    if any(x.dtype != np.float32 for x in numbers):
        return "mixed"
    pairs = [(x, _half(x, dtype).astype(np.float32)) for x in numbers]
    if any((np.isfinite(x) != np.isfinite(y)).any() or ((x == 0) != (y == 0)).any() for x, y in pairs):
        return "range"
    return "merged" if any(len(np.unique(x)) > len(np.unique(y)) for x, y in pairs) else ""


def _rounded(s: Statement, dtype: str) -> Statement:
    if s.do == "leaf" and is_floating(s.args[0].dtype):
        return replace(s, args=(_half(s.args[0], dtype),))
    return replace(s, body=tuple(_rounded(inner, dtype) for inner in s.body)) if s.body else s


def _half(x: np.ndarray, dtype: str) -> np.ndarray:
    with np.errstate(over="ignore", under="ignore"):
        return x.astype(numpy_dtype(dtype))


def _is_refused(program: Program) -> bool:
    reply = _engine().run(program)
    return reply["status"] == "error" and bool(_REFUSAL.search(reply["error"]["message"]))


@cache
def _engine() -> Engine:
    from conformance.engines.torch import TorchEngine

    return TorchEngine()


def _overflows(original: Program, truth: Mapping[str, Any]) -> bool:
    """Whether finite inputs have an infinite result: all that the case would ask is how engines overflow."""
    inputs = [s.args[0] for s in original.walk() if s.do == "leaf"]
    results = [decode_array(e["value"]) for e in truth.get("expectations", ())]
    return all(np.isfinite(x).all() for x in inputs) and any(np.isinf(y).any() for y in results if is_floating(y.dtype))
