"""The processes in which an engine, made wrong by a planted fault or left as it is, answers cases."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection
from typing import Any

import refgrad  # noqa: F401 - these three once, in the server that the processes are forked from
from conformance.faults.adapters import make_engine
from conformance.faults.mutation.sources import functions
from conformance.faults.registry import VARIANT, find, load
from conformance.protocol.worker import answer

load()
functions()


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def answer_each(fault: str, engine_name: str, requests: Connection, planted: Any) -> None:
    """Plants the fault, if one is named, says so, and answers requests one by one until the process is ended."""
    if fault.startswith(VARIANT):  # some are noisy on purpose, and this is not the place to show it
        _silence()
    if fault:
        find(fault).before()
    engine: Any = make_engine(engine_name)
    if fault:
        engine = find(fault).after(engine)
    requests.send(planted)
    while True:
        requests.send(answer(engine, requests.recv()))
