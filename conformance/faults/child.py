"""The process in which a fault is planted: refgrad, made wrong, answers cases."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

import conformance.catalogue  # noqa: F401 - imported once, in the server that children are forked from
import refgrad  # noqa: F401 - likewise
from conformance.engines.refgrad import RefgradEngine
from conformance.faults.registry import find, load
from conformance.protocol.worker import answer

load()


def answer_all(name: str, requests: list[dict[str, Any]], replies: Connection, planted: Any) -> None:
    """Plants the fault, says so, and sends one reply for each request, in order."""
    fault = find(name)
    fault.before()
    engine: Any = fault.after(RefgradEngine())
    replies.send(planted)
    for request in requests:
        replies.send(answer(engine, request))
