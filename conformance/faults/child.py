"""The processes in which refgrad, made wrong by a planted fault or left as it is, answers cases."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

import conformance.catalogue  # noqa: F401 - imported once, in the server that children are forked from
import refgrad  # noqa: F401 - likewise
from conformance.engines.refgrad import RefgradEngine
from conformance.faults.registry import find, load
from conformance.protocol.worker import answer

load()


def answer_each(fault: str, requests: Connection, planted: Any) -> None:
    """Plants the fault, if one is named, says so, and answers requests one by one until the process is ended."""
    if fault:
        find(fault).before()
    engine: Any = RefgradEngine()
    if fault:
        engine = find(fault).after(engine)
    requests.send(planted)
    while True:
        requests.send(answer(engine, requests.recv()))
