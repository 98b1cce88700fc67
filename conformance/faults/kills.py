"""The kill table: for every planted fault, what must find it and whether it did.

A pair is a fault and one thing that must find it: a behaviour, or a pattern of cases. It runs in a process forked from
a server that has imported everything, on those cases only. A case has found the fault if it does not pass with it, and
does without it. All pairs are many; a fixed spread of them is a quick test.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

from conformance.cases import BEHAVIOURS, MUST, Case
from conformance.compare import Judgement, Status, judge
from conformance.errors import SuiteFault
from conformance.faults.registry import find, load

KILLING = (Status.FAIL, Status.ERROR, Status.CRASH, Status.TIMEOUT, Status.UNSUPPORTED)
"""The statuses of a must-case that keep an engine from being certified."""
_SERVER = multiprocessing.get_context("forkserver")
_PRELOAD = ["conformance.faults.kills", "conformance.faults.child"]
_SERVER.set_forkserver_preload(_PRELOAD)


Hunt = tuple[str, str, Sequence[Case]]
"""A fault, what must find it, and the cases of that."""


@dataclass(frozen=True)
class Kill:
    """One cell of the table: the fault, the behaviour (or pattern of cases) named in advance, and what found it."""

    fault: str
    killer: str
    case: str = ""
    status: str = ""
    reason: str = ""

    @property
    def killed(self) -> bool:
        """Whether some case of the killer kept the faulty engine, and not the right one, from being certified."""
        return bool(self.case)

    @property
    def lost(self) -> bool:
        """Whether the killer was run and found nothing."""
        return not self.killed and self.status != Status.NOT_RUN.value


def killers(name: str) -> tuple[str, ...]:
    """What must find the fault: the behaviours whose `kills` name it, and the patterns that the fault names itself."""
    return (*(b.id for b in BEHAVIOURS.values() if name in b.kills), *find(name).finds)


def pairs(names: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Every fault (all, unless named) with each of its killers; of those that nothing finds yet see `holes`."""
    chosen = list(names) or [name for name, fault in sorted(load().items()) if not fault.hole]
    return [(name, killer) for name in chosen for killer in killers(name)]


def holes() -> list[tuple[str, str]]:
    """The faults that nothing finds yet, with what must find them once there is a case for it."""
    return [(name, killer) for name, fault in sorted(load().items()) if fault.hole for killer in killers(name)]


def spread(chosen: Sequence[tuple[str, str]], count: int = 60) -> list[tuple[str, str]]:
    """The same `count` of the pairs each time: one at least of every file of faults and of every area, then evenly.

    >>> from conformance.catalogue import load
    >>> cases, some = load(), spread(pairs())
    >>> len(some), some == spread(pairs()), {area(k) for _, k in some} == {area(k) for _, k in pairs()}
    (60, True, True)
    """
    left, found, seen = list(chosen), [], set()
    for news in (2, 1):
        for pair in list(left):
            facets = {("file", _file(pair[0])), ("area", area(pair[1]))}
            if len(facets - seen) == news and len(found) < count:
                seen |= facets
                found.append(pair)
                left.remove(pair)
    rest = max(0, min(count - len(found), len(left)))
    return sorted([*found, *(left[i * len(left) // rest] for i in range(rest))])


def area(killer: str) -> str:
    """The area of a behaviour, or ``op`` for patterns of operator cases."""
    return "op" if killer.startswith("op/") else killer.partition(".")[0]


def _file(name: str) -> str:
    return find(name).patch.__module__


def kill_table(
    cases: Sequence[Case], chosen: Iterable[tuple[str, str]], *, deadline: float = 10.0, workers: int | None = None
) -> Iterator[Kill]:
    """One `Kill` for each pair, in their order, judged on the given cases, by as many processes as there are cores."""
    by_requirement: Mapping[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_requirement[case.requirement].append(case)

    def hunt(pair: tuple[str, str]) -> Hunt:
        name, killer = pair
        found = by_requirement.get(killer) or [c for c in cases if fnmatchcase(c.id, killer)]
        return name, killer, must_first(found)

    yield from hunted(map(hunt, chosen), deadline=deadline, workers=workers)


def hunted(hunts: Iterable[Hunt], *, deadline: float = 10.0, workers: int | None = None) -> Iterator[Kill]:
    """One `Kill` for each fault and the cases that must find it, in their order."""
    with closing(_AllHealthy()) as healthy, ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        yield from pool.map(lambda hunt: _verdict(*hunt, deadline, healthy), hunts)


def must_first(cases: Sequence[Case]) -> list[Case]:
    """The cases in their order, but those first without which there is no certificate."""
    return sorted(cases, key=lambda case: case.level != MUST)


def _verdict(name: str, killer: str, cases: Sequence[Case], deadline: float, every: _AllHealthy) -> Kill:
    """Runs the cases until one finds the fault; a process that dies or hangs has found it too."""
    missing, engine = [], find(name).engine
    if not importlib.util.find_spec(engine):
        return Kill(name, killer, status=Status.NOT_RUN.value, reason=f"needs {engine}")
    healthy = every.of(engine)
    with process(name, engine) as child:
        if answer(child, _START) != PLANTED:
            raise SuiteFault(f"fault {name} cannot be planted; its patch does not fit refgrad any more")
        for case in cases:
            found = judge(case.expectations, asked(child, case, deadline))
            if found.status not in KILLING:
                continue
            without = healthy.judge(case)
            if without.status not in KILLING:
                return Kill(name, killer, case.id, found.status.value, found.reason)
            if without.status is Status.UNSUPPORTED:
                missing.append(without.reason)
    if cases and len(missing) == len(cases):
        return Kill(name, killer, status=Status.NOT_RUN.value, reason=missing[0])
    return Kill(name, killer)


class _AllHealthy:
    """The engines without a fault, each made when it is first needed."""

    def __init__(self) -> None:
        self._known: dict[str, Healthy] = {}
        self._lock = Lock()

    def of(self, engine: str) -> Healthy:
        """The one of this name."""
        with self._lock:
            return self._known.setdefault(engine, Healthy(engine))

    def close(self) -> None:
        """Ends them all."""
        for healthy in self._known.values():
            healthy.close()


class Healthy:
    """An engine without a fault, in a process of its own, asked about each case once at most."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._known: dict[str, Judgement] = {}
        self._lock = Lock()
        self._open = ExitStack()
        self._child: Connection | None = None

    def judge(self, case: Case) -> Judgement:
        """What the right engine shows in a case; one that kills it is started anew for the next."""
        with self._lock:
            if case.id not in self._known:
                if self._child is None:
                    self._child = self._open.enter_context(process("", self._engine))
                    answer(self._child, _START)
                found = self._known[case.id] = judge(case.expectations, asked(self._child, case, _START))
                if found.status in (Status.CRASH, Status.TIMEOUT):
                    self.close()
            return self._known[case.id]

    def close(self) -> None:
        """Ends the process."""
        self._open.close()
        self._child = None


def preload(modules: Sequence[str]) -> None:
    """Lets the server of processes, if it has not started yet, import more than faults need."""
    _SERVER.set_forkserver_preload([*_PRELOAD, *modules])


@contextmanager
def process(fault: str, engine: str) -> Iterator[Connection]:
    """Our end of a pipe to a forked process that plants the fault, and ends with the block."""
    ours, theirs = _SERVER.Pipe()
    child = _SERVER.Process(target=_serve, args=(fault, engine, theirs), daemon=True)
    child.start()
    theirs.close()
    try:
        yield ours
    finally:
        child.kill()
        child.join()
        ours.close()


def asked(child: Connection, case: Case, deadline: float) -> dict[str, Any]:
    """The reply of such a process to a case; one that dies or takes too long is a reply too."""
    with suppress(OSError):  # of a process that died; what it sends tells
        child.send(request_of(case))
    return answer(child, deadline)


def answer(child: Connection, deadline: float) -> dict[str, Any]:
    """What the process says next."""
    if not child.poll(deadline):
        return {"status": "timeout", "reason": f"no answer within {deadline:g} s"}
    try:
        return child.recv()
    except (EOFError, OSError):
        return {"status": "crash", "reason": "the process died"}


PLANTED = {"status": "planted"}
_START = 60.0  # seconds that the server may take to import everything, on a machine with other work


def request_of(case: Case) -> dict[str, Any]:
    """What a worker is asked for the case."""
    needs = sorted(case.needs)
    if case.program is None:
        return {"do": "call", "function": case.function, "needs": needs}
    return {"do": "run", "program": case.program.to_json(), "needs": needs}


def _serve(fault: str, engine: str, requests: Connection) -> None:
    from conformance.faults.child import answer_each

    answer_each(fault, engine, requests, PLANTED)
