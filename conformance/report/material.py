"""What records are explained with: the cases that they are of, the answers that they judge, and what is wrong with these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path

from conformance import catalogue
from conformance.cases import Case
from conformance.compare import Status
from conformance.corpus.loader import load_cases
from conformance.corpus.store import COPIES, FOLDER
from conformance.diagnosis import Answer, diagnose
from conformance.errors import CorpusError
from conformance.record import Record
from conformance.results import Results
from conformance.waivers import unwaived


class Material:
    """Cases and answers of one run, looked up when they are asked for: both take seconds to read."""

    def __init__(self, results: Results, stored: Iterable[Case] = ()) -> None:
        self._results = results
        self._stored = {case.id: case for case in stored}
        self._answers: dict[str, list[Answer]] = {}

    def case(self, name: str) -> Case | None:
        """A case by id, of a challenge or of the suite as installed; None where there is none, or the corpus is damaged."""
        return self._stored.get(name) or known_case(name)

    def diagnosis(self, failed: Sequence[Record]) -> str:
        """What kind of wrong the failed cases of one requirement are, in words; nothing where it cannot be said."""
        wrong = {r.case for r in failed if r.status in (Status.FAIL, Status.ERROR)}
        if not wrong:
            return ""
        operator = failed[0].facets.get("operator", "")
        siblings = self._of_operator(operator) if operator else self._given(failed)
        found = diagnose([a for a in siblings if a.case.id in wrong], siblings)
        return str(found) if found is not None else ""

    def _of_operator(self, name: str) -> list[Answer]:
        if name not in self._answers:
            self._answers[name] = self._given(self._records[name])
        return self._answers[name]

    @cached_property
    def _records(self) -> Mapping[str, list[Record]]:
        found = defaultdict(list)
        for r in self._results.records:
            found[r.facets.get("operator", "")].append(r)
        return found

    def _given(self, records: Iterable[Record]) -> list[Answer]:
        replies = self._results.replies
        found = ((self.case(r.case), r) for r in records if r.case in replies)
        return [Answer(case, replies[r.case], unwaived(r).status) for case, r in found if case is not None]


def known_case(name: str) -> Case | None:
    """A case of the suite as installed."""
    if not name.startswith("op/"):
        return _documented_cases().get(name)
    return _operator_cases(FOLDER / COPIES if name.endswith(("@float16", "@bfloat16")) else FOLDER).get(name)


@cache
def _documented_cases() -> dict[str, Case]:
    return {c.id: c for c in catalogue.load()}


@cache
def _operator_cases(folder: Path) -> dict[str, Case]:
    """All of the frozen corpus, which takes seconds to read: only asked for when one of it is to be shown."""
    try:
        return {c.id: c for c in load_cases(folder)}
    except CorpusError:
        return {}
