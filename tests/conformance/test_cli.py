import json
import lzma
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import caselist, catalogue, certify, judging, offline, profiles
from conformance.caselist import list_text, parse_list
from conformance.cli import main
from conformance.commands.names import near

ROOT = Path(__file__).resolve().parents[2]
WANTED = ("accumulation.", "leaf.")


@pytest.fixture
def short(monkeypatch):
    """A short suite in place of the whole one."""
    cases = sorted((c for c in catalogue.load() if c.id.startswith(WANTED)), key=lambda c: c.id)
    original = caselist.profile_cases

    def profile_cases(profile, device="cpu", selection=None):
        profiles.check_names(profile, device)
        return list(cases)

    def load_list(profile, device="cpu"):
        return parse_list(list_text(cases), f"{profile}-{device}", lock_sha256="0" * 64)

    assert original is not profile_cases
    for module in (caselist, certify, offline):
        monkeypatch.setattr(module, "profile_cases", profile_cases)
        monkeypatch.setattr(module, "load_list", load_list)
    monkeypatch.setattr(caselist, "all_cases", lambda selection=None, device="cpu": list(cases))
    monkeypatch.setattr(judging, "load_waivers", lambda engine: ())  # they speak of cases that a short suite lacks
    return cases


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """The folder where one stands, with nothing in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cli(capsys):
    """Runs a command line; gives exit code, standard output and standard error."""

    def run(*arguments):
        code = main(list(map(str, arguments)))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A folder of reports with one engine in it."""
    pytest.importorskip("torch", reason="the engine under test", exc_type=ImportError)
    with pytest.MonkeyPatch.context() as patch:
        cases = sorted((c for c in catalogue.load() if c.id.startswith(WANTED)), key=lambda c: c.id)
        locked = parse_list(list_text(cases), "imperative-cpu", lock_sha256="0" * 64)
        patch.setattr(certify, "profile_cases", lambda *_: cases)
        patch.setattr(certify, "load_list", lambda profile, device="cpu": locked)
        patch.setattr(judging, "load_waivers", lambda engine: ())
        output = tmp_path_factory.mktemp("reports")
        assert main(["certify", "--engine", "torch", "--output", str(output), "--workers", "1"]) == 0
    return output


def test_certify_writes_everything_and_says_the_verdict(certified):
    (folder,) = certified.glob("torch-*")
    assert {p.name for p in folder.iterdir()} == {
        "journal.jsonl.xz",
        "observations.jsonl.xz",
        "verdict.json",
        "index.html",
        "report.md",
        "junit.xml",
        "column.json",
    }
    assert (certified / "index.html").exists()
    assert "torch 2.13" in (certified / "README.md").read_text()


def test_certify_prints_the_sentence_with_its_denominators_and_the_report(short, cli, tmp_path):
    pytest.importorskip("torch", reason="the engine under test", exc_type=ImportError)
    code, out, err = cli("certify", "--engine", "torch", "--output", tmp_path, "--select", "leaf.*")
    assert code == 13
    verdict = json.loads(next(tmp_path.glob("*/verdict.json")).read_text())
    assert verdict["sentence"] in out
    assert str(next(tmp_path.glob("*/index.html"))) in out
    assert err == ""


def test_an_engine_that_does_not_start_leaves_the_next_one_judged(short, cli, tmp_path):
    pytest.importorskip("torch", reason="the engine under test", exc_type=ImportError)
    code, out, err = cli(
        "certify", "--engine", "no_such_module:Engine", "--engine", "torch", "--output", tmp_path, "--workers", "1"
    )
    assert code == 4
    assert "certified" in out
    assert err.startswith("conformance: engine no_such_module:Engine did not start")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["certfy"], "did you mean certify"),
        ([], "command"),
        (["certify"], "--engine"),
        (["certify", "--engine", "trch"], "did you mean 'torch'"),
        (["certify", "--engine", "torch", "--profile", "imperativ"], "did you mean 'imperative'"),
        (["certify", "--engine", "torch", "--device", "gpu"], "no device 'gpu'"),
        (["certify", "--engine", "torch", "--operator", "sine"], "sine"),
        (["certify", "--engine", "torch", "--select", "nothing-like-it"], "nothing-like-it"),
        (["certify", "--engine", "torch", "--workers", "0"], "no number of workers"),
        (["certify", "--engine", "torch", "--python", "/no/such/python"], "no interpreter"),
        (["certify", "--engine", "stdio:no-such-command"], "no-such-command"),
        (["explain", "accumulation.backward-twice-add"], "did you mean accumulation.backward-twice-adds"),
        (["list", "behaviors"], "did you mean behaviours"),
        (["verify", "/no/such/folder"], "no folder"),
        (["report", "."], "holds no results"),
        (["faults", "run", "overwrite-gradd"], "overwrite-grad"),
    ],
)
@pytest.mark.usefixtures("short")
def test_a_mistake_is_one_line_with_the_remedy(cli, empty, arguments, words):
    code, out, err = cli(*arguments)
    assert code == 4
    assert words in err
    assert err.startswith("conformance: ")
    assert len(err.splitlines()) == 1
    assert out == ""
    assert list(empty.iterdir()) == []


def test_an_output_that_cannot_be_written_is_said_before_anything_runs(short, cli, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = cli("certify", "--engine", "torch", "--output", tmp_path / "file")
    assert code == 4
    assert "file" in err


def test_list_filters_and_counts(short, cli):
    assert cli("list", "cases", "--count")[1] == f"{len(short)}\n"
    _, out, _ = cli("list", "cases", "--level", "must", "--area", "leaf")
    wanted = [c.id for c in short if c.level == "must" and c.requirement.startswith("leaf.")]
    assert [line.split("\t")[0] for line in out.splitlines()] == wanted
    _, out, _ = cli("list", "behaviours", "--select", "accumulation.backward-twice-*")
    assert out.startswith("accumulation.backward-twice-adds\tmust\timperative\tA later backward adds")


def test_list_filters_by_feature_and_traces(short, cli):
    _, out, _ = cli("list", "cases", "--feature", "namespace", "--area", "leaf")
    wanted = [c.id for c in short if c.program is None and c.requirement.startswith("leaf.")]
    assert [line.split("\t")[0] for line in out.splitlines()] == wanted
    _, out, _ = cli("list", "traceability", "--select", "accumulation.backward-twice-adds")
    line = "accumulation.backward-twice-adds\tmust\taccumulation.backward-twice-adds@float32\toverwrite-grad, "
    assert line in out


@pytest.mark.parametrize("kind", ["operators", "engines", "faults", "profiles", "traceability"])
def test_list_shows_every_kind(cli, kind):
    code, out, _ = cli("list", kind)
    assert code == 0
    assert out.count("\t") >= 1


def test_explain_shows_statement_foundations_file_and_both_codes(cli, empty):
    _, out, _ = cli("explain", "accumulation.backward-twice-adds")
    assert "A later backward adds its gradient" in out
    assert "overwrite-grad" in out
    assert "as PyTorch code\n\nimport torch\n" in out
    assert "as code for refgrad\n\nimport refgrad as torch\n" in out
    assert "rests on     backward-scalar.sum-of-squares" in out
    assert "file         conformance/catalogue/accumulation.py" in out


def test_explain_knows_faults(short, cli):
    code, out, _ = cli("explain", "overwrite-grad")
    assert code == 0
    assert "must be found by\n" in out
    assert "  accumulation.backward-twice-adds\n" in out


@pytest.mark.parametrize(
    ("fault", "engine"), [("overwrite-grad", "refgrad"), ("torch-exp-gradient-flat-below", "torch")]
)
def test_explain_says_in_which_engine_a_fault_is_planted(short, cli, fault, engine):
    assert f"\nPlanted in {engine}: " in cli("explain", fault)[1]


def test_explain_knows_tombstones(short, cli, monkeypatch):
    from conformance.catalogue import ledger

    gone = ledger.Line("leaf.gone", "must", "imperative", retired="PyTorch dropped it")
    monkeypatch.setattr(ledger, "ledger", lambda: (gone,))
    assert "retired      PyTorch dropped it" in cli("explain", "leaf.gone")[1]


def test_explain_reads_the_folder_of_reports_that_is_there(short, cli, certified, empty):
    (empty / "reports").symlink_to(certified)
    _, out, _ = cli("explain", "accumulation.backward-twice-adds@float64")
    assert "pass         accumulation.backward-twice-adds@float64" in out


def test_explain_shows_the_last_results(short, cli, certified):
    code, out, _ = cli("explain", "accumulation.backward-twice-adds@float64", "--report", certified)
    assert code == 0
    assert "pass         accumulation.backward-twice-adds@float64" in out


def test_verify_and_rejudge_agree_with_the_run(short, cli, certified):
    code, out, err = cli("verify", certified)
    assert code == 0, err
    assert "is sound" in out
    code, out, _ = cli("rejudge", certified)
    assert code == 0
    assert ": was " not in out


def test_verify_finds_a_changed_line(short, cli, certified, tmp_path):
    (source,) = certified.glob("torch-*")
    for path in source.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    journal = tmp_path / "journal.jsonl.xz"
    lines = lzma.decompress(journal.read_bytes())
    assert b'"status":"pass"' in lines
    journal.write_bytes(lzma.compress(lines.replace(b'"status":"pass"', b'"status":"permitted"', 1)))
    code, out, err = cli("verify", tmp_path)
    assert code == 10
    assert "judging again says pass" in out
    assert len(err.splitlines()) == 1


def test_report_writes_the_pages_again(short, cli, certified):
    page = next(certified.glob("torch-*/index.html"))
    before = page.read_text()
    page.unlink()
    code, out, _ = cli("report", certified)
    assert code == 0
    assert page.read_text() == before
    assert str(page) in out


def test_waivers_are_accepted_on_demand_only():
    from argparse import Namespace
    from types import SimpleNamespace

    from conformance.commands.certify import exit_code

    with_waivers = SimpleNamespace(exit_code=12)
    assert exit_code(with_waivers, Namespace(accept_waivers=True)) == 0
    assert exit_code(with_waivers, Namespace(accept_waivers=False)) == 12
    assert exit_code(SimpleNamespace(exit_code=1), Namespace(accept_waivers=True)) == 1


@pytest.mark.parametrize(
    "arguments", [["--help"], ["certify", "--help"], ["list", "--help"], ["explain", "--help"], ["corpus", "--help"]]
)
def test_help_has_examples(cli, capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    assert "examples:\n  conformance " in capsys.readouterr().out


def test_python_m_conformance_is_the_command_line_and_starts_light():
    code = "import sys, runpy; sys.argv = ['conformance', '--help']\n"
    code += "try: runpy.run_module('conformance', run_name='__main__')\n"
    code += "except SystemExit: pass\nprint('numpy' in sys.modules, 'rich' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False False"


def test_a_closed_pipe_is_no_error():
    command = f"{sys.executable} -m conformance list operators | head -1"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_near_names_are_said():
    assert near("certfy", ["certify", "list"]) == "did you mean certify?"
    assert near("zz", [f"name{n}" for n in range(20)]) == "none of the 20 is close to it"
