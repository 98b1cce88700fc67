"""Engines by name, and how the process of each is started."""

from __future__ import annotations

import difflib
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.engines.known import KNOWN, interpreter, variables
from conformance.errors import UsageError

ENGINES: Mapping[str, str] = {name: known.target for name, known in KNOWN.items()}
"""The engines that have a name of their own, with their adapters."""


@dataclass(frozen=True)
class EngineSpec:
    """An engine to be run: its adapter (or command), interpreter, device, and the fault planted in it, if any."""

    name: str
    target: str
    python: str = ""
    device: str = "cpu"
    fault: str = ""
    command: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The engine in words.

        >>> EngineSpec("torch", "conformance.engines.torch:TorchEngine", device="cuda").label
        'torch on cuda'
        """
        where = "" if self.device == "cpu" else f" on {self.device}"
        return f"{self.name}{where}{f' with fault {self.fault}' if self.fault else ''}"


def parse_engine(text: str, *, device: str = "cpu", fault: str = "", python: str = "") -> EngineSpec:
    """The engine that a user named: a known name, ``pkg.mod:Class``, or ``stdio:COMMAND``.

    >>> parse_engine("torch").target
    'conformance.engines.torch:TorchEngine'
    >>> parse_engine("stdio:cat -u").command
    ('cat', '-u')
    """
    if python:
        python = _interpreter(python)
    if text.startswith("stdio:"):
        return EngineSpec(text, text, "", device, fault, _command(text, fault=fault, python=python))
    if text in ENGINES:
        return _known(text, device=device, fault=fault, python=python)
    module, colon, name = text.partition(":")
    parts = [*module.split("."), *name.split(".")]
    if not colon or not all(part.isidentifier() for part in parts):
        near = difflib.get_close_matches(text, ENGINES, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known engines: {', '.join(ENGINES)}."
        raise UsageError(f"no engine {text!r}: {hint} Or name an adapter as pkg.mod:Class or stdio:COMMAND")
    return EngineSpec(text, text, python, device, fault)


def _known(name: str, *, device: str, fault: str, python: str) -> EngineSpec:
    """An engine that has an adapter here: a class for our worker, or a script over a kit, which is a command."""
    known = KNOWN[name]
    if known.runtime and (fault or (python and known.runtime == "node")):
        option, other = ("--fault", "over a kit") if fault else ("--python", "in Node.js")
        raise UsageError(f"{option} does not reach engine {name!r}, which runs {other}; leave it away")
    runs = python or interpreter(name)
    command = (runs, str(known.script)) if known.runtime else ()
    return EngineSpec(name, known.target, "" if known.runtime else runs, device, fault, command)


def _interpreter(python: str) -> str:
    found = shutil.which(python)
    if found is None:
        raise UsageError(f"no interpreter {python!r}: --python takes a path to an executable, or a name on the PATH")
    return os.path.abspath(found)  # noqa: PTH100 - resolving links would leave the virtual environment


def _command(text: str, *, fault: str, python: str) -> tuple[str, ...]:
    if fault or python:
        option = "--fault" if fault else "--python"
        raise UsageError(f"{option} is for Python engines; {text!r} is a command, leave it away")
    try:
        command = tuple(shlex.split(text.removeprefix("stdio:")))
    except ValueError as error:
        raise UsageError(f"cannot read the command of {text!r}: {error}; check its quotes") from None
    if not command or shutil.which(command[0]) is None:
        missing = command[0] if command else ""
        raise UsageError(
            f"no command {missing!r} for engine {text!r}: give the path of an executable, or a name on the PATH"
        )
    return command


def command_line(spec: EngineSpec) -> tuple[str, ...]:
    """What starts the engine's process: the user's command, or our worker in our interpreter or another."""
    if spec.command:
        return spec.command
    options = ["--engine", spec.target, "--device", spec.device, *(["--fault", spec.fault] if spec.fault else [])]
    if spec.python:
        boot = Path(__file__).with_name("boot.py")
        return (spec.python, "-u", "-P", str(boot), *options)
    return (sys.executable, "-u", "-m", "conformance.protocol.worker", *options)


def environment(spec: EngineSpec) -> dict[str, str]:
    """The worker's environment: one thread, since workers share the cores; our import path in our own interpreter."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = [os.environ.get("PYTHONPATH", "")]
    if not spec.python and not spec.command:
        libraries = tuple(str(Path(prefix) / "lib") for prefix in {sys.prefix, sys.base_prefix})
        path = [os.path.abspath(p) for p in sys.path if not p.startswith(libraries)]  # noqa: PTH100 - "" is the cwd
    elif spec.python:
        path.append(str(Path.cwd()))  # as `python -m` would: adapters often lie where one stands
    return {**threads, **variables(spec.target), **os.environ, "PYTHONPATH": os.pathsep.join(p for p in path if p)}


def did_not_start(spec: EngineSpec, stage: str, reason: str, stderr: str = "") -> str:
    """One line: engine, stage, reason, the last words on standard error, and what to do."""
    words = f" ({stderr.splitlines()[-1].strip()})" if stderr else ""
    remedy = _REMEDIES.get(stage, "")
    python = spec.python or sys.executable
    advice = f"; {remedy.format(python=python)}" if remedy else ""
    return f"engine {spec.label} did not start, at {stage}: {reason}{words}{advice}"


_REMEDIES = {
    "import": "check the name, install the engine for {python}, or give another interpreter with --python",
    "construction": "make `Class()` work in {python} first",
    "start": "run its command by hand to see more",
    "launch": "check that it can be executed",
    "fault": "`conformance list faults` names the faults and their engines",
}
