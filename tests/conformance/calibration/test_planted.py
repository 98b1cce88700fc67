"""Planted errors on their own: that one is planted in every element, and that a blind comparator would be seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conformance.calibration import planted as module
from conformance.calibration.planted import missed_in, planted
from conformance.cases import Case
from conformance.cli import main
from conformance.codec import encode_array
from conformance.compare import Expectation, Judgement, Status
from conformance.recorder import Recorder


def case(
    values: list[float], tolerance: float, *, group: str = "vjp", dtype: str = "float64", second: float | None = None
) -> Case:
    """A case of one gradient, which is that of a sum of products with these numbers."""
    p = Recorder(dtype)
    x, c = p.leaf(np.ones(len(values))), p.constant(values)
    (g,) = p.grad((x * c).sum(), x)
    p.expect(g, values)
    e = p.expectations[0]
    e = Expectation(
        e.read,
        "array",
        e.value,
        np.full(len(values), tolerance),
        second=None if second is None else np.full(len(values), second),
    )
    facets = {"operator": "mul", "group": group}
    return Case(
        f"{group}/{values}@{dtype}",
        "operator.mul.vjp",
        "must",
        "",
        dtype,
        program=p.program(),
        expectations=(e,),
        facets=facets,
    )


def reply(c: Case) -> dict:
    return {"status": "done", "observations": {e.read: {"array": encode_array(e.value)} for e in c.expectations}}


def missed(c: Case) -> list[str]:
    return missed_in(c, reply(c))


def test_every_element_is_planted_in_and_noticed() -> None:
    assert missed(case([1.0, -2.0, 1e-3], 1e-15)) == ["", "", ""]


def test_a_zero_is_planted_in_relative_to_the_largest() -> None:
    assert missed(case([0.0, 3.0], 1e-15)) == ["", ""]


def test_at_a_kink_the_error_lies_beyond_the_subdifferential() -> None:
    c = case([0.0, 1.0], 1e-15)
    (e,) = c.expectations
    kinked = replace(e, between=(np.array([-1.0, 1.0]), np.array([1.0, 1.0])))
    assert missed(replace(c, expectations=(kinked,))) == ["", ""]


def test_operators_beyond_the_core_are_counted_apart() -> None:
    c = case([1.0], 1e-15)
    found = planted([c, replace(c, facets={"operator": "fmax", "group": "vjp"})])
    assert found.by_dtype["truth", "float64"].cases == found.beyond["truth", "float64"].cases == 1


def test_nothing_is_planted_in_zeros_alone_nor_in_what_is_not_finite() -> None:
    assert missed(case([0.0, 0.0], 1e-15)) == []
    assert missed(case([np.inf, 2.0], 1e-15)) == [""]


def test_a_wide_tolerance_misses_and_says_why() -> None:
    assert missed(case([1.0, 1.0], 1e-4)) == ["wide: the tolerance exceeds the error for the largest entry too"] * 2
    assert missed(case([1.0, 1e-6], 1e-9)) == ["", "ill-conditioned: the tolerance of this element exceeds the error"]
    assert missed(case([1e-310, 1e-310], 2.3e-308)) == ["subnormal: within the underflow that is allowed"] * 2


def test_a_second_bound_notices_without_failing() -> None:
    assert missed(case([1.0], 1e-4, second=1e-9)) == ["second bound: graded inaccurate"]


def test_what_is_graded_inaccurate_is_counted_apart() -> None:
    tally = planted([case([1.0], 1e-4, second=1e-9), case([1.0], 1e-15)]).by_dtype["truth", "float64"]
    assert (tally.share, tally.graded_share) == (0.5, 1.0)


def test_values_are_not_planted_in() -> None:
    assert planted([case([1.0], 1e-15, group="value")]).by_dtype == {}


def test_shares_count_cases_and_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    found = planted([case([1.0, 1e-6], 1e-9), case([1.0], 1e-15)])
    tally = found.by_dtype["truth", "float64"]
    assert (tally.cases, tally.whole, tally.share) == (2, 1, 0.75)
    assert found.operators["mul", "float64"].cases == 2


def test_pytorchs_own_answers_are_planted_in_too() -> None:
    pytest.importorskip("torch")
    assert planted([case([1.0, 2.0], 1e-15)]).by_dtype["torch", "float64"].share == 1.0


def test_a_comparator_that_sees_nothing_is_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "judge", lambda expectations, reply: Judgement(Status.PASS, grade="exact"))
    monkeypatch.setattr(module, "load_cases", lambda: [case([1.0, 2.0], 1e-15)])
    assert main(["calibrate", "--planted", "--check"]) == 1
    assert "truth, float64: 0.00% of 1 cases" in capsys.readouterr().out


def test_the_command_prints_the_share(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(module, "load_cases", lambda: [case([1.0, 2.0], 1e-15), case([1.0], 1e-6, dtype="float32")])
    assert main(["calibrate", "--planted", "--check"]) == 0
    said = capsys.readouterr().out
    assert "truth, float64: 100.00% of 1 cases fail for one element off by 1e-06; 100.00% with" in said
    assert "truth, float32: 100.00% of 1 cases fail for one element off by 0.001; 100.00% with" in said
