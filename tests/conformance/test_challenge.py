"""A challenge: drawn from a nonce and nothing else, judged like any run, and no certificate whatever comes out."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from conformance import challenge as module
from conformance.calibration.drawing import classes
from conformance.caselist import Selection, case_digest
from conformance.certify import certify, rejudge, verify
from conformance.challenge import COUNT, cases, challenge, planned
from conformance.cli import main
from conformance.compare import Expectation
from conformance.corpus.redrawn import read_cases, write_cases
from conformance.errors import CorpusError, UsageError
from conformance.oracles.reasons import NoTruth
from conformance.runner import parse_engine

SIN = Selection(("op/sin/v*",))
pytestmark = pytest.mark.skipif(not importlib.util.find_spec("flint"), reason="truths need python-flint")


def inputs(case):
    return [s.args[0].tobytes() for s in case.program.statements if s.do == "leaf"]


def test_a_nonce_says_what_is_drawn_and_another_draws_other_inputs():
    one, again, other = (cases(nonce, SIN, 6) for nonce in ("one", "one", "other"))
    assert list(map(case_digest, one)) == list(map(case_digest, again))
    assert len({case.id for case in one}) == 6
    assert not {x for case in one for x in inputs(case)} & {x for case in other for x in inputs(case)}


def test_what_happens_to_be_imported_and_how_many_processes_draw_change_nothing():
    here = challenge("one", SIN, 4).locked.sha256
    script = (
        "import conformance.report, conformance.plugin, refgrad.nn\n"
        "from conformance.challenge import *\nfrom conformance.caselist import Selection\n"
        "if __name__ == '__main__': print(challenge('one', Selection(('op/sin/v*',)), 4, processes=2).locked.sha256)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == here


def test_a_challenge_has_both_dtypes_and_every_operator_and_group_once_before_any_recurs():
    for dtype in module.DTYPES:
        pairs = {(d.operator, d.variation.group) for d in classes(dtype)}
        first = [(d.operator, d.variation.group) for d in islice(module.draws(dtype, "n"), len(pairs))]
        assert set(first) == pairs
    assert planned(Selection()) == COUNT
    assert planned(Selection(operators=("sin",))) == sum(d.operator == "sin" for t in module.DTYPES for d in classes(t))


def test_draws_without_a_truth_are_counted_and_replaced(monkeypatch):
    true = module.judged

    def judged(program, dtype, group):
        if dtype == "float32":
            raise NoTruth("kink")
        return true(program, dtype, group)

    monkeypatch.setattr(module, "judged", judged)
    found = challenge("one", SIN, 3)
    assert [case.dtype for case in found.cases] == ["float64"] * 3
    assert found.undecided["kink"] >= 2


def test_a_selection_that_has_no_truths_ends(monkeypatch):
    monkeypatch.setattr(module, "program_of", lambda draw, engine: None)

    def judged(*_):
        raise NoTruth("wide")

    monkeypatch.setattr(module, "judged", judged)
    with pytest.raises(UsageError, match="only 0 of 3 cases have a truth"):
        challenge("one", SIN, 3)


@pytest.mark.parametrize("nonce, select, words", [
    ("", SIN, "1 to 80 printable characters"),
    ("two\nlines", SIN, "1 to 80 printable characters"),
    ("x" * 81, SIN, "1 to 80 printable characters"),
    ("one", Selection(operators=("sinn",)), "no operator case is selected by sinn"),
    ("one", Selection(("op/sin/vjp/huge/*",)), "none of the selected cases is a must-case"),
])  # fmt: skip
def test_what_cannot_be_a_challenge_is_refused_in_one_line(nonce, select, words):
    with pytest.raises(UsageError, match=words) as raised:
        challenge(nonce, select)
    assert "\n" not in str(raised.value)


def test_without_python_flint_one_line_says_what_is_missing(monkeypatch, capsys):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "flint" else found(name))
    assert main(["certify", "--engine", "refgrad", "--challenge", "one"]) == 4
    assert capsys.readouterr().err == (
        "conformance: a challenge computes its truths, for which python-flint is missing; install refgrad[corpus]\n"
    )


@pytest.fixture(scope="module")
def drawn():
    return challenge("one", SIN, 8)


def run(spec, drawn, folder):
    return certify(
        spec, cases=drawn.cases, locked=drawn.locked, challenge=drawn.nonce, output=folder, workers=1, selection=SIN
    )


def test_a_right_engine_gets_no_certificate_for_it_and_its_results_can_be_judged_again(drawn, tmp_path):
    done = run(parse_engine("refgrad"), drawn, tmp_path)
    assert (done.verdict.verdict, done.verdict.exit_code) == ("partial", 13)
    assert "challenge one: partial" in done.verdict.sentence
    assert done.folder == tmp_path / "refgrad-0.1.0-challenge-one-partial"
    assert done.results.run["challenge"] == "one"
    assert verify(done.folder) == []
    assert rejudge(done.folder).verdict == done.verdict
    assert main(["verify", str(done.folder)]) == 0


def test_a_wrong_engine_is_not_certified(drawn, tmp_path):
    done = run(parse_engine("refgrad", fault="always-zero"), drawn, tmp_path)
    assert (done.verdict.verdict, done.verdict.exit_code) == ("not certified", 1)
    assert done.verdict.counts["fail"] >= 4


def test_an_engine_that_answers_nothing_is_not_certified(drawn, tmp_path):
    done = run(parse_engine("refgrad", fault="supports-nothing"), drawn, tmp_path)
    assert (done.verdict.verdict, done.verdict.exit_code) == ("not certified", 1)


def test_truths_that_are_not_those_of_the_nonce_are_noticed(drawn, tmp_path, capsys):
    """Whoever forges the cases can forge the list's digest too; drawing them anew shows it."""
    e = drawn.cases[0].expectations[0]
    easy = Expectation(e.read, "array", e.value, np.full(e.value.shape, 1e300))
    forged = module.Challenge("one", (replace(drawn.cases[0], expectations=(easy,)), *drawn.cases[1:]), {})
    done = run(parse_engine("refgrad"), forged, tmp_path)
    assert verify(done.folder) == []
    assert main(["verify", str(done.folder)]) == 10
    assert "the cases are not those that its nonce gives" in capsys.readouterr().out


def test_the_cases_survive_being_written_and_damage_is_said(drawn, tmp_path):
    write_cases(tmp_path, drawn.cases)
    again = read_cases(tmp_path)
    assert list(map(case_digest, again)) == [case_digest(c) for c in sorted(drawn.cases, key=lambda c: c.id)]
    assert [c.facets for c in again] == [dict(c.facets) for c in sorted(drawn.cases, key=lambda c: c.id)]
    (tmp_path / "cases.jsonl.xz").write_bytes(b"no xz")
    with pytest.raises(CorpusError, match="run the challenge again"):
        read_cases(tmp_path)
    assert read_cases(tmp_path / "nowhere") == []


def test_the_command_says_how_much_was_drawn_and_writes_the_nonce_down(tmp_path, capsys):
    arguments = ["--select", "op/cosh/value/ordinary/*", "--challenge", "a b/c", "--output", str(tmp_path)]
    assert main(["certify", "--engine", "refgrad", "--workers", "1", *arguments]) == 13
    out = capsys.readouterr().out
    assert out.startswith("Challenge a b/c: 2 cases drawn.\n")
    folder = tmp_path / "refgrad-0.1.0-challenge-a-b-c-partial"
    assert json.loads((folder / "verdict.json").read_text())["list"]["name"] == "challenge a b/c"
    assert "challenge a b/c" in (folder / "report.md").read_text()
