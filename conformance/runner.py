"""A list of cases run in worker processes: which process gets which case, and what happens when one breaks.

What is in one process is `protocol.client`; what an answer is worth is decided elsewhere.
"""

from __future__ import annotations

import bisect
import contextlib
import selectors
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.cases import Case
from conformance.errors import AdapterError, SuiteFault
from conformance.protocol.client import MEMORY, STARTUP, Client
from conformance.protocol.forms import in_terms_of
from conformance.protocol.launch import ENGINES, EngineSpec, command_line, did_not_start, environment, parse_engine
from conformance.protocol.messages import Hello, case_request
from conformance.rawlog import RawLog

__all__ = [
    "ATTEMPTS",
    "DEADLINE",
    "ENGINES",
    "GLANCE",
    "MEMORY",
    "RESTARTS",
    "STARTUP",
    "EngineSpec",
    "execute",
    "parse_engine",
]

DEADLINE = 20.0
"""Seconds that one case may take in an official run; a longer deadline makes a run unofficial."""
RESTARTS = 100
"""Crashes and hangs after which the rest of a list is not run."""
ATTEMPTS = 3
"""Starts in a row that may fail once the engine has been seen to start."""
GLANCE = 0.1
"""Seconds between looks at whether a process is alive whose pipe says nothing."""
_IN_FLIGHT = 64  # cases that one worker is given before it has answered them
_GOODBYE = 3.0  # seconds in which a worker that was told to stop may tidy up


def execute(
    spec: EngineSpec,
    cases: Sequence[Case],
    *,
    workers: int = 1,
    deadline: float = DEADLINE,
    startup: float = STARTUP,
    restarts: int = RESTARTS,
    memory: float = MEMORY,
    in_flight: int = _IN_FLIGHT,
    on_hello: Callable[[Hello], RawLog | None] | None = None,
    on_reply: Callable[[Case, Mapping[str, Any]], None] | None = None,
) -> dict[str, dict[str, Any]]:
    """The engine's reply to each case, in the order of the cases, from isolated worker processes.

    `on_hello` is called once, before any case is sent; the log that it may give receives every answer, and the answers
    that it already holds are not asked for again. `on_reply` sees each answer as it comes.

    A process that holds more than `memory` GiB, its children included, is ended, and the case in hand is a crash; one that
    has grown to half of that is replaced between two cases.
    After `restarts` crashes and hangs, counted in the order of the list so that the number of workers changes nothing,
    the rest of the list is not run.

    *errors*: `AdapterError` when the engine does not start.
    """
    if not cases:
        return {}
    run = _Execution(spec, cases, deadline, startup, restarts, memory, in_flight, on_hello, on_reply)
    return run.run(min(workers, len(cases)))


@dataclass(eq=False)
class _Execution:
    """One run: what is pending, the workers, and what was answered. Cases are known by their place in the list."""

    spec: EngineSpec
    cases: Sequence[Case]
    deadline: float
    startup: float
    restarts: int
    memory: float
    in_flight: int
    on_hello: Callable[[Hello], RawLog | None] | None
    on_reply: Callable[[Case, Mapping[str, Any]], None] | None
    replies: dict[int, dict[str, Any]] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)  # places of the cases that broke a worker, in order
    log: RawLog | None = None
    seen: Hello | None = None
    lost: str = ""  # why no worker is left
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    workers: list[_Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pending = deque(range(len(self.cases)))

    def run(self, workers: int) -> dict[str, dict[str, Any]]:
        try:
            self.workers = [_Worker(self, index) for index in range(workers)]
            while self._unfinished():
                self._turn()
        finally:
            self._close()
        return {case.id: self._final(place) for place, case in enumerate(self.cases)}

    @property
    def limit(self) -> int:
        """The last place of the list that is still run."""
        return self.breaks[self.restarts - 1] if len(self.breaks) >= self.restarts else len(self.cases)

    def _unfinished(self) -> bool:
        if all(worker.retired for worker in self.workers):
            return False
        waiting = any(worker.client is not None and worker.client.waiting for worker in self.workers)
        return waiting or bool(self.pending)

    def _turn(self) -> None:
        """One round: start and feed workers, take what they say, and look after the silent ones."""
        while self.pending and self.pending[-1] > self.limit:
            self.pending.pop()
        for worker in self.workers:
            worker.start_if_needed()
        self._feed()
        patience = min((w.client.remaining for w in self.workers if w.client is not None), default=GLANCE)
        for key, _ in self.selector.select(min(patience, GLANCE)):
            key.data()
        for worker in self.workers:
            worker.look_after()

    def _feed(self) -> None:
        """Deals pending cases one at a time, so that a short list is shared too, and sends each worker's at once."""
        hungry = fed = [worker for worker in self.workers if worker.is_hungry]
        while hungry and self.pending:
            for worker in hungry:
                if self.pending:
                    worker.ask(self.pending.popleft())
            hungry = [worker for worker in hungry if worker.room > 0]
        for worker in fed:
            worker.flush()

    def greet(self, hello: Hello) -> None:
        """The first worker is ready: the caller may look at the engine, and brings what is already known."""
        if self.seen is not None:
            return
        self.seen = hello
        self.log = self.on_hello(hello) if self.on_hello is not None else None
        known = self.log.known() if self.log is not None else {}
        for place in [p for p in self.pending if self.cases[p].id in known]:
            self._keep(place, known[self.cases[place].id])
        self.pending = deque(p for p in self.pending if p not in self.replies)

    def answer(self, worker: int, place: int, reply: dict[str, Any]) -> None:
        """Takes a reply, or the runner's own account of a crash or timeout."""
        if self.log is not None:
            self.log.end(worker, self.cases[place].id, reply)
        self._keep(place, reply)

    def _keep(self, place: int, reply: dict[str, Any]) -> None:
        self.replies[place] = reply
        if reply["status"] in ("crash", "timeout"):
            bisect.insort(self.breaks, place)
        if self.on_reply is not None:
            self.on_reply(self.cases[place], reply)

    def put_back(self, places: Iterable[int]) -> None:
        """Cases that a broken worker had not begun; another one runs them."""
        self.pending = deque(sorted([*self.pending, *places]))

    def _final(self, place: int) -> dict[str, Any]:
        if place > self.limit:
            reason = f"the engine crashed or hung {self.restarts} times before; the rest of the list was not run"
            return {"status": "not-run", "reason": reason}
        return self.replies.get(place) or {"status": "not-run", "reason": self.lost}

    def _close(self) -> None:
        clients = [worker.client for worker in self.workers if worker.client is not None]
        for client in clients:
            client.stop()
        finished = not self.pending and not any(client.waiting for client in clients)
        for client in clients:
            client.kill(_GOODBYE if finished and client.hello is not None else 0.0)
        self.selector.close()
        if self.log is not None:
            self.log.close()


class _Worker:
    """One place at the table: a process, and the next one when it breaks."""

    def __init__(self, run: _Execution, index: int) -> None:
        self.run, self.index = run, index
        self.client: Client | None = None
        self.failures = 0  # starts in a row
        self._writing = False

    @property
    def retired(self) -> bool:
        """Whether it has given up starting a process."""
        return self.failures >= ATTEMPTS

    @property
    def room(self) -> int:
        """How many more cases may be under way."""
        if self.client is None or self.client.hello is None or self.client.broken or self.client.outgrown:
            return 0
        return self.run.in_flight - len(self.client.waiting)

    @property
    def is_hungry(self) -> bool:
        """Whether half of what may be under way is done: each message alone would cost a switch between processes."""
        return self.room > 0 and self.room >= self.run.in_flight // 2

    def start_if_needed(self) -> None:
        if self.client is not None or self.retired or not self.run.pending:
            return
        spec, run = self.run.spec, self.run
        try:
            limits = {"deadline": run.deadline, "startup": run.startup, "memory": run.memory}
            self.client = Client(command_line(spec), environment(spec), device=spec.device, **limits)
        except OSError as error:
            raise AdapterError(did_not_start(spec, "launch", f"{error.strerror}: {error.filename}")) from None
        self.run.selector.register(self.client.stdout, selectors.EVENT_READ, self.collect)
        self.run.selector.register(self.client.stderr, selectors.EVENT_READ, self.absorb)

    def ask(self, place: int) -> None:
        if self.client is None or self.client.hello is None:
            raise SuiteFault(f"worker {self.index} has no process; `room` says so")
        case = self.run.cases[place]
        if self.run.log is not None:
            self.run.log.begin(self.index, case.id)
        seq = self.client.next_seq()
        self.client.ask(place, case_request(seq, in_terms_of(case, self.client.hello.features)), seq)

    def _watch_writing(self) -> None:
        """Listens for room in the pipe exactly as long as something waits for it."""
        client = self.client
        if client is None or client.has_outgoing == self._writing:
            return
        self._writing = client.has_outgoing
        if self._writing:
            self.run.selector.register(client.stdin, selectors.EVENT_WRITE, self.flush)
        else:
            self.run.selector.unregister(client.stdin)

    def flush(self) -> None:
        if self.client is not None:
            self.client.flush()
            self._watch_writing()

    def absorb(self) -> None:
        if self.client is not None and not self.client.absorb():
            self.run.selector.unregister(self.client.stderr)

    def collect(self) -> None:
        if self.client is not None:
            self._take(self.client, self.client.collect())

    def look_after(self) -> None:
        """Deals with death and deadlines."""
        if self.client is None:
            return
        self._take(self.client, self.client.check())
        if self.client.broken:
            self._bury(self.client)
        elif self.client.outgrown and not self.client.waiting:
            self._release(self.client)

    def _take(self, client: Client, answers: Iterable[tuple[int, dict[str, Any]]]) -> None:
        for place, reply in answers:
            self.failures = 0
            self.run.answer(self.index, place, reply)
        if client.hello is not None and not client.broken:
            self.run.greet(client.hello)

    def _bury(self, client: Client) -> None:
        """The process is broken: the case in hand is told why, the others go back, and the next process may start."""
        self._release(client)
        place, rest = client.blamed()
        if place is None:
            self._failed_to_start(client)
            return
        reply = {"status": client.status, "reason": client.broken, "stderr": client.stderr_tail}
        self.run.answer(self.index, place, reply)
        self.run.put_back(rest)

    def _release(self, client: Client) -> None:
        """Ends the process; the next one may start."""
        self.client = None
        for descriptor in (client.stdin, client.stdout, client.stderr):
            with contextlib.suppress(KeyError):
                self.run.selector.unregister(descriptor)
        self._writing = False
        client.kill()

    def _failed_to_start(self, client: Client) -> None:
        stage = str(client.fatal.get("stage", "start"))
        message = did_not_start(self.run.spec, stage, client.broken, "" if client.fatal else client.stderr_tail)
        if self.run.seen is None:
            raise AdapterError(message)
        self.failures += 1
        if self.retired:
            self.run.lost = message
