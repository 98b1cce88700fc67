"""How many small cases a second go through a pipe: ``python tests/conformance/bench_stdio.py [CASES] [COMMAND …]``.

A case is a leaf, an operator, a sum, a backward and a read, in one message, with 64 messages under way, asked of the kits'
example engines in one process each. The best of three runs, and the processor time of each side, which other programs on
the machine change less than the clock.
"""

from __future__ import annotations

import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import conformance
from conformance.cases import Case
from conformance.compare import Status, judge
from conformance.recorder import Recorder
from conformance.runner import execute, parse_engine

KITS = Path(conformance.__file__).parent / "kits"
GOAL = 4000


def small_case(number: int) -> Case:
    p = Recorder("float64")
    x = p.leaf([2.0 + number, -3.0])
    (x * x).sum().backward()
    p.expect(x.grad, [2 * (2.0 + number), -6.0])
    return Case(
        f"bench/{number}", "bench", "must", "imperative", "float64",
        program=p.program(), expectations=tuple(p.expectations),
    )  # fmt: skip


def examples(folder: str) -> dict[str, list[str]]:
    """The commands of the examples that can run here."""
    found = {"Python": [sys.executable, str(KITS / "tiny.py")]}
    if shutil.which("node"):
        found["JavaScript"] = ["node", str(KITS / "tiny.js")]
    if shutil.which("g++"):
        found["C++"] = [f"{folder}/tiny"]
        subprocess.run(["g++", "-std=c++17", "-O2", str(KITS / "tiny.cpp"), "-o", *found["C++"]], check=True)
    return found


def measure(command: list[str], cases: list[Case]) -> tuple[float, float, float]:
    """Cases per second, and processor microseconds per case of the suite and of the engine."""
    seconds, suite, engine = [], [], []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun, used = time.perf_counter(), time.process_time()
        replies = execute(parse_engine(f"stdio:{shlex.join(command)}"), cases, workers=1)
        seconds.append(time.perf_counter() - begun)
        suite.append(time.process_time() - used)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        engine.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        wrong = [c.id for c in cases if judge(c.expectations, replies[c.id]).status is not Status.PASS]
        if wrong:
            raise SystemExit(f"{len(wrong)} of {len(cases)} cases are answered wrongly, the first is {wrong[0]}")
    return len(cases) / min(seconds), 1e6 * min(suite) / len(cases), 1e6 * min(engine) / len(cases)


def main(count: str = "20000", *command: str) -> int:
    """Prints one line for each example; the exit code says whether the goal is met by one of them."""
    cases = [small_case(n) for n in range(int(count))]
    best = 0.0
    with tempfile.TemporaryDirectory() as folder:
        commands = {"this command": list(command)} if command else examples(folder)
        for name, words in commands.items():
            rate, suite, engine = measure(words, cases)
            best = max(best, rate)
            print(
                f"{name:12} {rate:7.0f} cases per second; processor: {suite:3.0f} µs of the suite, {engine:3.0f} µs of the engine"
            )
    print(f"goal: {GOAL} cases per second over standard input and output; best here {best:.0f}")
    return 0 if best >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
