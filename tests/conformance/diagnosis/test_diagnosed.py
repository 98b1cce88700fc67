"""Diagnoses are right about planted faults: a few here, all of them by `conformance diagnose --planted --check`."""

from __future__ import annotations

import pytest

from conformance.cli import main
from conformance.diagnosed import FAMILIES, NAMED, Said, known_faults, operator_of
from conformance.diagnosis import Kind
from conformance.faults import load


def test_most_faults_of_operators_say_of_what_kind_they_are():
    known = {f.name for f in known_faults()}
    of_operators = {
        f.name for f in load().values() if f.family and operator_of(f) and f.engine == "refgrad" and not f.hole
    }
    assert {
        name for name in of_operators - known if not load()[name].hole and load()[name].engine == "refgrad"
    } == set()
    assert len(known) >= 200
    assert {kind for f in known_faults() for kind in NAMED.get(f.name, (FAMILIES.get(f.family),))} >= {
        Kind.FACTOR, Kind.SIGN, Kind.TRANSPOSE, Kind.REDUCTION, Kind.TERM, Kind.NONLINEAR,
        Kind.LAYOUT, Kind.DTYPE, Kind.REGION, Kind.ORDER,
    }  # fmt: skip


def test_what_is_named_are_faults():
    assert set(NAMED) <= set(load())


def test_right_is_what_was_expected_and_nothing_else():
    said = Said("f", "", (Kind.SIGN, Kind.TERM), Kind.TERM, "", 1)
    assert said.is_right
    assert not Said("f", "", (Kind.SIGN,), None, "", 0).is_right


def test_the_command_plants_faults_and_counts(capsys):
    names = ("erfc-slope-of-erf", "tanh-result-frozen", "sin-in-degrees", "exp-flat-below")
    arguments = [option for name in names for option in ("--select", name)]
    assert main(["diagnose", "--planted", "--check", *arguments]) == 0
    out = capsys.readouterr().out
    assert "4 of 4 planted faults are diagnosed rightly: 100.0%, of which 80% are asked." in out
    assert "sign\t1\t1" in out


@pytest.mark.parametrize("arguments, words", [
    ([], "give a folder of results, or --planted"),
    (["reports", "--planted"], "give a folder of results, or --planted"),
    (["--planted", "--select", "no-such-fault"], "no fault of a known kind matches no-such-fault"),
])  # fmt: skip
def test_a_mistake_is_said_in_one_line(arguments, words, capsys):
    assert main(["diagnose", *arguments]) == 4
    assert words in capsys.readouterr().err


def test_stored_failures_are_diagnosed(tmp_path, capsys):
    arguments = ["--select", "op/erfc/vjp/*", "--output", str(tmp_path), "--workers", "1"]
    main(["certify", "--engine", "refgrad", "--fault", "erfc-slope-of-erf", *arguments])
    capsys.readouterr()
    assert main(["diagnose", str(tmp_path)]) == 0
    assert "the sign is flipped" in capsys.readouterr().out
    page = next(tmp_path.glob("*/report.md")).read_text()
    assert "It looks like this: the sign is flipped." in page
