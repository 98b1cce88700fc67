import json
import lzma
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL = """
import conformance.certify as certify
import conformance.judging as judging
import conformance.pytesting.outcomes as outcomes
import conformance.pytesting.settings as settings
from conformance import catalogue
from conformance.caselist import list_text, parse_list

WANTED = ("accumulation.", "leaf.default-is-leaf", "detach.re", "detach.in-place")
CASES = sorted((c for c in catalogue.load() if c.id.startswith(WANTED)), key=lambda c: c.id)
settings.profile_cases = lambda *_: list(CASES)
certify.load_list = lambda profile, device="cpu": parse_list(list_text(CASES), "small", lock_sha256="0" * 64)
judging.load_waivers = outcomes._waivers = lambda engine: ()  # they speak of cases that a short list lacks
"""
ENGINES = """
import os, time
from conformance.engines.refgrad import RefgradEngine  # which starts in a quarter of the time that PyTorch takes

class Zero(RefgradEngine):
    name = "zero"
    def grad(self, tensor):
        return None if tensor.grad is None else tensor.grad * 0

class Crashes(RefgradEngine):
    name = "crashes"
    def run(self, program):
        if any(s.do == "detach_" for s in program.statements[:3]):
            os.abort()
        return super().run(program)

class Nothing(RefgradEngine):
    name = "nothing"
    features = frozenset()

class LosesSigns(RefgradEngine):
    name = "loses-signs"
    def read(self, tensor):
        array = super().read(tensor)
        return array + 0.0 if array.dtype.kind == "f" else array

class Broken:
    pass
"""


@pytest.fixture
def run(tmp_path):
    """Runs pytest in a folder of its own, over a short list; gives exit code, output and the folder of reports."""
    (tmp_path / "small.py").write_text(SMALL)
    (tmp_path / "engines.py").write_text(ENGINES)

    def run(*arguments, small=True, pyargs=True, before=()):
        command = [
            sys.executable,
            "-m",
            "pytest",
            *before,
            "-p",
            "no:cacheprovider",
            "-p",
            "no:hypothesispytest",  # it imports all of Hypothesis to say goodbye
            "-p",
            "conformance.plugin",
            "--rootdir",
            tmp_path,
        ]
        command += ["-p", "small"] if small else []
        command += ["--pyargs", "conformance"] if pyargs else []
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]), "COLUMNS": "200"}
        for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
            environment.pop(name, None)
        done = subprocess.run(
            [*map(str, command), *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr, tmp_path / "reports"

    return run


def verdict(reports, pattern="*"):
    (path,) = reports.glob(f"{pattern}/verdict.json")
    return json.loads(path.read_text())


def test_a_right_engine_is_certified_and_reported(run):
    code, output, reports = run("--engine", "refgrad")
    assert code == 0, output
    assert verdict(reports)["verdict"] == "certified"
    assert {p.name for p in reports.glob("refgrad-*/*")} >= {
        "journal.jsonl.xz",
        "verdict.json",
        "index.html",
        "report.md",
        "junit.xml",
    }
    assert (reports / "index.html").exists()
    assert "certified" in output


def test_each_case_is_a_test_of_each_engine_also_under_xdist(run):
    pytest.importorskip("torch", reason="one of the engines under test", exc_type=ImportError)
    code, output, reports = run("--engine", "torch", "--engine", "engines:Zero", "-n", "2", "-v")
    assert code == 1, output
    assert "conformance::torch::accumulation.backward-twice-adds@float64" in output
    assert "conformance::engines:Zero::accumulation.backward-twice-adds@float64" in output
    assert verdict(reports, "torch-*")["verdict"] == "certified"
    assert verdict(reports, "zero-*")["verdict"] == "not certified"


def test_one_and_two_processes_leave_the_same_journal(run, tmp_path):
    journals = []
    for name, options in (("a", []), ("b", ["-n", "2"])):
        run(
            "--engine",
            "engines:Crashes",
            "--conformance-select",
            "detach.in-place-*@float64",
            "--conformance-output",
            name,
            *options,
        )
        (path,) = (tmp_path / name).glob("crashes-*/journal.jsonl.xz")
        journals.append(lzma.decompress(path.read_bytes()).decode().partition("\n")[2])
    assert journals[0] == journals[1]
    assert '"status":"crash"' in journals[0].replace(" ", "")


def test_a_failure_shows_reason_statement_and_both_codes(run):
    code, output, _ = run("--engine", "engines:Zero", "-k", "first-backward-stores-gradient")
    assert code == 13
    assert "fail: r" in output
    assert "The first backward stores exactly" in output
    assert "as PyTorch code" in output
    assert "torch.tensor(" in output
    assert "as code for engines:Zero" in output
    assert "from engines import Zero" in output


@pytest.mark.parametrize("selection", [["-k", "twice"], ["--conformance-select", "detach.*"]])
def test_a_selection_is_partial_and_never_certified(run, selection):
    code, output, reports = run("--engine", "refgrad", *selection)
    assert code == 13, output
    assert verdict(reports)["verdict"] == "partial"


def test_what_an_engine_lacks_is_skipped_with_its_reason(run):
    code, output, reports = run("--engine", "engines:Nothing", "-rs")
    assert code == 1, output
    assert "unsupported: needs" in output
    assert verdict(reports)["verdict"] == "not certified"


def test_an_engine_that_does_not_start_leaves_the_others_judged(run):
    code, output, reports = run("--engine", "engines:Broken", "--engine", "refgrad", "-q")
    assert code == 4, output
    assert "engine engines:Broken did not start" in output
    assert verdict(reports)["verdict"] == "certified"


def test_an_adapter_that_fails_the_checks_is_not_judged_and_leaves_the_others_judged(run):
    code, output, reports = run("--engine", "engines:LosesSigns", "--engine", "refgrad", "-q")
    assert code == 4, output
    assert "engine engines:LosesSigns is not judged: its adapter fails at float64: r2: at (1,): " in output
    assert "expected -0.0, got 0.0" in output
    assert verdict(reports)["verdict"] == "certified"


def test_without_an_engine_one_line_says_what_to_do(run):
    code, output, _ = run(small=False)
    assert code == 4
    (line,) = output.strip().splitlines()
    assert line.startswith("ERROR: name an engine to judge: pytest --pyargs conformance --engine torch ")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--engine", "trch"], "did you mean 'torch'?"),
        (["--engine", "refgrad", "--conformance-select", "no-such-thing*"], "no-such-thing"),
        (
            ["--engine", "refgrad", "--conformance-explore", "--conformance-operator", "sine"],
            "no operator matches 'sine'",
        ),
    ],
)
def test_a_mistake_is_one_line_and_a_usage_error(run, arguments, words):
    code, output, _ = run(*arguments)
    assert code == 4
    assert words in output
    assert "Traceback" not in output


def test_other_tests_are_unaffected_and_nothing_heavy_is_imported(run, tmp_path):
    (tmp_path / "test_mine.py").write_text(
        "import sys\n\ndef test_light():\n"
        "    heavy = {'numpy', 'torch', 'jinja2', 'conformance.cases', 'conformance.pytesting'}\n"
        "    assert not heavy & set(sys.modules)\n"
    )
    code, output, _ = run("test_mine.py", small=False, pyargs=False)
    assert code == 0, output
    assert "1 passed" in output


def test_another_plugin_may_have_taken_the_short_option(run, tmp_path):
    (tmp_path / "taken.py").write_text("def pytest_addoption(parser):\n    parser.addoption('--engine')\n")
    code, output, _ = run("--conformance-engine", "refgrad", "--conformance-select", "detach.*", before=["-p", "taken"])
    assert code == 13, output


def test_exploration_is_one_test_for_each_property_and_never_a_verdict(run):
    pytest.importorskip("conformance.explore", reason="exploration is on its way", exc_type=ImportError)
    options = ["--conformance-explore", "--conformance-operator", "sin", "--conformance-examples", "3", "-v"]
    code, output, reports = run("--engine", "refgrad", *options, small=False)
    assert code == 0, output
    assert "conformance::refgrad::explore::" in output
    assert not reports.exists()
