"""The kill table: for every planted fault, what must find it and whether it did.

A fault runs in a process forked from a server that has imported everything, on the cases that must find it only.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from multiprocessing.connection import Connection
from typing import Any

from conformance.cases import BEHAVIOURS, Case
from conformance.compare import Status, judge
from conformance.errors import SuiteFault
from conformance.faults.registry import find, load

KILLING = (Status.FAIL, Status.ERROR, Status.CRASH, Status.TIMEOUT, Status.UNSUPPORTED)
"""The statuses of a must-case that keep an engine from being certified."""
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["conformance.faults.kills", "conformance.faults.child"])


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
        """Whether some case of the killer kept the faulty engine from being certified."""
        return bool(self.case)


def killers(name: str) -> tuple[str, ...]:
    """What must find the fault: the behaviours whose `kills` name it, and the patterns that the fault names itself."""
    return (*(b.id for b in BEHAVIOURS.values() if name in b.kills), *find(name).finds)


def kill_table(cases: Sequence[Case], names: Iterable[str] = (), *, deadline: float = 10.0) -> Iterator[Kill]:
    """One `Kill` for every fault (all, unless named) and each of its killers, judged on the given cases."""
    for name in names or sorted(load()):
        for killer in killers(name):
            chosen = [c for c in cases if killer in (c.requirement, c.id) or fnmatchcase(c.id, killer)]
            yield _verdict(name, killer, chosen, deadline)


def _verdict(name: str, killer: str, cases: Sequence[Case], deadline: float) -> Kill:
    """Runs the cases until one finds the fault; a process that dies or hangs has found it too."""
    ours, theirs = _SERVER.Pipe()
    child = _SERVER.Process(target=_serve, args=(name, [_request(c) for c in cases], theirs), daemon=True)
    child.start()
    theirs.close()
    try:
        if _answer(ours, deadline) != PLANTED:
            raise SuiteFault(f"fault {name} cannot be planted; its patch does not fit refgrad any more")
        for case in cases:
            reply = _answer(ours, deadline)
            judgement = judge(case.expectations, reply)
            if judgement.status in KILLING:
                return Kill(name, killer, case.id, judgement.status.value, judgement.reason)
    finally:
        child.kill()
        child.join()
    return Kill(name, killer)


def _answer(replies: Connection, deadline: float) -> dict[str, Any]:
    if not replies.poll(deadline):
        return {"status": "timeout", "reason": f"no answer within {deadline:g} s"}
    try:
        return replies.recv()
    except EOFError:
        return {"status": "crash", "reason": "the process died"}


PLANTED = {"status": "planted"}


def _request(case: Case) -> dict[str, Any]:
    needs = sorted(case.needs)
    if case.program is None:
        return {"do": "call", "function": case.function, "needs": needs}
    return {"do": "run", "program": case.program.to_json(), "needs": needs}


def _serve(name: str, requests: list[dict[str, Any]], replies: Connection) -> None:
    from conformance.faults.child import answer_all

    answer_all(name, requests, replies, PLANTED)
