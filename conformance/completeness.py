"""Whether the catalogue keeps its promises: every published id has cases, every fault a killer, nothing rests on itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.cases import Behaviour, Case
from conformance.catalogue.foundations import rests_on
from conformance.catalogue.ledger import FILE, Line

UNTESTABLE = 10
"""How many behaviours may be given up as untestable, each with its reason."""
FOUNDATIONS = "conformance/catalogue/foundations.py"
_DEVICES = frozenset({"cuda"})

Found = tuple[str, str]
"""Where something is wrong, and what to do about it."""


def where(behaviour: Behaviour) -> str:
    """File and id, as problems name a behaviour."""
    return f"{behaviour.file}: {behaviour.id}" if behaviour.file else behaviour.id


def ids_are_kept(behaviours: Iterable[Behaviour], ledger: Sequence[Line]) -> Iterator[Found]:
    """Every id of the ledger is a behaviour of the level and profile that were promised, and there is no other."""
    known = {line.id: line for line in ledger}
    present = {b.id: b for b in behaviours}
    for line in ledger:
        b = present.get(line.id)
        if line.retired or line.untestable:
            if b is not None:
                yield where(b), f"is {'retired' if line.retired else 'untestable'} in {FILE}; give the new one a new id"
        elif b is None:
            yield line.id, f"is in {FILE} and has no cases; write them, or retire it there with the reason"
        elif (b.level, b.profile) != (line.level, line.profile):
            yield where(b), f"is {b.level}, {b.profile}; {FILE} promises {line.level}, {line.profile}"
    for name in sorted(present.keys() - known.keys()):
        yield (
            where(present[name]),
            f"is not in {FILE}; add the line {name}, {present[name].level}, {present[name].profile}",
        )
    given_up = [line.id for line in ledger if line.untestable]
    if len(given_up) > UNTESTABLE:
        yield FILE, f"{len(given_up)} behaviours are untestable, of which there may be {UNTESTABLE}"


def faults_have_killers(
    behaviours: Iterable[Behaviour], faults: Iterable[str], patterns: Mapping[str, Sequence[str]], cases: Sequence[Case]
) -> Iterator[Found]:
    """Every planted fault is named by a behaviour, or names cases that exist."""
    named = {name for b in behaviours for name in b.kills}
    heads = {c.id.partition("/")[0] for c in cases}
    for name in sorted(faults):
        found = patterns.get(name, ())
        if name not in named and not found:
            yield name, "is a planted fault that nothing must find; name it in kills= of a behaviour, or remove it"
        for pattern in found:
            if not any(head.startswith(pattern.partition("/")[0].partition("*")[0]) for head in heads):
                yield name, f"must be found by cases like {pattern!r}, of which there is none"


def nothing_rests_on_itself(behaviours: Iterable[Behaviour]) -> Iterator[Found]:
    """What a behaviour rests on exists, and no chain of these comes back to where it began."""
    found = tuple(behaviours)
    edges = {b.id: rests_on(b) for b in found}
    for b in found:
        for other in edges[b.id]:
            if other not in edges:
                yield where(b), f"rests on {other}, which does not exist"
    done: set[str] = set()
    for name in edges:
        cycle = _cycle_from(name, edges, done)
        if cycle:
            yield cycle[0], f"rests on itself, by depends= or {FOUNDATIONS}: {' < '.join(cycle)}"


def _cycle_from(start: str, edges: Mapping[str, Sequence[str]], done: set[str]) -> tuple[str, ...]:
    """The ids of a cycle that can be reached from here, or none; what was looked at is added to `done`."""
    path: list[str] = []
    pending: list[tuple[str, bool]] = [(start, False)]
    while pending:
        name, leaving = pending.pop()
        if leaving:
            path.remove(name)
            done.add(name)
        elif name in path:
            done.update(path)  # said once
            return (*path[path.index(name) :], name)
        elif name not in done:
            path.append(name)
            pending.append((name, True))
            pending += [(below, False) for below in edges.get(name, ())]
    return ()


@dataclass(frozen=True)
class Trace:
    """How many of the documented behaviours are traced to a case, can be executed on the CPU or on a CUDA device only,
    and are untestable.
    """

    documented: int
    traced: int
    executed: int
    on_a_device: int
    untestable: int

    def __str__(self) -> str:
        return (
            f"{self.traced} of {self.documented} documented behaviours traced; {self.executed} executed on the CPU, "
            f"{self.on_a_device} more on a CUDA device; {self.untestable} untestable."
        )


def trace(behaviours: Iterable[Behaviour], cases: Iterable[Case], ledger: Iterable[Line]) -> Trace:
    """The counts over the ledger, learners' examples and tombstones left out."""
    ids = {line.id for line in ledger if line.is_documented and not line.retired}
    executed: dict[str, bool] = {}
    for c in cases:
        if c.requirement in ids:
            executed[c.requirement] = executed.get(c.requirement, False) or not c.features & _DEVICES
    untestable = sum(bool(line.untestable) for line in ledger if line.id in ids)
    traced, here = sum(b.id in ids for b in behaviours), sum(executed.values())
    return Trace(len(ids), traced, here, len(executed) - here, untestable)
