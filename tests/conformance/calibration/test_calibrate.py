"""Calibration on its own: what is drawn, that false alarms would be seen, and what counts as explained."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from conformance.calibration import calibrate as module
from conformance.calibration import measuring
from conformance.calibration.calibrate import calibrate
from conformance.calibration.drawing import SEED, Draw, draws, program_of
from conformance.calibration.findings import Finding, explained, findings
from conformance.calibration.measuring import measure
from conformance.cli import main
from conformance.codec import decode_array, encode_array
from conformance.engines.refgrad import RefgradEngine
from conformance.operators import specs
from conformance.oracles.reasons import NoTruth
from conformance.record import Record
from conformance.strategies.variations import variations


def draw(operator: str, group: str, name: str = "ordinary", dtype: str = "float64", repeat: int = 0) -> Draw:
    places = [i for i, v in enumerate(variations(specs()[operator])) if (v.group, v.name) == (group, name)]
    return Draw(operator, places[0], dtype, repeat, SEED)


def test_every_operator_and_group_is_drawn_before_any_is_drawn_again() -> None:
    first = list(islice(draws("float64"), 900))
    pairs = [(d.operator, d.variation.group) for d in first]
    wanted = {(n, v.group) for n, s in specs().items() for v in variations(s) if "float64" in v.dtypes}
    once = pairs[: len(wanted)]
    assert len(set(once)) == len(once)
    assert set(once) <= wanted
    assert len({d.id for d in first}) == len(first)


def test_a_seed_says_what_is_drawn() -> None:
    one, two = (list(islice(draws("float32", seed), 200)) for seed in (1, 2))
    assert one == list(islice(draws("float32", 1), 200))
    assert [d.id for d in one] != [d.id for d in two]


def test_the_same_draw_is_the_same_program_and_another_has_other_inputs() -> None:
    engine = RefgradEngine()
    first = draw("sin", "vjp")
    programs = [program_of(d, engine).digest for d in (first, first, replace(first, repeat=1), replace(first, seed=1))]
    assert programs[0] == programs[1]
    assert len(set(programs)) == 3


@pytest.mark.parametrize(
    ("operator", "group"), [("sin", "vjp"), ("mul", "value"), ("logsumexp", "vjp"), ("exp", "order2")]
)
def test_a_right_engine_is_well_within_the_tolerance(operator: str, group: str) -> None:
    found = measure(draw(operator, group), ("refgrad",)).measured["refgrad"]
    assert found.record.status == "pass"
    assert found.ratio <= 2
    assert found.share <= 1


def test_what_cannot_be_decided_is_counted_with_its_reason(few: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(program, dtype, group):
        if group == "value":
            raise NoTruth("kink")
        return original(program, dtype, group)

    original = measuring.judged
    monkeypatch.setattr(measuring, "judged", judged)
    monkeypatch.setattr(module, "draws", lambda dtype, seed: iter([draw("exp", "value"), draw("sin", "vjp")]))
    done = calibrate(cases=1, processes=1, engines=("refgrad",))
    assert done.cases["float64"] == 1
    assert done.undecided == {("float64", "value"): Counter(kink=1)}
    assert done.nonlinear == Counter(drawn=2, undecided=1)


class Off(RefgradEngine):
    """refgrad, with every number off by a relative 1e-6."""

    def run(self, program):
        reply = super().run(program)
        for observed in reply.get("observations", {}).values():
            if "array" in observed:
                array = decode_array(observed["array"])
                observed["array"] = encode_array((array * (1 + 1e-6)).astype(array.dtype))
        return reply


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four easy cases of float64 only, in place of all."""
    easy = [draw("sin", "vjp"), draw("mul", "vjp"), draw("exp", "value"), draw("sin", "vjp", repeat=1)]
    monkeypatch.setattr(module, "DTYPES", ("float64",))
    monkeypatch.setattr(module, "draws", lambda dtype, seed: iter(easy))


def test_a_right_engine_raises_no_alarm(few: None) -> None:
    done = calibrate(cases=4, processes=1, engines=("refgrad",))
    assert done.cases["float64"] == 4
    assert done.alarms == []
    assert {key: row.cases for key, row in done.rows.items()} == {
        ("refgrad", "float64", "vjp"): 3,
        ("refgrad", "float64", "value"): 1,
    }


def test_a_wrong_engine_is_an_alarm_with_its_program(few: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "engine_of", lambda name: Off())
    done = calibrate(cases=4, processes=1, engines=("refgrad",))
    assert len(done.alarms) == 4
    engine, outcome = done.alarms[0]
    assert engine == "refgrad"
    assert "torch.sin" in outcome.code


def test_the_command_says_that_few_cases_say_little(few: None, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    assert main(["calibrate", "--cases", "4", "--workers", "1", "--check"]) == 1
    said = capsys.readouterr().out
    assert "0 alarms in 4 cases in float64" in said
    assert "4 cases say little" in said


def record(status: str = "fail", reason: str = "", **facets: str) -> Record:
    return Record("fresh/x", "operator.x", "must", "functional", "float64", status, reason=reason, facets=facets)


def test_a_finding_explains_what_it_matches_and_nothing_else() -> None:
    known = (Finding("one", "cause", "link", {"operator": "*prod", "group": ["vjp", "jvp"], "dtype": "float64"}),)
    assert explained(record(operator="cumprod", group="jvp"), known)
    assert not explained(record(operator="cumprod", group="value"), known)
    assert not explained(record(operator="sum", group="vjp"), known)


def test_an_engine_that_says_that_it_lacks_a_derivative_is_no_alarm() -> None:
    says = "raised NotImplementedError: forward AD of x has not been implemented yet"
    assert explained(record("error", says, operator="x", group="jvp"), ())
    assert not explained(record("error", "raised RuntimeError: shapes differ", operator="x"), ())
    assert not explained(record("fail", "not implemented", operator="x"), ())


def test_waivers_are_findings() -> None:
    assert "trigamma-accuracy" in {f.id for f in findings("torch")}


def test_the_distance_is_zero_for_the_truth_and_in_units_of_r() -> None:
    truth = np.array([1.0, 2.0])
    tolerance = np.array([1e-10, 1e-10])
    assert measuring._distance(truth, truth, tolerance) == (0.0, 0.0)
    ratio, share = measuring._distance(truth, truth + 5e-11, tolerance)
    assert ratio == pytest.approx(1.0, rel=1e-5)
    assert share == pytest.approx(0.5, rel=1e-5)
    assert measuring._distance(truth + 0j, truth + 5e-11j, tolerance)[1] == pytest.approx(0.5, rel=1e-5)
