"""Recomputes truths and tolerances from the frozen programs, byte for byte, with any number of processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import flint

from conformance import catalogue
from conformance.codec import HALVES
from conformance.corpus.documented import needs_tolerance, tolerance_line
from conformance.corpus.loader import case_id, encode_expectation
from conformance.corpus.pool import mapped
from conformance.corpus.store import FOLDER, PROGRAMS, TRUTHS, chapters, read, update_lock, write
from conformance.errors import SuiteFault
from conformance.oracles.halves import judged_in_half
from conformance.oracles.judged import judged
from conformance.oracles.reasons import NoTruth
from conformance.program import Program


def build(folder: Path = FOLDER, *, processes: int = 2, missing: bool = False) -> dict[str, Any]:
    """Writes the truths of every frozen program and the lock; returns the counts that the lock holds.

    With `missing`, programs that have a truth keep it: after growing, this gives what a whole build gives.
    """
    files, lines_of = {}, {}
    for chapter in chapters(PROGRAMS, folder):
        lines_of[chapter] = read(f"{PROGRAMS}/{chapter}", folder)
        files[f"{PROGRAMS}/{chapter}"] = write(f"{PROGRAMS}/{chapter}", lines_of[chapter], folder)
    everything = [line for lines in lines_of.values() for line in lines]
    truths = _known(folder) if missing else {}
    asked = [line for line in everything if line["digest"] not in truths]
    truths |= zip((line["digest"] for line in asked), computed(asked, processes), strict=True)
    for chapter, lines in lines_of.items():
        files[f"{TRUTHS}/{chapter}"] = write(f"{TRUTHS}/{chapter}", [truths[line["digest"]] for line in lines], folder)
    files[f"{TRUTHS}/catalogue"], bounded = _write_catalogue(folder)
    counts = count(everything, truths) | {"catalogue": bounded}
    update_lock({"files": files, "counts": counts, "versions": versions()}, folder)
    return counts


def _known(folder: Path) -> dict[str, dict[str, Any]]:
    """The truths that there are, by digest."""
    names = [name for name in chapters(TRUTHS, folder) if name != "catalogue"]
    return {truth["digest"]: truth for name in names for truth in read(f"{TRUTHS}/{name}", folder)}


def _write_catalogue(folder: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """The tolerances of catalogue programs, written; and how many have one."""
    ordered = catalogue_lines()
    reasons = Counter(line.get("undecided", "bounded" if line.get("tolerances") else "loose") for line in ordered)
    return write(f"{TRUTHS}/catalogue", ordered, folder), dict(sorted(reasons.items()))


def catalogue_lines() -> list[dict[str, Any]]:
    """The tolerances of catalogue programs, one line for each program."""
    lines = {case.program.digest: tolerance_line(case) for case in catalogue.load() if needs_tolerance(case)}
    return [lines[digest] for digest in sorted(lines)]


def versions() -> dict[str, str]:
    """What the truths were computed with; pinned in constraints.txt."""
    return {"python-flint": flint.__version__, "flint": flint.__FLINT_VERSION__}


def computed(lines: list[dict[str, Any]], processes: int) -> Iterator[dict[str, Any]]:
    """The truth of every line, in order."""
    return mapped(truth_of, lines, processes, chunksize=16)


def truth_of(line: dict[str, Any]) -> dict[str, Any]:
    """The truth of one frozen program as a line: expectations and rung, or the reason why it is undecided."""
    flint.ctx.cleanup()  # what it keeps of its constants, with more bits or fewer, shows in last digits of radii
    try:
        oracle = judged_in_half if line["dtype"] in HALVES else judged
        found = oracle(Program.from_json(line["program"]), line["dtype"], line["facets"]["group"])
    except NoTruth as none:
        return {"digest": line["digest"], "undecided": none.reason, "detail": str(none)}
    except Exception as error:
        raise SuiteFault(f"the oracle broke on {case_id(line)}: {type(error).__name__}: {error}") from error
    expectations = [encode_expectation(e) for e in found.expectations]
    return {"digest": line["digest"], "rung": found.rung, "expectations": expectations}


def count(lines: Iterable[dict[str, Any]], truths: dict[str, Any]) -> dict[str, Any]:
    """How many cases there are, by group, class and dtype, and how many are undecided, by reason."""
    tables: dict[str, Counter[str]] = {
        name: Counter() for name in ("group", "class", "dtype", "level", "operator", "rung", "undecided")
    }
    for line in lines:
        truth = truths[line["digest"]]
        if "undecided" in truth:
            tables["undecided"][truth["undecided"]] += 1
            continue
        for facet in ("group", "class", "operator"):
            tables[facet][line["facets"][facet]] += 1
        tables["dtype"][line["dtype"]] += 1
        tables["level"][line["level"]] += 1
        tables["rung"][truth["rung"]] += 1
    return {"cases": sum(tables["dtype"].values())} | {
        name: dict(sorted(table.items())) for name, table in tables.items()
    }


def undecided(folder: Path = FOLDER) -> dict[str, str]:
    """The reason of every undecided case, with its detail, by id."""
    found = {}
    for chapter in chapters(PROGRAMS, folder):
        truths = {t["digest"]: t for t in read(f"{TRUTHS}/{chapter}", folder)}
        for line in read(f"{PROGRAMS}/{chapter}", folder):
            if "undecided" in truths[line["digest"]]:
                found[case_id(line)] = truths[line["digest"]]["detail"]
    return found
