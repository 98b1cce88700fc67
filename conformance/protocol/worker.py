"""The process that drives one Python engine: it reads cases, runs them one after the other, and answers each at once.

``python -m conformance.protocol.worker --engine pkg.mod:Class``. It knows programs and sequence numbers, never what a
case must show. Nothing here judges.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

from conformance.engines.base import Engine, describe_error
from conformance.errors import AdapterError, DeviceError, Unsupported
from conformance.program import Program
from conformance.protocol.messages import PROTOCOL, Hello, read_hello, reply_problem

_START_FAILED = 3
"""The exit status of a worker whose engine cannot start; it has said why before it ends."""


class _Fatal(Exception):
    """The engine cannot start. `stage` is what was being done."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(message)
        self.stage = stage


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves one engine until the suite closes the pipe or says stop; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m conformance.protocol.worker", description=__doc__)
    parser.add_argument("--engine", required=True, help="the adapter, as pkg.mod:Class")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--fault", default="", help="a planted fault, by name")
    options = parser.parse_args(arguments)
    requests, send = _claim_channel()
    faulthandler.enable()
    _die_with_parent()
    try:
        _check_greeting(requests.readline())
        engine = _start(options.engine, options.device, options.fault)
        hello = _introduce(engine)
    except _Fatal as failure:
        send({"fatal": {"stage": failure.stage, "message": str(failure)}})
        return _START_FAILED
    send({"hello": hello})
    for line in iter(requests.readline, b""):
        message = json.loads(line)
        if message["do"] == "stop":
            break
        send({"seq": message["seq"], **answer(engine, message)})
    return 0


def _claim_channel() -> tuple[BinaryIO, Callable[[Mapping[str, Any]], None]]:
    """The suite's two pipes under new descriptors, out of reach of an engine that prints or reads its input."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)

    def send(message: Mapping[str, Any]) -> None:
        text = json.dumps(message, separators=(",", ":"), ensure_ascii=False)
        line = text.encode(errors="replace") + b"\n"  # an error message may hold half a surrogate pair
        while line:
            line = line[os.write(outgoing, line) :]

    return os.fdopen(incoming, "rb"), send


def _die_with_parent() -> None:
    """Asks the kernel, where it can, to end this process when the suite is killed: a hung engine would live on."""
    if sys.platform == "linux":
        import ctypes
        import signal

        set_parent_death_signal = 1  # PR_SET_PDEATHSIG of prctl(2)
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def _check_greeting(line: bytes) -> None:
    greeting = json.loads(line) if line.strip() else {}
    if greeting.get("do") != "hello" or greeting.get("protocol") != PROTOCOL:
        raise _Fatal("greeting", f"expected hello of protocol {PROTOCOL}, got {line[:200]!r}")


def _start(target: str, device: str, fault: str) -> Any:
    """The engine of this name on this device, with its fault planted around the import."""
    planted = _stage("fault", lambda: importlib.import_module("conformance.faults").find(fault)) if fault else None
    if planted is not None:
        _stage("fault", planted.before)
    engine_class = _stage("import", lambda: _resolve(target))
    _check_class(engine_class, target)
    if device != "cpu":
        if not hasattr(engine_class, "device"):
            raise _Fatal(
                "device", f"{target} has no attribute `device`, so it runs on the cpu only; leave --device away"
            )
        engine_class.device = device
    engine = _stage("construction", engine_class)
    return engine if planted is None else _stage("fault", lambda: planted.after(engine))


def _stage(stage: str, action: Callable[[], Any]) -> Any:
    """What the action gives; its error, whatever it is, becomes the reason why the engine cannot start."""
    try:
        return action()
    except _Fatal:
        raise
    except DeviceError as error:
        raise _Fatal("device", str(error)) from error
    except BaseException as error:
        traceback.print_exc()
        raise _Fatal(stage, f"{type(error).__name__}: {_first_line(error)}") from error


def _resolve(target: str) -> Any:
    module_name, _, qualified = target.partition(":")
    found = importlib.import_module(module_name)
    for part in qualified.split("."):
        if not hasattr(found, part):
            raise _Fatal("import", f"module {module_name} has no {qualified}; check the name after the colon")
        found = getattr(found, part)
    return found


def _check_class(engine_class: Any, target: str) -> None:
    """Says in one line what would otherwise be an error from deep inside."""
    if not isinstance(engine_class, type) or not issubclass(engine_class, Engine):
        raise _Fatal("adapter", f"{target} is no adapter; derive it from ImperativeEngine or FunctionalEngine")
    missing = sorted(engine_class.__abstractmethods__)
    if missing:
        lacks = f"lacks the method{'s' * (len(missing) > 1)} {', '.join(missing)}"
        raise _Fatal("adapter", f"{target} {lacks}; define what its base class declares")


def _introduce(engine: Any) -> dict[str, Any]:
    def message() -> dict[str, Any]:
        features, operators = sorted(engine.features), sorted(engine.operators)
        version = str(engine.version)
        hello = Hello(engine.name, version, tuple(features), tuple(operators), engine.environment()).to_json()
        json.dumps(hello)
        return hello

    hello = _stage("introduction", message)
    problem = read_hello(hello)
    if isinstance(problem, str):
        raise _Fatal("introduction", f"{type(engine).__name__}: {problem}; set the class attributes name and version")
    return hello


def answer(engine: Any, message: Mapping[str, Any]) -> Mapping[str, Any]:
    """The reply to one case. Whatever an engine raises is an observation; only its death is the suite's to see."""
    for feature in message.get("needs", ()):
        if feature not in engine.features:
            return {"status": "unsupported", "feature": feature}
    try:
        reply = _run(engine, message) if message["do"] == "run" else _call(engine, message["function"])
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001 - `sys.exit` in an engine is an error of the case
        return _raised(error)
    return reply


def _run(engine: Any, message: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        program = Program.from_json(message["program"])
    except Unsupported as needed:
        return {"status": "unsupported", "feature": needed.feature}
    reply = engine.run(program)
    problem = reply_problem(reply)
    if problem:
        raise AdapterError(f"{type(engine).__name__}.run: {problem}")
    return reply


def _call(engine: Any, where: str) -> Mapping[str, Any]:
    """Runs a namespace case: its assertions are what it must show, so that a failed one is a failed case."""
    function = _resolve(where)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function(engine.namespace())
    except Unsupported as needed:
        return {"status": "unsupported", "feature": needed.feature}
    except AssertionError as error:
        return {"status": "failed", "reason": _assertion(error)}
    except ModuleNotFoundError as error:
        return {"status": "unsupported", "feature": f"module:{error.name}"}
    return {"status": "done", "observations": {}}


def _assertion(error: AssertionError) -> str:
    """What was asserted: the message where the case gives one, and the line of source."""
    frames = traceback.extract_tb(error.__traceback__)
    source = (frames[-1].line or "an assertion") if frames else "an assertion"
    return f"{source} ({error})" if str(error) else source


def _raised(error: BaseException) -> dict[str, Any]:
    return {"status": "error", "error": describe_error(error)}


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0]


if __name__ == "__main__":
    sys.exit(main())
