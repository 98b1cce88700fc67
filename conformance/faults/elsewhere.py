"""Checkers that live in an environment of their own: JAX's, in the one that `conformance engines install jax` makes.

Its Python gets the tasks as JSON and answers as JSON, and plants each fault in a fresh process, as `comparison` does here.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import refgrad
from conformance.engines.known import interpreter
from conformance.errors import SuiteFault, UsageError
from conformance.faults.checkers import JAX, objections_with

Task = tuple[str, list[Any]]
"""The name of a fault, or nothing, and programs as JSON."""


def python() -> str:
    """The interpreter that has JAX; nothing where it is not installed, or in the suite's own Python."""
    try:
        return interpreter("jax")
    except UsageError:
        return ""


def objections_elsewhere(tasks: Sequence[Task], workers: int) -> list[dict[str, list[bool]]]:
    """For every task, whether JAX's checker objects to each program.

    *errors*: `SuiteFault` with the last line that was said, if the other Python breaks.
    """
    with _importable() as folder:
        command = (python(), "-P", "-m", __name__)
        asked = json.dumps({"workers": workers, "tasks": tasks})
        variables = {**os.environ, "PYTHONPATH": folder, "JAX_PLATFORMS": "cpu"}
        done = subprocess.run(command, input=asked, capture_output=True, text=True, env=variables, check=False)
    if done.returncode:
        said = (done.stderr.splitlines() or ["nothing was said"])[-1]
        raise SuiteFault(f"JAX's checker ended with code {done.returncode} in {command[0]}: {said}")
    return [{JAX: objected} for objected in json.loads(done.stdout)]


@contextmanager
def _importable() -> Iterator[str]:
    """A folder with our two packages and nothing else of this environment, which is built for another Python."""
    with TemporaryDirectory(prefix="conformance-") as folder:
        for source in (Path(__file__).resolve().parents[1], Path(refgrad.__file__).resolve().parent):
            (Path(folder) / source.name).symlink_to(source, target_is_directory=True)
        yield folder


# in the other Python


def main() -> int:
    """Answers the tasks on stdin, in order, with one list of objections each."""
    asked = json.load(sys.stdin)
    answers, sys.stdout = os.fdopen(os.dup(1), "w"), sys.stderr
    os.dup2(2, 1)  # some faults are noisy
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["conformance.faults.child", "jax.test_util"])
    with server.Pool(asked["workers"], maxtasksperchild=1) as pool:
        json.dump(pool.starmap(_objections, asked["tasks"], chunksize=1), answers)
    answers.close()
    return 0


def _objections(fault: str, programs: list[Any]) -> list[bool]:
    return objections_with(fault, programs, (JAX,))[JAX]


if __name__ == "__main__":
    sys.exit(main())
