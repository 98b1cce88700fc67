"""The counts behind a verdict: over the cases of the locked list, never over what happened to be run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from conformance.caselist import LockedList, requirement_of
from conformance.cases import MUST
from conformance.compare import Status
from conformance.record import Record

PASSED = frozenset({Status.PASS, Status.PERMITTED})
_NOT_EXECUTED = frozenset({Status.UNSUPPORTED, Status.BLOCKED, Status.VERSION, Status.NOT_RUN})
_SHOWN = 12  # names that are given; the others are counted


@dataclass(frozen=True)
class Group:
    """Behaviours, or operators: how many are listed, executed and passed, and how many of them are must."""

    records: Mapping[str, Sequence[Record]]

    def _count(self, predicate: Callable[[Sequence[Record]], bool], *, must: bool) -> int:
        return sum(predicate(rs) for rs in self.records.values() if not must or any(r.level == MUST for r in rs))

    @staticmethod
    def _executed(records: Sequence[Record]) -> bool:
        return any(r.status not in _NOT_EXECUTED for r in records)

    @staticmethod
    def _passed(records: Sequence[Record]) -> bool:
        return all(r.status in PASSED for r in records)

    @property
    def must_not_executed(self) -> list[str]:
        """Must-members none of whose cases was executed; those outside their PyTorch version aside."""
        return [
            name
            for name, records in self.records.items()
            if any(r.level == MUST and r.status != Status.VERSION for r in records) and not self._executed(records)
        ]

    def _numbers(self, *, must: bool) -> dict[str, int]:
        return {
            "listed": self._count(lambda _: True, must=must),
            "executed": self._count(self._executed, must=must),
            "passed": self._count(self._passed, must=must),
        }

    def to_json(self) -> dict[str, Any]:
        return {**self._numbers(must=False), "must": self._numbers(must=True)}

    def words(self, noun: str) -> str:
        n, must = self._numbers(must=False), self._numbers(must=True)
        return (
            f"{n['executed']} of {n['listed']} {noun} executed and {n['passed']} passed"
            f" (must: {must['executed']} of {must['listed']}, {must['passed']} passed)"
        )


@dataclass(frozen=True)
class Tally:
    """The records in the order of the list, one for each of its cases, and everything that is counted over them."""

    locked: LockedList
    given: Sequence[Record] = field(repr=False)

    @cached_property
    def records(self) -> list[Record]:
        known = {r.case: r for r in self.given}
        return [
            replace(known[case_id], level=entry.level) if case_id in known else _not_run(case_id, entry.level)
            for case_id, entry in sorted(self.locked.entries.items())
        ]

    @cached_property
    def counts(self) -> dict[str, int]:
        return _by_severity(Counter(r.status for r in self.records))

    @cached_property
    def by_level(self) -> dict[str, dict[str, int]]:
        levels = sorted({r.level for r in self.records}, key=["must", "should", "may"].index)
        return {level: _by_severity(Counter(r.status for r in self.records if r.level == level)) for level in levels}

    @property
    def executed(self) -> int:
        return sum(r.status not in _NOT_EXECUTED for r in self.records)

    @cached_property
    def behaviours(self) -> Group:
        return Group(_grouped((r.requirement, r) for r in self.records if not r.case.startswith("op/")))

    @cached_property
    def operators(self) -> Group:
        return Group(_grouped((r.case.split("/")[1], r) for r in self.records if r.case.startswith("op/")))

    @property
    def dtype_copies(self) -> dict[str, Any]:
        distinct = len({r.case.partition("@")[0] for r in self.records})
        by_dtype = dict(sorted(Counter(r.dtype or "any" for r in self.records).items()))
        return {"distinct": distinct, "copies": len(self.records) - distinct, "by_dtype": by_dtype}

    def with_status(self, status: Status) -> list[Record]:
        return [r for r in self.records if r.status == status]

    def contradictions(self) -> list[str]:
        """In what the records and the list contradict each other, so that no verdict can be had from them."""
        if MUST not in self.by_level:
            return [f"the list {self.locked.name} has no must-case; nothing can be certified by it"]
        names = Counter(r.case for r in self.given)
        twice = [name for name, n in names.items() if n > 1]
        foreign = [r.case for r in self.given if r.case not in self.locked.entries]
        other = [r.case for r in self.given if r.case not in foreign and self.locked.entries[r.case].level != r.level]
        return [
            f"{len(cases)} records {what}: {some(sorted(cases))}"
            for cases, what in (
                (twice, "appear twice"),
                (foreign, "are of cases that are not in the list"),
                (other, "have another level than the list"),
            )
            if cases
        ]


def _not_run(case_id: str, level: str) -> Record:
    dtype = case_id.rpartition("@")[2] if "@" in case_id else ""
    return Record(case_id, requirement_of(case_id), level, "", dtype, str(Status.NOT_RUN))


def _by_severity(counts: Mapping[str, int]) -> dict[str, int]:
    order = [str(status) for status in Status]
    return {status: counts[status] for status in sorted(counts, key=order.index)}


def _grouped(pairs: Iterable[tuple[str, Record]]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = {}
    for name, record in pairs:
        groups.setdefault(name, []).append(record)
    return groups


def some(names: Sequence[str]) -> str:
    """The names, as many as one can take in."""
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
