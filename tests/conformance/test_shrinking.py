"""Failing cases get smaller while they fail, and no others are touched."""

from __future__ import annotations

import importlib.util

import pytest

from conformance.cli import main
from conformance.corpus.loader import load_cases
from conformance.errors import UsageError
from conformance.runner import parse_engine
from conformance.shrinking import first_failing, shrink

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("flint"), reason="smaller truths need python-flint")


def size(case):
    return sum(s.args[0].size for s in case.program.walk() if s.do == "leaf"), len(case.program.statements)


@pytest.fixture(scope="module")
def products():
    return load_cases(
        chosen=lambda f: f["operator"] == "mul" and f["group"] == "vjp" and f["shape"].startswith("broadcast")
    )


def test_a_failing_case_becomes_smaller_and_still_fails(products):
    spec = parse_engine("refgrad", fault="no-unbroadcast")
    case = first_failing(products, spec)
    assert case.dtype == "float64"
    found = shrink(case, spec)
    assert found.record.status == "fail"
    assert size(found.case) < size(case)
    assert len(found.case.expectations) == 1
    assert found.case.expectations[0].tolerance is not None
    assert found.tried > 0


def test_what_does_not_fail_is_not_shrunk(products):
    with pytest.raises(UsageError, match="refgrad fails none of 1 programs"):
        shrink(products[0], parse_engine("refgrad"))


def test_a_documented_behaviour_loses_what_is_right(capsys):
    arguments = ["--engine", "refgrad", "--fault", "overwrite-grad", "--shrink"]
    assert main(["explain", "accumulation.backward-twice-adds", *arguments]) == 0
    out = capsys.readouterr().out
    assert "this still fails: fail" in out
    assert "import refgrad as torch" in out


def test_the_numbers_of_a_smaller_case_are_shown_with_the_parts_of_the_tolerance(capsys):
    arguments = ["--engine", "refgrad", "--fault", "mean-gradient-undivided", "--shrink"]
    assert main(["explain", "operator.mean.vjp", *arguments]) == 0
    out = capsys.readouterr().out
    for words in ("element", "expected", "observed", "ulp", "for the rounding of inputs and steps", "torch.mean("):
        assert words in out
