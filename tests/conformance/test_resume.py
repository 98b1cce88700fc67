"""A run goes on after the suite itself was killed, in the middle of whatever it did."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CASES = 120
RUN = f"""
import sys
from pathlib import Path
from conformance.caselist import locked_from
from conformance.certify import certify
from conformance.runner import parse_engine
from conftest import square_case

battery, asked, output, how = sys.argv[1:]
cases = [square_case(n, 2.0 + n) for n in range({CASES})]
spec = parse_engine("stdio:" + " ".join([sys.executable, battery, "counting", asked]))
done = certify(spec, cases=cases, locked=locked_from(cases), output=Path(output), workers=1, resume=how == "resume")
print(done.verdict.verdict, done.verdict.counts)
"""


def start(asked: Path, output: Path, how: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, str(HERE / "hostile" / "battery.py"), str(asked), str(output), how]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": f"{HERE}:{Path.cwd()}"})


def lines(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0


def answered(output: Path) -> int:
    """The answers that the raw log holds."""
    return sum(log.read_bytes().count(b'"reply"') for log in output.rglob("worker-0.jsonl"))


def command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def has_ended(folder: Path) -> bool:
    """Whether the engine does not outlive the suite: no process has this folder on its command line."""
    for _ in range(200):
        if not any(str(folder).encode() in words for words in map(command_line, Path("/proc").glob("[0-9]*"))):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
def test_a_run_goes_on_after_the_suite_was_killed(tmp_path):
    asked, output = tmp_path / "asked", tmp_path / "reports"
    suite = start(asked, output, "anew")
    while answered(output) < 20:
        assert suite.poll() is None, "the run was over before it could be killed"
        time.sleep(0.01)
    suite.send_signal(signal.SIGKILL)
    suite.communicate()
    kept = answered(output)
    assert 20 <= kept < CASES
    assert has_ended(tmp_path), "the engine lives on"
    before = lines(asked)
    said, _ = start(asked, output, "resume").communicate(timeout=60)
    assert said.endswith(f"{{'pass': {CASES}}}\n")
    assert lines(asked) - before == CASES - kept  # nothing is asked again, and nothing left out
