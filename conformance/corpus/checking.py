"""Whether the frozen truths are what the oracle finds today, and what the corpus consists of. Nothing is written."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.codec import canonical_json
from conformance.corpus.build import catalogue_lines, computed, count, versions
from conformance.corpus.loader import case_id
from conformance.corpus.store import FOLDER, PROGRAMS, TRUTHS, chapters, content, read, read_lock
from conformance.program import Program

LINEAR_ALGEBRA = "linalg"
"""The chapter whose proposals are left out of the share of undecided ones."""
UNDECIDED_SHARE = 0.03


@dataclass(frozen=True)
class Checked:
    """What a check found. `differences` say where a file is not what would be built."""

    counts: dict[str, Any]
    undecided: dict[str, Counter[str]]  # by operator, float64 and all else, how many for each reason
    proposals: int  # in float64 outside linear algebra
    open_proposals: int  # those of them that stay undecided
    recomputed: int
    lines: int
    size: int  # compressed, in bytes
    seconds: float
    differences: list[str] = field(default_factory=list)

    @property
    def open_share(self) -> float:
        """The share of float64 proposals outside linear algebra without a truth or a usable tolerance."""
        return self.open_proposals / max(self.proposals, 1)


def check(folder: Path = FOLDER, *, processes: int = 2, share: float = 1.0) -> Checked:
    """Recomputes a share of the truths, spread evenly and always the same, and compares them byte for byte."""
    start = time.perf_counter()
    lock = read_lock(folder)
    programs = {c: read(f"{PROGRAMS}/{c}", folder) for c in chapters(PROGRAMS, folder)}
    frozen = {t["digest"]: t for c in programs for t in read(f"{TRUTHS}/{c}", folder)}
    everything = [line for lines in programs.values() for line in lines]
    chosen = [line for line in everything if int(line["digest"][-8:], 16) < share * 2**32]
    counts = count(everything, frozen)
    differences = [*_changed(chosen, frozen, processes), *_unlocked(folder, lock)]
    if lock["counts"] != counts | {"catalogue": lock["counts"].get("catalogue")}:
        differences.append("the counts in the lock are not those of the files")
    if share >= 1 and content(catalogue_lines()) != content(read(f"{TRUTHS}/catalogue", folder)):
        differences.append(f"{TRUTHS}/catalogue")
    if lock["versions"] != versions():
        differences.append(f"computed with {lock['versions']}, checked with {versions()}")
    judged = [line for c, lines in programs.items() if c != LINEAR_ALGEBRA for line in lines]
    proposals = [line for line in judged if line["dtype"] == "float64"]
    return Checked(
        counts=counts,
        undecided=_undecided(everything, frozen),
        proposals=len(proposals),
        open_proposals=sum("undecided" in frozen[line["digest"]] for line in proposals),
        recomputed=len(chosen),
        lines=len(everything),
        size=sum(p.stat().st_size for kind in (PROGRAMS, TRUTHS) for p in (folder / kind).glob("*.xz")),
        seconds=time.perf_counter() - start,
        differences=differences,
    )


def _changed(chosen: list[dict[str, Any]], frozen: dict[str, Any], processes: int) -> Iterator[str]:
    """The cases whose program or truth is not, byte for byte, what it would be today."""
    for line, truth in zip(chosen, computed(chosen, processes), strict=True):
        if Program.from_json(line["program"]).digest != line["digest"]:
            yield f"{case_id(line)}: the program does not have its digest"
        if canonical_json(truth) != canonical_json(frozen.get(line["digest"])):
            yield case_id(line)


def _unlocked(folder: Path, lock: dict[str, Any]) -> Iterator[str]:
    """The files that are not what the lock says."""
    for name, entry in sorted(lock["files"].items()):
        if hashlib.sha256(content(read(name, folder))).hexdigest() != entry["sha256"]:
            yield f"{name} is not what the lock says"


def _undecided(lines: list[dict[str, Any]], truths: dict[str, Any]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for line in lines:
        reason = truths[line["digest"]].get("undecided")
        if reason:
            found.setdefault(line["facets"]["operator"], Counter())[reason] += 1
    return dict(sorted(found.items()))
