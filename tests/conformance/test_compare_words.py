"""What a judgement says beyond its status: reasons and numbers, on which reports rest, and limits reached exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conformance.compare import Expectation, judge

from .test_compare import Pair, array, check, done, error, flag, pair, tensor, warned

U = 2.0**-53
NUMBERS = {"index": [1], "expected": (2.0).hex(), "observed": (3.0).hex(), "tolerance": 0.5}


def found(kind: str, value: Any, observed: Any, **options: Any):
    return judge([Expectation("r1", kind, value, **options)], done(r1=observed))


@pytest.mark.parametrize("reply, reason, details", [
    ({"status": "unsupported", "feature": "hooks"}, "needs hooks", {"feature": "hooks"}),
    ({"status": "crash"}, "", {}),
    ({"status": "timeout", "reason": "no answer"}, "no answer", {}),
    ({"status": "error", "error": {"class": "TypeError", "message": "no"}}, "raised TypeError: no", {"class": "TypeError", "message": "no"}),
    ({"status": "failed", "reason": "assertion"}, "assertion", {}),
])  # fmt: skip
def test_what_a_reply_that_is_no_answer_leaves_behind(reply, reason, details):
    judgement = judge([], reply)
    assert (judgement.reason, dict(judgement.details)) == (reason, details)


@pytest.mark.parametrize("kind, value, observed, reason", [
    ("flag", True, flag(False), "r1: expected True, got False"),
    ("flag", True, {}, "r1: expected True, got nothing"),
    ("array", np.ones(1), {}, "r1: expected a tensor, got nothing"),
    ("error", ("TypeError", ""), {}, "r1: expected TypeError, and nothing was raised"),
    ("error", ("TypeError", ""), error("ValueError", "no"), "r1: expected TypeError, got ValueError: no"),
    ("error", ("TypeError", "yes"), error("TypeError", "no"), "r1: the message of TypeError lacks 'yes': no"),
    ("warning", ("UserWarning", "w"), {}, "r1: expected a UserWarning with 'w', got []"),
    ("warning", ("UserWarning", "w"), warned((["UserWarning"], "no")),
     "r1: expected a UserWarning with 'w', got [{'classes': ['UserWarning'], 'message': 'no'}]"),
    ("contains", "y", flag("x"), "r1: 'x' lacks 'y'"),
    ("lacks", "x", flag("x"), "r1: 'x' contains 'x'"),
    ("contains", "y", flag(1), "r1: expected a text, got flag 1"),
    ("equal", "r2", tensor([1.0]), "r1: expected two tensors, got a tensor of shape (1,) and nothing"),
])  # fmt: skip
def test_the_reason_names_the_read_and_both_sides(kind, value, observed, reason):
    judgement = found(kind, value, observed)
    assert (judgement.status, judgement.reason, dict(judgement.details)) == ("fail", reason, {"read": "r1"})


def test_the_first_wrong_integer_is_given_and_how_many_are_wrong():
    judgement = found("array", np.array([[1, 2], [3, 4]]), tensor([[1, 7], [3, 9]], "int64"))
    assert judgement.reason == "r1: at (0, 1): expected 2, got 7"
    assert judgement.details == {"read": "r1", "index": [0, 1], "wrong": 2}


@pytest.mark.parametrize("want, got, options, more", [
    ([2.0, 2.0], [2.0, 3.0], {}, {"ulp": 2.0**51, "wrong": 1}),
    ([0.0, 2.0], [0.0, np.nan], {}, {"observed": "nan"}),
    ([1.0, 0.0], [1.0, -0.0], {"signed_zero": True}, {"expected": "0x0.0p+0", "observed": "-0x0.0p+0"}),
])  # fmt: skip
def test_a_wrong_number_is_given_with_its_index_both_values_and_the_tolerance(want, got, options, more):
    judgement = found("array", np.array(want), tensor(got), tolerance=np.full(2, 0.5), **options)
    assert judgement.status == "fail"
    assert judgement.details == {"read": "r1", **NUMBERS, **more}


def test_an_alternative_is_given_with_what_the_other_value_would_have_been():
    judgement = found(
        "array", np.array([2.0, 2.0]), tensor([2.0, 3.0]), tolerance=np.full(2, 0.5), permitted=(np.array([2.0, 3.0]),)
    )
    assert (judgement.status, judgement.reason) == ("permitted", "r1: a documented alternative")
    assert {k: judgement.details[k] for k in NUMBERS} == NUMBERS


def test_what_is_inaccurate_is_given_with_its_numbers():
    above = found("array", np.array([1.0, 2.0**-7]), tensor([1.0, 2.0**-7 + 2.0**-52]), tolerance=np.full(2, 1e-20))
    assert (above.grade, above.reason) == ("inaccurate", "r1: above the tolerance at (1,)")
    assert above.details["index"] == [1]
    assert above.details["tolerance"] == 1e-20
    narrow = found("array", np.array([1.0, 2.0]), tensor([1.0, 2.5]), tolerance=np.ones(2), second=np.full(2, 0.25))
    assert (narrow.grade, narrow.reason) == ("inaccurate", "r1: above the second bound at (1,)")
    assert narrow.details == {"index": [1], "expected": (2.0).hex(), "observed": (2.5).hex(), "tolerance": 0.25}


def test_two_tensors_are_compared_with_the_tolerance_of_the_expectation():
    both = done(r1=tensor([1.0]), r2=tensor([1.25]))
    assert judge([Expectation("r1", "equal", "r2", np.array([0.5]))], both).status == "pass"
    strict = judge([Expectation("r1", "equal", "r2")], both)
    assert strict.reason == "r1: at (0,): expected 1.25, got 1.0, off by 0.25 where 0 is allowed"


@pytest.mark.parametrize(
    "dtype, smallest", [("float64", 5e-324), ("float32", 2.0**-149), ("float16", 2.0**-24), ("bfloat16", 2.0**-133)]
)
def test_the_unit_of_a_zero_is_the_smallest_number(dtype, smallest):
    p = array("zero", [0.0], [3 * smallest], "fail", dtype=dtype)
    assert judge(p.expectations, p.reply).details["ulp"] == 3.0


EXACT = [
    array("at the second bound", [1.0], [1 + 2 * U], "pass 2 ulp", tolerance=1e-12, second=np.array([2 * U])),
    array("at 4 u of the largest", [1.0, 2.0**-7], [1.0, 2.0**-7 + 4 * U], "pass backward stable", tolerance=1e-10),
    array("far beside an infinity", [np.inf, 1e-8], [np.inf, 1e-8 + 1e-20], "pass order of magnitude", tolerance=1e-12),
    array("ordinary beside an infinity", [np.inf, 1.0], [np.inf, 1.0 + 1e-14], "pass order of magnitude", tolerance=1e-12),
    array("above the tolerance, all small", [1e-8, 1e-8], [1e-8, 1e-8 + 3e-16], "fail", tolerance=1e-24),
    array("above the tolerance, small beside an infinity", [np.inf, 1e-8], [np.inf, 1e-8 + 3e-16], "fail", tolerance=1e-24),
    array("a zero that is off by little", [0.0], [1e-17], "pass order of magnitude", tolerance=1e-16),
    array("the largest number for infinity", [np.inf], [np.finfo(np.float64).max], "pass exact", tolerance=1e290),
    array("the largest number for infinity within less than one", [np.inf], [np.finfo(np.float64).max], "pass exact", tolerance=0.5),
    array("the largest number of float16 for infinity", [np.inf], [65504.0], "pass exact", dtype="float16", tolerance=0.5),
    array("infinity for what bfloat16 could not hold", [3.395e38], [np.inf], "fail", dtype="float32", tolerance=1e30),
]  # fmt: skip


@pytest.mark.parametrize("p", EXACT, ids=lambda p: p.name)
def test_limits_are_included_and_belong_to_their_dtype(p: Pair) -> None:
    check(p)


def test_a_flag_of_one_kind_is_no_tensor() -> None:
    check(pair("an empty observation", "flag", True, {}, "fail", "got nothing"))
