"""The suite's end of one engine process: starting it, asking, collecting answers, and saying why it broke.

Nothing here blocks, as `pipes` says. Which process gets which case is the runner's business.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.protocol.memory import resident
from conformance.protocol.messages import Hello, hello_request, read_hello, reply_problem
from conformance.protocol.pipes import Chatter, Incoming, Outgoing, excerpt

MEMORY = 8.0
"""GiB that one engine's process and its children may hold."""
STARTUP = 120.0
"""Seconds in which it must say hello, or give a sign of life."""
_LOOKS = 0.1  # seconds between looks at the memory and at whether anybody listens
_GRACE = 1.0  # seconds in which an engine that closed its input may still answer, or end
_RENEWALS = 9  # how often a sign of life renews the start-up deadline


class Client:
    """One engine process. `broken` says why it cannot go on, `status` whether that was a crash or a timeout."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        device: str,
        deadline: float,
        startup: float,
        memory: float = MEMORY,
    ) -> None:
        self.deadline, self.startup, self.memory = deadline, startup, memory
        self.hello: Hello | None = None
        self.fatal: Mapping[str, Any] = {}
        self.broken = ""
        self.status = "crash"
        self.waiting: deque[tuple[int, int]] = deque()  # (sequence number, the runner's number of the case)
        self.answered: tuple[int, int] = (0, -1)  # the last of them that was answered
        self.twice = False  # whether that one was answered again, which makes its answer worthless
        self._sent = 0
        self._alive = ""  # the engine's last sign of life within what it does now
        self._renewals = 0
        self._looked = 0.0
        self._held = self._held_first = 0.0  # GiB: now, and when it had said hello
        self.process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,  # a group of its own, so that killing it takes its children along
            env=dict(environment),
        )
        self.stdin, self.stdout, self.stderr = (
            pipe.fileno() for pipe in (self.process.stdin, self.process.stdout, self.process.stderr) if pipe is not None
        )
        for descriptor in (self.stdin, self.stdout, self.stderr):
            os.set_blocking(descriptor, False)
        self._outgoing, self._chatter = Outgoing(self.stdin), Chatter(self.stderr)
        self._incoming = Incoming(self.stdout, self._chatter)
        self._since = time.monotonic()
        self._outgoing.bytes += hello_request(device)
        self.flush()

    # asking

    def ask(self, number: int, request: bytes, seq: int) -> None:
        """Puts a case in line, for the next `flush` to send; its answer will come under the runner's `number`."""
        if not self.waiting:
            self._since = time.monotonic()
        self.waiting.append((seq, number))
        self._outgoing.bytes += request

    def next_seq(self) -> int:
        """The sequence number of the next message: 1, 2, 3, …"""
        self._sent += 1
        return self._sent

    @property
    def has_outgoing(self) -> bool:
        """Whether something waits for room in the pipe."""
        return bool(self._outgoing.bytes)

    def flush(self) -> None:
        """Writes as much as the pipe takes."""
        self._outgoing.flush()

    # collecting

    def collect(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The answers that have arrived: pairs of the runner's number and the reply."""
        ended, lines = self._incoming.lines()
        for line in lines:
            answer = None if self.broken else self._take(line)
            if answer is not None:
                yield answer
        if self._incoming.is_endless:
            self.broken = self.broken or f"it wrote {len(self._incoming.rest)} bytes without ending a line"
        if ended and not self.broken:
            self._ended()

    def _take(self, line: bytes) -> tuple[int, dict[str, Any]] | None:
        """What one line means; one that is no message means nothing, or that the engine is broken."""
        message = self._incoming.message(line)
        if not isinstance(message, dict):
            self.broken = message or ""
            return None
        if set(message) == {"alive"}:
            self._lives(message["alive"])
            return None
        if self.hello is None:
            self._greeted(message)
            return None
        return self._answered(message)

    def _lives(self, doing: Any) -> None:
        """A sign of life: it prolongs a start-up, some times; a case has its deadline, and the words go into the reason."""
        self._alive = str(doing)[:200]
        if self.hello is None and self._renewals < _RENEWALS:
            self._renewals += 1
            self._since = time.monotonic()

    def _greeted(self, message: Mapping[str, Any]) -> None:
        fatal = message.get("fatal")
        if isinstance(fatal, dict):
            self.fatal = fatal
            self.broken = str(fatal.get("message"))
            return
        content = message.get("hello")
        hello = (
            read_hello(content) if isinstance(content, dict) else f"it began with {excerpt(message)} and not with hello"
        )
        if isinstance(hello, str):
            self.broken = hello
        else:
            self.hello, self._alive = hello, ""

    def _answered(self, message: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        seq = message.pop("seq", None)
        if type(seq) is int and seq == self.answered[0]:
            self.twice = True
            self.broken = f"it answered message {seq} twice"
            return None
        if not self.waiting or type(seq) is not int or seq != self.waiting[0][0]:
            asked = f"message {self.waiting[0][0]} was its turn" if self.waiting else "nothing was asked"
            self.broken = f"it answered message {seq!r} where {asked}"
            return None
        self.answered = self.waiting.popleft()
        _, number = self.answered
        self._since, self._alive = time.monotonic(), ""
        problem = reply_problem(message)
        if problem:
            error = {"class": "AdapterError", "message": f"malformed answer: {problem}"}
            return number, {"status": "error", "error": error}
        return number, message

    # standard error, death and deadlines

    def absorb(self) -> bool:
        """Reads standard error, of which only the end is kept; false when it is closed."""
        return self._chatter.absorb()

    @property
    def stderr_tail(self) -> str:
        """The last words on standard error."""
        return self._chatter.tail

    @property
    def remaining(self) -> float:
        """Seconds until the deadline of what is being done; infinite when nothing is."""
        if self.hello is None:
            return self._since + self.startup - time.monotonic()
        return self._since + self.deadline - time.monotonic() if self.waiting else float("inf")

    def check(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Notices death, deafness, greed and a passed deadline, after collecting what was answered before."""
        if self.broken:
            return
        now = time.monotonic()
        self._look(now)
        greedy = self._held > self.memory
        dead = self.process.poll() is not None  # a grandchild may hold the pipe open, so that its end is not enough
        deaf = now - self._outgoing.deaf > _GRACE
        if not (dead or deaf or greedy) and self.remaining > 0:
            return
        yield from self.collect()
        if self.broken:
            return
        if dead:
            self._ended()
        elif greedy:
            self.broken = f"it held {self._held:.2f} GiB of memory where {self.memory:g} are allowed"
        elif deaf:
            self.broken = "it closed its input and lived on"
        elif self.remaining <= 0:
            self._late()

    def _look(self, now: float) -> None:
        """Now and then: GiB that the engine holds, and whether it still has an end of the pipe that it should read."""
        if now - self._looked < _LOOKS:
            return
        self._looked = now
        self._outgoing.look()
        self._held = resident(self.process.pid) / 2**30
        if self.hello is not None and not self._held_first:
            self._held_first = self._held

    @property
    def outgrown(self) -> bool:
        """Whether it holds so much that a fresh process had better go on: engines that keep what they compile only grow."""
        return self._held > max(self.memory / 2, 2 * self._held_first) and self.hello is not None

    def _late(self) -> None:
        self.status = "timeout"
        limit = self.startup if self.hello is None else self.deadline
        doing = f"; its last sign of life was: {self._alive}" if self._alive else ""
        self.broken = f"no answer within {limit:g} s{doing}"

    def _ended(self) -> None:
        """Puts into words how the process ended."""
        try:
            code = self.process.wait(timeout=1.0)  # the pipe closes a moment before the process is gone
        except subprocess.TimeoutExpired:
            self.broken = "it closed its output"
            return
        how = f"died of {_signal_name(-code)}" if code < 0 else f"ended with status {code}"
        where = (
            "before it said hello" if self.hello is None else "in the middle of a case" if self.waiting else "unasked"
        )
        cut = ", in the middle of a line" if self._incoming.rest else ""
        self.broken = f"its process {how} {where}{cut}"

    def blamed(self) -> tuple[int | None, list[int]]:
        """Of a broken process: the number of the case that it broke on, and those that it had not begun."""
        waiting = [number for _, number in self.waiting]
        if self.twice:
            return self.answered[1], waiting
        return (waiting[0], waiting[1:]) if self.hello is not None and waiting else (None, waiting)

    def stop(self) -> None:
        """Tells the process that there is no more to do, by closing its input."""
        with contextlib.suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.close()

    def kill(self, patience: float = 0.0) -> None:
        """Ends the process and all its children, after waiting a while for it to end by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            if patience:
                self.process.wait(timeout=patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.absorb()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
