"""One engine, asked case by case in a process of its own: for pytest and exploration, which have no list to hand over.

Cases that are known to come next are sent ahead, so that the engine never waits for the one who asks.
"""

from __future__ import annotations

import select
from collections import deque
from collections.abc import Iterable
from typing import Any

from conformance.cases import Case
from conformance.errors import AdapterError
from conformance.program import Program
from conformance.protocol.client import MEMORY, STARTUP, Client
from conformance.protocol.forms import in_terms_of
from conformance.protocol.launch import EngineSpec, command_line, did_not_start, environment
from conformance.protocol.messages import Hello, case_request
from conformance.runner import ATTEMPTS, DEADLINE, GLANCE, RESTARTS

_GOODBYE = 5.0  # seconds in which a process that was told to stop may tidy up


class Dialogue:
    """An engine that is started on the first question, restarted when it breaks, and ended by `close`. A process that has
    grown to half of `memory` GiB is replaced between two cases, as a run of a list does.

    *errors*: `AdapterError` when the engine does not start.
    """

    def __init__(
        self,
        spec: EngineSpec,
        *,
        deadline: float = DEADLINE,
        startup: float = STARTUP,
        restarts: int = RESTARTS,
        in_flight: int = 8,
        memory: float = MEMORY,
    ) -> None:
        self.spec, self.deadline, self.startup, self.memory = spec, deadline, startup, memory
        self.hello: Hello | None = None
        self._restarts, self._in_flight = restarts, in_flight
        self._client: Client | None = None
        self._known: list[Case] = []  # a case's number is its place here
        self._queue: deque[int] = deque()
        self._replies: dict[str, dict[str, Any]] = {}
        self._failures = 0
        self._lost = ""
        self._count = 0

    def reply(self, case: Case, ahead: Iterable[Case] = ()) -> dict[str, Any]:
        """The engine's reply to a case; `ahead` are cases that will be asked next."""
        for wanted in (case, *ahead):
            self._enqueue(wanted)
        while case.id not in self._replies:
            if self._lost:
                return {"status": "not-run", "reason": self._lost}
            self._turn()
        return self._replies.pop(case.id)

    def run(self, program: Program) -> dict[str, Any]:
        """The reply to a program that is no case, as an engine's own `run` would give it."""
        self._count += 1
        return self.reply(Case(f"explored/{self._count}", "", "", "", "", program=program))

    def close(self) -> None:
        """Ends the process."""
        if self._client is not None:
            self._client.stop()
            self._client.kill(0.0 if self._client.waiting else _GOODBYE)
            self._client = None

    def _enqueue(self, case: Case) -> None:
        pending = [*self._queue, *(number for _, number in (self._client.waiting if self._client else ()))]
        if case.id not in self._replies and all(self._known[n].id != case.id for n in pending):
            self._queue.append(len(self._known))
            self._known.append(case)

    def _turn(self) -> None:
        """One round: start and feed the process, take what it says, notice its death."""
        client = self._client = self._client or self._start()
        while client.hello and not client.outgrown and self._queue and len(client.waiting) < self._in_flight:
            seq, number = client.next_seq(), self._queue.popleft()
            client.ask(number, case_request(seq, in_terms_of(self._known[number], client.hello.features)), seq)
        readable, writable, _ = select.select(
            [client.stdout, client.stderr], [client.stdin] if client.has_outgoing else [], [], self._patience(client)
        )
        if writable:
            client.flush()
        if client.stderr in readable:
            client.absorb()
        if client.stdout in readable:
            self._take(client.collect())
        self._take(client.check())
        self.hello = self.hello or client.hello
        if client.broken:
            self._bury(client)
        elif client.outgrown and not client.waiting:
            self.close()

    def _patience(self, client: Client) -> float:
        return max(0.0, min(client.remaining, GLANCE))

    def _start(self) -> Client:
        spec = self.spec
        try:
            limits = {"deadline": self.deadline, "startup": self.startup, "memory": self.memory}
            return Client(command_line(spec), environment(spec), device=spec.device, **limits)
        except OSError as error:
            raise AdapterError(did_not_start(spec, "launch", f"{error.strerror}: {error.filename}")) from None

    def _take(self, answers: Iterable[tuple[int, dict[str, Any]]]) -> None:
        for number, reply in answers:
            self._failures = 0
            self._replies[self._known[number].id] = reply

    def _bury(self, client: Client) -> None:
        """The process broke: the case in hand is told why; the others are asked again, as long as restarts are left."""
        self._client = None
        client.kill()
        number, rest = client.blamed()
        if number is None:
            self._failed_to_start(client)
            return
        reply = {"status": client.status, "reason": client.broken, "stderr": client.stderr_tail}
        self._replies[self._known[number].id] = reply
        self._queue.extendleft(reversed(rest))
        self._restarts -= 1
        if self._restarts <= 0:
            self._lost = "the engine crashed or hung too often before; the rest of the list was not run"

    def _failed_to_start(self, client: Client) -> None:
        stage = str(client.fatal.get("stage", "start"))
        message = did_not_start(self.spec, stage, client.broken, "" if client.fatal else client.stderr_tail)
        if self.hello is None:
            raise AdapterError(message)
        self._failures += 1
        if self._failures >= ATTEMPTS:
            self._lost = message
