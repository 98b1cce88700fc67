"""Making the environment of an engine: a virtual environment with its requirements, or a folder for Node."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from conformance.engines.known import KNOWN, Known, folder, variables
from conformance.errors import AdapterError, UsageError


def install(name: str, say: Callable[[str], None], *, python: str = "") -> Path:
    """Makes an engine's environment with the pinned requirements and sees that it can be imported; gives its folder.

    `python` is the interpreter to make it with, in the place of the one that the engine asks for.

    *errors*: `UsageError` for an engine that needs no environment or whose runtime is not here, `AdapterError` when a
    step fails.
    """
    if name not in KNOWN:
        raise UsageError(f"no engine {name!r}; known engines: {', '.join(KNOWN)}")
    known = KNOWN[name]
    if not known.requirements:
        raise UsageError(f"engine {name!r} runs in the suite's own environment: install refgrad's extra of that name")
    where = folder(name)
    steps = _node_steps(known, where, python) if known.runtime == "node" else _python_steps(known, where, python)
    for what, command in steps:
        say(f"{name}: {what}")
        _run(name, what, command)
    return where


_Steps = tuple[tuple[str, list[str]], ...]


def _python_steps(known: Known, where: Path, python: str) -> _Steps:
    own = str(where / "bin" / "python")
    maker = _runs(python or known.runtime) if python or known.runtime else sys.executable
    return (
        (f"making {where}", [maker, "-m", "venv", "--clear", str(where)]),
        (f"installing {' '.join(known.requirements)}", [own, "-m", "pip", "install", *known.requirements]),
        (f"importing {known.module}", [own, "-c", f"import {known.module}"]),
    )


def _node_steps(known: Known, where: Path, python: str) -> _Steps:
    if python:
        raise UsageError(f"--python is for engines of Python; {known.module} runs in Node.js, leave it away")
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund"]  # nothing that a package wants to run is run
    return (
        (
            f"installing {' '.join(known.requirements)} in {where}",
            [_runs("npm"), "install", *quiet, "--prefix", str(where), *known.requirements],
        ),
        (f"finding {known.module}", [_runs("node"), "-e", f"require.resolve({known.module!r})"]),
    )


def _runs(program: str) -> str:
    """The path of a program, which must run: a version manager may leave a name that leads nowhere."""
    found = shutil.which(program)
    if found is not None and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
        return found
    option = ", or give the path of one with --python" if "python" in program else ""
    raise UsageError(f"no {program} that runs: put it on the PATH{option}")


def _run(name: str, what: str, command: list[str]) -> None:
    environment = {**os.environ, **variables(KNOWN[name].target)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise AdapterError(f"engine {name} could not be installed, at {what}: {last}")
