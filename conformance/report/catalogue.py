"""The catalogue as two pages: every documented behaviour with its cases, and what traces it to cases and faults."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.caselist import PROFILES
from conformance.cases import BEHAVIOURS, MUST, Behaviour, Case
from conformance.catalogue import load
from conformance.catalogue.foundations import rests_on
from conformance.catalogue.ledger import Line, ledger
from conformance.compare import Status
from conformance.printing import case_code
from conformance.report.html import render
from conformance.report.index import engines_in
from conformance.report.model import count_statuses
from conformance.report.tables import worst
from conformance.results import read_results
from conformance.verdict import Record

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Entry:
    """One behaviour: what it says, what it rests on, its cases, and how each engine did on them."""

    behaviour: Behaviour
    cases: tuple[Case, ...]
    profiles: tuple[str, ...]
    rests_on: tuple[str, ...]
    answers: Mapping[str, Counts]  # by engine; an engine on whose list it is not is missing

    @property
    def code(self) -> str:
        """One of its cases as PyTorch code, a program if there is one."""
        return case_code(next((c for c in self.cases if c.program is not None), self.cases[0]))

    @property
    def features(self) -> tuple[str, ...]:
        """What an engine must have to run any of its cases."""
        return tuple(sorted(frozenset.intersection(*(c.features for c in self.cases))))

    @property
    def labels(self) -> tuple[str, ...]:
        """Its cases, the behaviour's own id as dots, and those that differ in the dtype only as one."""
        dtypes: dict[str, list[str]] = defaultdict(list)
        for case in self.cases:
            name, _, dtype = case.id.partition("@")
            dtypes[f"…{name.removeprefix(self.behaviour.id)}"].append(dtype)
        return tuple(f"{name}@{', '.join(found)}" if any(found) else name for name, found in dtypes.items())

    def verdict(self, engine: str) -> str:
        """The gravest status among the answers of an engine, or nothing."""
        return worst(name for name, _ in self.answers[engine]) if engine in self.answers else ""


@dataclass(frozen=True)
class Chapter:
    """The behaviours of one area."""

    name: str
    entries: tuple[Entry, ...]

    @property
    def levels(self) -> Counts:
        """How many behaviours of each level there are."""
        counts = {level: sum(e.behaviour.level == level for e in self.entries) for level in ("must", "should", "may")}
        return tuple((level, n) for level, n in counts.items() if n)


@dataclass(frozen=True)
class Catalogue:
    """All that the two pages show."""

    chapters: tuple[Chapter, ...]
    engines: tuple[str, ...]
    given_up: tuple[Line, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every behaviour, in the order of the page."""
        return tuple(e for chapter in self.chapters for e in chapter.entries)

    @property
    def numbers(self) -> tuple[tuple[str, int, str], ...]:
        """What is counted at the head of the page: title, number, and what is worth knowing beside it."""
        entries = self.entries
        musts = [e for e in entries if e.behaviour.level == MUST]
        cases = [c for e in entries for c in e.cases]
        faults = {name for e in entries for name in e.behaviour.kills}
        departures = sum(bool(e.behaviour.discrepancy) for e in entries)
        programs = sum(c.program is not None for c in cases)
        return (
            ("Behaviours", len(entries), f"{len(musts)} musts, each with a planted fault"),
            ("Cases", len(cases), f"{programs} programs, {len(cases) - programs} functions of a namespace"),
            ("Planted faults", len(faults), "that behaviours must find"),
            ("Findings", departures, "where PyTorch departs from its documentation"),
        )


def catalogue(root: Path) -> Catalogue:
    """The catalogue, with the answers of every engine that a folder of reports holds."""
    cases: dict[str, list[Case]] = defaultdict(list)
    for case in load():
        cases[case.requirement].append(case)
    answers = _answers(root)
    chapters: dict[str, list[Entry]] = defaultdict(list)
    for name in sorted(cases):
        found = {engine: by[name] for engine, by in answers.items() if name in by}
        chapters[BEHAVIOURS[name].area].append(_entry(BEHAVIOURS[name], cases[name], found))
    gone = tuple(line for line in ledger() if line.retired or line.untestable)
    return Catalogue(tuple(Chapter(name, tuple(es)) for name, es in chapters.items()), tuple(answers), gone)


def _entry(behaviour: Behaviour, cases: Sequence[Case], answers: Mapping[str, Counts]) -> Entry:
    held = tuple(name for name, profile in PROFILES.items() if any(profile.accepts(case, "cpu") for case in cases))
    return Entry(behaviour, tuple(cases), held, rests_on(behaviour), answers)


def _answers(root: Path) -> dict[str, dict[str, Counts]]:
    """For each engine of the folder, the statuses of each behaviour that was on its list."""
    found: dict[str, dict[str, Counts]] = {}
    for engine in engines_in(root):
        records: dict[str, list[Record]] = defaultdict(list)
        for r in read_results(root / engine.folder).records:
            if r.requirement in BEHAVIOURS:
                records[r.requirement].append(r)
        found[engine.name] = {name: count_statuses(group) for name, group in records.items()}
    return found


def write_catalogue(root: Path) -> tuple[Path, Path]:
    """Writes catalogue.html and traceability.html beside the index of a folder of reports; gives both."""
    found = catalogue(root)
    pages = root / "catalogue.html", root / "traceability.html"
    for page in pages:
        page.write_text(render(page.name, catalogue=found, passed=(Status.PASS, Status.PERMITTED)), encoding="utf-8")
    return pages
