"""Several runs of the same cases: what differs is found to the bit, and told."""

from __future__ import annotations

from dataclasses import replace

import ml_dtypes
import numpy as np
import pytest

from conformance.codec import encode_array
from conformance.judging import judge_case
from conformance.record import Record
from conformance.repeats import agreed
from conformance.report import build
from conformance.report.html import page_html
from conformance.report.markdown import page_markdown
from conformance.report.tables import unsteady
from tests.conformance.example import example_results


def reply(*values, dtype="float32"):
    dtype = ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype
    return {"status": "done", "observations": {"r5": {"array": encode_array(np.array(values, dtype))}}}


def differences(first, *later):
    (found,) = agreed({"case": first}, [{"case": r} for r in later]).values()
    return found.get("differences"), found.get("reason")


def test_answers_that_agree_to_the_bit_stay_as_they_are():
    first = {"case": reply(1.0, np.nan)}
    assert agreed(first, [{"case": reply(1.0, np.nan)}, {"case": reply(1.0, np.nan)}]) == first


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16", "complex64"])
def test_one_unit_in_the_last_place_is_found_in_any_run(dtype):
    one = ml_dtypes.bfloat16 if dtype == "bfloat16" else np.dtype(dtype).type(0).real.dtype
    above = np.spacing(np.array(1.0, one)).astype(float) + 1.0
    found, reason = differences(*(reply(1.0, x, 3.0, dtype=dtype) for x in (1.0, 1.0, above)))
    assert found == [{"read": "r5", "numbers": 3, "different": 1, "ulp": 1.0}]
    assert reason == "three runs gave different answers: r5, 1 of 3 numbers by up to 1 ulp"


@pytest.mark.parametrize("other, expected", [
    (reply(0.0, -0.0), [{"read": "r5", "numbers": 2, "different": 1, "ulp": 0.0}]),
    (reply(0.0, np.inf), [{"read": "r5", "numbers": 2, "different": 1}]),
    (reply(0.0, np.nan), [{"read": "r5", "numbers": 2, "different": 1}]),
    (reply(0.0), []),
    ({"status": "error", "error": {"class": "RuntimeError", "message": ""}}, []),
])  # fmt: skip
def test_what_is_no_matter_of_rounding_has_no_distance(other, expected):
    found, reason = differences(reply(0.0, 0.0), other)
    assert found == expected
    assert reason.startswith("two runs gave different answers")


def test_the_distance_is_the_greatest_of_all_runs():
    found, _ = differences(reply(1.0), reply(1 + 2**-23), reply(1 + 2**-21))
    assert found[0]["ulp"] == 4


def test_a_flaky_case_is_no_pass_and_keeps_its_numbers(make_case):
    (flaky,) = agreed({"case": reply(1.0)}, [{"case": reply(2.0)}]).values()
    record = judge_case(make_case(1), flaky)
    assert record.status == "flaky"
    assert record.details["differences"][0]["different"] == 1


def flaky_records():
    facets = {"operator": "index_add"}
    differing = [{"read": "r5", "numbers": 6, "different": 2, "ulp": 3.0}]
    for n, (dtype, status) in enumerate([("float32", "flaky"), ("float16", "flaky"), ("float64", "pass")]):
        details = {"differences": differing} if status == "flaky" else {}
        case = f"op/index_add/vjp/ordinary/{n}@{dtype}"
        yield Record(case, "operator.index_add.vjp", "must", "functional", dtype, status, "", "", details, "", facets)
    yield Record("hooks.order/a", "hooks.order", "must", "imperative", "float64", "flaky", "", "two runs", {})


def test_the_report_tells_them_by_operator():
    behaviour, operator = unsteady(list(flaky_records()))
    assert (behaviour.name, behaviour.different, behaviour.cases, behaviour.ulp) == ("hooks.order", 1, 1, np.inf)
    assert (operator.name, operator.different, operator.cases) == ("index_add", 2, 3)
    assert (operator.dtypes, operator.numbers, operator.ulp) == ((("float16", 1), ("float32", 1)), (4, 12), 3.0)


def test_the_pages_show_them_where_there_are_some():
    calm = example_results()
    restless = replace(calm, records=[*calm.records, *flaky_records()])
    row = "| index_add | 2 of 3 | 1 float16, 1 float32 | 4 of 12 | 3 |"
    assert row in page_markdown(build(restless))
    assert row not in page_markdown(build(calm))
    assert 'id="unsteady"' in page_html(build(restless))
    assert 'id="unsteady"' not in page_html(build(calm))
