"""Proves what refgrad promises, piece by piece: ``make proof``, or ``python tests/refgrad/proof.py [--quick]``.

The probes of documented behaviour, a graph a million operations deep, memory, threads, the ratios of `bench.py`, and
the workloads side by side with PyTorch: a row each, and one sentence at the end. The exit code is 0 if all hold. What
needs a file or a package that is not there is said to be missing, and then the whole is not proven either.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.refgrad import promises  # noqa: E402 - after the path
from tests.refgrad.run_probes import SPEC  # noqa: E402 - after the path

THREADS = 8


class Row(NamedTuple):
    """One thing that was measured: whether it is as promised, or None if it could not be measured."""

    name: str
    measured: str
    holds: bool | None


def probes() -> Iterator[Row]:
    """The probes by area, then all of them."""
    if not (SPEC / "probes.py").exists():
        yield Row("probes", f"{SPEC / 'probes.py'} is missing; set REFGRAD_PROBES to its folder", None)
        return
    done = _run([sys.executable, str(HERE / "run_probes.py"), "--json"])
    found = json.loads(done.stdout.splitlines()[-1])
    for area, counts in found["counts"].items():
        yield _counted(f"probes: {area}", Counter(counts))
    for name, why in found["reasons"].items():
        yield Row(f"  {name}", why, not why.startswith(("FAIL", "SKIP")))
    yield _counted("probes", sum((Counter(c) for c in found["counts"].values()), Counter()))


def _counted(name: str, counts: Counter[str]) -> Row:
    others = counts["FAIL"] + counts["SKIP"]
    return Row(name, f"{counts['PASS']} passed, {others} failed, {counts['EXCLUDED']} excluded", not others)


def depth(operations: int) -> Iterator[Row]:
    """The time of a deep graph, against that of one a tenth as deep."""
    small, large = (promises.seconds_of_backward(n) for n in (operations // 10, operations))
    yield Row(
        f"backward through {operations:,} operations",
        f"{large:.2f} s, {large / small:.1f} times that of a tenth (linear: 10; at most 20)",
        large < 20 * small,
    )


def memory() -> Iterator[Row]:
    """What is left after backward, against the size of one saved array."""
    for name, left in promises.bytes_left_after_backward().items():
        yield Row(f"memory: {name}", f"{left:,} bytes more than before, of arrays of 80,000", left < 8000)


def threads(passes: int) -> Iterator[Row]:
    """Whether threads at once find what each finds alone."""
    alone, together = promises.results_of_threads(THREADS, passes)
    same = sum(a == b for a, b in zip(alone, together, strict=True))
    yield Row(f"{THREADS} threads at once", f"{same} of {THREADS} find what they find alone", same == THREADS)


def bench() -> Iterator[Row]:
    """The rows of `bench.py`; its exit code says whether the ratios are as promised."""
    if importlib.util.find_spec("autograd") is None:
        yield Row("bench", "HIPS autograd is missing; it comes with the extra named dev", None)
        return
    done = _run([sys.executable, str(HERE / "bench.py"), "--samples", "60"])
    lines = [line.removeprefix("bench: ") for line in done.stdout.splitlines() if line.startswith("bench: ")]
    for line in lines:
        name, _, rest = line.partition(":")
        yield Row(f"bench: {name.strip()}", rest.strip(), True)
    yield Row(
        "bench", "the ratios are as promised" if not done.returncode else "a target is missed", not done.returncode
    )


def workloads() -> Iterator[Row]:
    """The workloads of both engines, by `conformance workloads`."""
    if importlib.util.find_spec("torch") is None:
        yield Row("workloads", "PyTorch is missing; it comes with the extra named torch", None)
        return
    for engine in ("refgrad", "torch"):
        done = _run([sys.executable, "-m", "conformance", "workloads", "--engine", engine])
        for line in done.stdout.splitlines():
            cells = [cell.strip() for cell in line.split("\t")]
            if len(cells) > 4 and cells[0] == engine:
                yield Row(f"workload: {cells[1]} on {engine}", "; ".join(cells[2:6]), cells[2] == "pass")
        yield Row(f"workloads on {engine}", f"exit code {done.returncode}", not done.returncode)


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, cwd=HERE.parents[1])


def pieces(*, quick: bool) -> dict[str, Callable[[], Iterator[Row]]]:
    """What is measured, by name; quickly, the depth is a tenth, and what takes minutes is left out."""
    found = {
        "probes": probes,
        "depth": lambda: depth(100_000 if quick else 1_000_000),
        "memory": memory,
        "threads": lambda: threads(30 if quick else 300),
    }
    return found if quick else {**found, "bench": bench, "workloads": workloads}


def main() -> int:
    """Prints the table and the sentence; 0 if everything holds, 1 if something does not or is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the depth; no ratios, no workloads")
    rows: list[Row] = []
    for piece in pieces(quick=parser.parse_args().quick).values():
        for row in piece():
            rows.append(row)
            mark = {True: "holds", False: "FAILS", None: "missing"}[row.holds]
            mark = "" if row.measured.startswith("EXCLUDED") else mark
            print(f"{row.name:52} {mark:8} {row.measured}", flush=True)  # noqa: T201 - the output of a command
    failed, missing = ([r.name.strip() for r in rows if r.holds is kind] for kind in (False, None))
    if failed:
        sentence = f"NOT proven: {len(failed)} of {len(rows)} rows fail, first {failed[0]}."
    elif missing:
        sentence = f"Proven but for what is missing here: {', '.join(missing)}."
    else:
        sentence = f"Proven: all {len(rows)} rows hold."
    print(f"proof: {sentence}")  # noqa: T201 - the output of a command
    return int(bool(failed or missing))


if __name__ == "__main__":
    sys.exit(main())
