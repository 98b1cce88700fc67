"""What an engine is known to get wrong: its waivers, and what only fresh inputs have shown. An alarm that fits is explained."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from conformance.compare import Status
from conformance.record import Match, Record
from conformance.waivers import load_waivers

FOLDER = Path(__file__).parent
FINDINGS = FOLDER / "findings.toml"
_ABSENT = (Status.ERROR, Status.UNSUPPORTED)
_CONFESSION = re.compile(r"not (yet |been )?(implement|support)|needs operator:", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """A root cause, the cases it explains, and the script or page that shows it."""

    id: str
    cause: str
    link: str
    match: Match = field(hash=False, compare=False)

    def fits(self, record: Record) -> bool:
        """Whether it explains this record; of a list of globs one must fit."""
        return record.fits(self.match)


def findings(engine: str) -> tuple[Finding, ...]:
    """Every finding about an engine: those that are waived for the locked list, then those that no frozen case shows."""
    waived = (Finding(w.id, w.cause, w.link, dict(w.match)) for w in load_waivers(engine) if not w.counted)
    return (*waived, *own_findings(engine))


def own_findings(engine: str) -> tuple[Finding, ...]:
    """The findings that no frozen case shows."""
    table = tomllib.loads(FINDINGS.read_text(encoding="utf-8"))
    return tuple(Finding(f["id"], f["cause"], f["link"], f["match"]) for f in table.get(engine, ()))


def explained(record: Record, known: tuple[Finding, ...]) -> Finding | None:
    """The first finding that fits; an engine that says itself that it lacks a derivative has found it for us."""
    found = next((f for f in known if f.fits(record)), None)
    if found is None and record.status in _ABSENT and _CONFESSION.search(record.reason):
        operator, group = record.facets.get("operator", ""), record.facets.get("group", "")
        return Finding(f"not-implemented:{operator}", f"the engine says that it has no {group} of {operator}", "", {})
    return found
