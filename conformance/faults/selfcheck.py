"""The suite's own score: planted faults, rule mutants, harmless variants and other checkers, in one run, as plain data.

What comes out is stored with the digest of all that it depends on, so that a test can tell when it is out of date.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import refgrad
from conformance import catalogue
from conformance.cases import Case
from conformance.corpus.store import FOLDER as CORPUS
from conformance.corpus.store import LOCK
from conformance.faults.comparison import PRELOAD, compare
from conformance.faults.harmless.judging import judge_variants, redrawn_cases
from conformance.faults.kills import Kill, area, holes, kill_table, pairs, preload
from conformance.faults.mutation import find_mutant
from conformance.faults.mutation.scoring import ANY, OWN, score
from conformance.faults.registry import Fault, load

NEW, EQUIVALENT, HOLE, UNREACHED = "new", "equivalent", "hole", "unreached"
"""What a surviving mutant is: not looked at yet; no mutant at all; one that lacks a case; or one that no case runs through."""
PARTS = ("faults", "mutants", "variants", "checkers")
_HERE = Path(__file__).parent
_SURVIVORS = _HERE / "mutation" / "survivors.toml"


def selfcheck(
    cases: Sequence[Case],
    *,
    parts: Iterable[str] = PARTS,
    workers: int = 2,
    on_part: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """All of it, or some parts, as JSON can hold it; `on_part` is told what begins."""
    run: dict[str, Callable[[], Any]] = {
        "faults": lambda: faults(cases, workers),
        "mutants": lambda: mutants(cases, workers),
        "variants": lambda: variants(cases, workers),
        "checkers": lambda: checkers(cases, workers),
    }
    preload(PRELOAD)
    found: dict[str, Any] = {"digest": digest()}
    for part in parts:
        on_part(part)
        found[part] = run[part]()
    return found


def digest() -> str:
    """The SHA-256 of what the scores depend on: the faults, what must find them, the rules, and the lock of the cases."""
    rules = Path(refgrad.__file__).parent
    texts = [*_HERE.rglob("*.py"), *_HERE.rglob("*.toml"), rules / "rules.py", *(rules / "ops").glob("*.py")]
    found = hashlib.sha256()
    for path in [*sorted(texts), CORPUS / LOCK]:
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    catalogue.load()  # whose behaviours name faults
    found.update(repr(pairs()).encode())
    return found.hexdigest()


# the parts


def faults(cases: Sequence[Case], workers: int) -> list[dict[str, Any]]:
    """Every fault with its kills, in order of names."""
    chosen = [*pairs(), *holes()]
    by_name: dict[str, list[Kill]] = {}
    for kill in kill_table(cases, chosen, workers=workers):
        by_name.setdefault(kill.fault, []).append(kill)
    return [_fault(load()[name], kills) for name, kills in sorted(by_name.items())]


def _fault(fault: Fault, kills: Sequence[Kill]) -> dict[str, Any]:
    return {
        "name": fault.name,
        "statement": fault.statement,
        "family": fault.family or "named by behaviours",
        "engine": fault.engine,
        "hole": fault.hole,
        "kills": [{"killer": k.killer, "area": area(k.killer), "case": k.case, "status": k.status} for k in kills],
    }


def mutants(cases: Sequence[Case], workers: int) -> dict[str, Any]:
    """How many rule mutants there are and were found, by their own operator or another, and those that survive, and why."""
    found = list(score(cases, workers=workers))
    survivors = [_survivor(k) for k in found if not k.killed]
    return {
        "all": len(found),
        "own": sum(k.killed and k.killer == OWN for k in found),
        "any": sum(k.killed and k.killer == ANY for k in found),
        "survivors": sorted(survivors, key=lambda s: s["name"]),
    }


def _survivor(kill: Kill) -> dict[str, str]:
    known = next((e for e in survivors() if any(fnmatchcase(kill.fault, p) for p in e["mutants"])), {})
    kind, reason = known.get("kind", NEW), known.get("reason", "")
    if kill.status and kind != EQUIVALENT:
        kind, reason = UNREACHED, kill.reason
    return {"name": kill.fault, "statement": find_mutant(kill.fault).statement, "kind": kind, "reason": reason}


def survivors() -> list[dict[str, Any]]:
    """The mutants that were looked at: patterns of names, whether they are equivalent or a hole, and why."""
    return tomllib.loads(_SURVIVORS.read_text(encoding="utf-8"))["survivors"]


def variants(cases: Sequence[Case], workers: int) -> list[dict[str, Any]]:
    """Every harmless variant, with how many cases it was judged on and the alarms that it raised."""
    redrawn = redrawn_cases(processes=workers)
    return [
        {
            "name": j.variant.name,
            "statement": j.variant.statement,
            "known": j.variant.alarm,
            "frozen": j.frozen,
            "redrawn": j.redrawn,
            "alarms": [asdict(a) for a in j.alarms],
        }
        for j in judge_variants(cases, redrawn, workers=workers)
    ]


def checkers(cases: Sequence[Case], workers: int) -> dict[str, Any]:
    """What other checkers find of the faults that are wrong derivatives."""
    found = compare(cases, (f for _, f in sorted(load().items())), workers=workers)
    return {
        "inputs": found.inputs,
        "false_alarms": dict(found.false_alarms),
        "compared": [asdict(c) for c in found.compared],
    }


def problems(found: dict[str, Any]) -> list[str]:
    """What a run has shown to be wrong: lost kills, holes that are none any more, unexpected alarms, new survivors."""
    wrong = []
    for f in found.get("faults", ()):
        lost = [k["killer"] for k in f["kills"] if not k["case"] and k["status"] != "not-run"]
        if f["hole"] and len(lost) < len(f["kills"]):
            wrong.append(f"{f['name']} is found by now; take its `hole` away")
        if not f["hole"] and lost:
            wrong.append(f"{f['name']} is not found by {', '.join(lost)}")
    for v in found.get("variants", ()):
        if v["alarms"] and not v["known"]:
            wrong.append(f"{v['name']} raises {len(v['alarms'])} alarms, the first in {v['alarms'][0]['case']}")
        if v["known"] and not v["alarms"]:
            wrong.append(f"{v['name']} raises no alarm any more; take its `alarm` away")
    wrong += [f"{s['name']} survives" for s in found.get("mutants", {}).get("survivors", ()) if s["kind"] == NEW]
    return wrong
