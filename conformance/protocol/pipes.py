"""The three pipes of an engine process, none of which blocks: what goes in, what comes out, and the chatter beside it.

They are read and written as far as they go, so that a full pipe on either side cannot stop both. What a message means is
`client`'s business.
"""

from __future__ import annotations

import json
import os
import re
import select
import time
from typing import Any

_CHUNK = 1 << 18
_LONGEST_LINE = 1 << 26  # bytes; an engine that writes more without a newline is not answering
_NOISE = 1 << 20  # bytes of chatter between two answers; beyond that it is no chatter
_TAIL = 4000  # bytes of chatter that are kept
_ADDRESS = re.compile(rb" at 0x[0-9a-f]{6,16}")  # where an object lay: differs from run to run, says nothing


class Outgoing:
    """What is still to be written to the engine, and since when it has closed its end."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.bytes = bytearray()
        self.deaf = float("inf")  # when the engine was seen to have closed its input

    def flush(self) -> None:
        """Writes as much as the pipe takes."""
        try:
            while self.bytes:
                del self.bytes[: os.write(self.descriptor, memoryview(self.bytes)[:_CHUNK].tobytes())]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self.bytes.clear()  # it is dead, or deaf: which of them is found out after its last answers are read
            self.deaf = min(self.deaf, time.monotonic())

    def look(self) -> None:
        """Notices, without writing, whether there is still somebody who should read."""
        pipe = select.poll()
        pipe.register(self.descriptor, 0)
        if any(event & select.POLLERR for _, event in pipe.poll(0)):
            self.deaf = min(self.deaf, time.monotonic())


class Chatter:
    """The end of what the engine says that is no message, on standard error or between its answers."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._bytes = bytearray()

    def absorb(self) -> bool:
        """Reads what is there; false when the pipe is closed."""
        try:
            chunk = os.read(self.descriptor, _CHUNK)
        except BlockingIOError:
            return True
        self.add(chunk)
        return bool(chunk)

    def add(self, text: bytes) -> None:
        """Puts a text behind the others, of which only the end is kept."""
        self._bytes += text
        del self._bytes[:-_TAIL]

    @property
    def tail(self) -> str:
        """The last words."""
        return self._bytes.decode(errors="replace").strip()


class Incoming:
    """What the engine writes: lines, of which those that are JSON objects are messages."""

    def __init__(self, descriptor: int, chatter: Chatter) -> None:
        self.descriptor, self.chatter = descriptor, chatter
        self.rest = bytearray()  # of a line that has not ended
        self._noise = 0

    def lines(self) -> tuple[bool, list[bytes]]:
        """Reads what is there: whether the stream has ended, and the lines that are whole."""
        lines: list[bytes] = []
        try:
            while chunk := os.read(self.descriptor, _CHUNK):
                whole, newline, rest = chunk.rpartition(b"\n")  # the newest part only: a line may be long
                if newline:
                    lines += bytes(self.rest + whole).split(b"\n")
                    self.rest.clear()
                self.rest += rest
                if len(chunk) < _CHUNK or self.is_endless:
                    return False, lines
        except BlockingIOError:
            return False, lines
        return True, lines

    @property
    def is_endless(self) -> bool:
        """Whether it has written more than any line may hold, without ending one."""
        return len(self.rest) > _LONGEST_LINE

    def message(self, line: bytes) -> dict[str, Any] | str | None:
        """The message of a line; nothing for chatter, which is passed over within reason; what is wrong, in words."""
        if not line.startswith(b"{"):
            self._noise += len(line) + 1
            self.chatter.add(line + b"\n")
            return f"it wrote {self._noise} bytes that are no message" if self._noise > _NOISE else None
        self._noise = 0
        try:
            message = json.loads(_ADDRESS.sub(" at 0x…".encode(), line) if b" at 0x" in line else line)
        except (ValueError, RecursionError):
            return f"it wrote a line that is no JSON: {excerpt(line)}"
        if b"\\ud" in line.lower():  # half a surrogate pair, which no text that we write may hold
            message = json.loads(json.dumps(message, ensure_ascii=False).encode(errors="replace"))
        return message


def excerpt(content: Any) -> str:
    """The beginning of a line or a message, for an error's text.

    >>> excerpt(b"x" * 200) == repr("x" * 117 + "…")
    True
    """
    text = content.decode(errors="replace") if isinstance(content, bytes) else json.dumps(content)
    return repr(text if len(text) <= 120 else f"{text[:117]}…")
