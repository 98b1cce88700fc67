"""The words of a verdict: its sentence, its reasons and what weakens it, to the letter; and what a challenge can say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.caselist import Selection, parse_list
from conformance.errors import SuiteFault
from conformance.record import Record
from conformance.tally import Tally, some
from conformance.verdict import Run, decide, worst_exit

from .test_verdict import LOCKED, RUN, record, records, verdict, waiver

CHALLENGED = Run("mygrad", "0.3", challenge="n")
ALL = [f"area.thing-{n:02}@float64" for n in range(20)]
MANY = parse_list("".join(f"{case}\tmust\t{'0' * 64}\n" for case in ALL), "many")


def many(status="fail", count=20, **more):
    return [
        Record(case, case.partition("@")[0], "must", "imperative", "float64", status if n < count else "pass", **more)
        for n, case in enumerate(ALL)
    ]


def test_an_exit_code_that_is_none_is_named_with_those_that_are():
    with pytest.raises(SuiteFault, match=r"exit codes \[3\] are not among \[0, 1, 4, 10, 11, 12, 13\]"):
        worst_exit([3])


def test_inconclusive_cases_are_named():
    found = verdict(records(**{"sin/value": "inconclusive"}))
    assert found.verdict == "suite fault"
    assert found.reasons == ("op/sin/value/ordinary/00000000@float64: inconclusive, inconclusive ()",)
    assert found.sentence.endswith(f" Reason: {found.reasons[0]}.")


def test_a_selection_says_that_it_is_one_and_only_what_it_ran_speaks_against():
    found = verdict(records()[:3], selection=Selection(("area.*",)))
    assert found.reasons == ("a selection was run, not the whole list",)
    failed = [record("area.must-one@float32", "fail", reason="r1: no")]
    assert verdict(failed, selection=Selection(("area.*",))).reasons == (
        "a selection was run, not the whole list",
        "area.must-one@float32: fail, must pass (r1: no)",
    )


def test_what_makes_a_run_unofficial_is_listed():
    found = verdict(unofficial=["one thing", "another"])
    assert found.reasons == ("nothing speaks against the engine, but the run is not official: one thing; another",)


def test_without_a_waived_case_nothing_is_said_of_waivers():
    assert verdict().reasons == ()
    assert verdict(records(**{"sin/value": "waived"})).reasons == ("1 must-cases are waived",)


def test_a_crash_must_not_happen_at_any_level():
    found = verdict(records(may="crash"))
    assert found.reasons == ("area.may-thing@float64: crash, must not happen at any level ()",)


def test_cases_that_were_not_run_are_counted_with_the_commonest_reason():
    given = [record(case, "not-run", reason="a" if n else "b") for n, case in enumerate(sorted(LOCKED.entries))][:3]
    found = verdict([*given, *records()[3:]])
    assert "3 of 6 cases of the list were not run: a" in found.reasons
    silent = decide(LOCKED, records()[1:], run=RUN)
    assert "1 of 6 cases of the list were not run: no record" in silent.reasons


def test_missing_features_are_named_the_commonest_first():
    features = ["a"] * 2 + ["b"] * 3 + [""]
    given = [
        replace(r, status="unsupported", reason="needs c", details={"feature": f} if f else {})
        for r, f in zip(many("pass")[:6], features, strict=True)
    ]
    found = decide(MANY, [*given, *many("pass")[6:]], run=RUN)
    assert [r for r in found.reasons if r.startswith("lacks")] == [
        "lacks b, which 3 must-cases need",
        "lacks a, which 2 must-cases need",
        "lacks needs c, which 1 must-cases need",
    ]


@pytest.mark.parametrize("count, rest", [(12, ""), (13, "and 1 more of that sort"), (20, "and 8 more of that sort")])
def test_twelve_reasons_of_one_sort_are_named_and_the_others_counted(count, rest):
    found = decide(MANY, many(count=count), run=RUN)
    assert len(found.reasons) == 12 + bool(rest)
    assert found.reasons[-1] == rest or not rest


@pytest.mark.parametrize(
    "count, words",
    [
        (1, " Reason: {0}."),
        (2, " Reasons: {0}; {1}."),
        (3, " Reasons: {0}; {1}; {2}."),
        (4, " Reasons: {0}; {1}; {2}; …."),
    ],
)
def test_the_sentence_gives_three_reasons(count, words):
    found = decide(MANY, many(count=count, reason="no"), run=RUN)
    assert found.sentence.endswith(words.format(*found.reasons))


def test_the_sentence_counts_every_status():
    found = verdict(records(may="fail", should="timeout"))
    assert "6 of 6 cases of the list imperative-cpu executed (4 pass, 1 fail, 1 timeout)" in found.sentence


def test_the_counts_of_a_group_are_those_of_all_and_of_must():
    found = verdict(records(should="unsupported", **{"sin/vjp": "fail"}))
    assert found.behaviours == {
        "listed": 3,
        "executed": 2,
        "passed": 2,
        "must": {"listed": 1, "executed": 1, "passed": 1},
    }
    assert found.operators == {
        "listed": 1,
        "executed": 1,
        "passed": 0,
        "must": {"listed": 1, "executed": 1, "passed": 0},
    }
    assert "2 of 3 behaviours executed and 2 passed (must: 1 of 1, 1 passed)" in found.sentence


def test_contradictions_say_of_which_kind_they_are():
    twice = [*records(), record("area.must-one@float32")]
    foreign = [*records(), replace(record("area.must-one@float32"), case="area.other@float32")]
    other = [replace(r, level="should") if "must-one@float32" in r.case else r for r in records()]
    assert verdict(twice).reasons == ("1 records appear twice: area.must-one@float32",)
    assert verdict(foreign).reasons == ("1 records are of cases that are not in the list: area.other@float32",)
    assert verdict(other).reasons == ("1 records have another level than the list: area.must-one@float32",)


def test_a_case_without_a_record_keeps_its_dtype():
    locked = parse_list(f"a.b\tmust\t{'0' * 64}\nc.d@x@float32\tmust\t{'0' * 64}\n", "l")
    bare, typed = Tally(locked, []).records
    assert (bare.dtype, bare.profile, bare.status) == ("", "", "not-run")
    assert (typed.dtype, typed.profile) == ("float32", "")


def test_statuses_are_counted_in_the_order_of_their_gravity():
    found = verdict(records(may="version", should="fail", **{"sin/vjp": "blocked"}))
    assert list(found.counts) == ["pass", "fail", "blocked", "version"]


@pytest.mark.parametrize(
    "count, words", [(2, "0, 1"), (12, "10, 11"), (13, "10, 11 and 1 more"), (30, "10, 11 and 18 more")]
)
def test_twelve_names_are_given_and_the_others_counted(count, words):
    assert some(list(map(str, range(count)))).endswith(words)


# a challenge


def test_a_challenge_that_finds_nothing_is_partial():
    found = decide(LOCKED, records(), run=CHALLENGED, unofficial=["the list is not a locked one"])
    assert (found.verdict, found.exit_code) == ("partial", 13)
    assert found.reasons == (
        "a challenge was run, which can speak against an engine and does not; only the whole list certifies",
    )
    assert found.sentence.startswith(
        "mygrad 0.3 on cpu, profile imperative, challenge n: partial. 3 of 3 must-cases pass;"
    )


@pytest.mark.parametrize("status", ["fail", "error", "crash", "timeout", "flaky", "unsupported", "not-run"])
def test_a_challenge_that_finds_something_is_not_passed_even_in_a_selection(status):
    given = records(**{"sin/value": status})
    found = decide(LOCKED, given, run=CHALLENGED, selection=Selection(("op/sin/*",)))
    assert (found.verdict, found.exit_code) == ("not certified", 1)
    assert found.reasons


def test_a_challenge_whose_comparator_breaks_is_a_suite_fault_and_one_that_contradicts_itself_invalid():
    broken = decide(LOCKED, records(**{"sin/value": "inconclusive"}), run=CHALLENGED)
    assert broken.reasons == ("op/sin/value/ordinary/00000000@float64: inconclusive, inconclusive ()",)
    assert broken.exit_code == 11
    twice = decide(LOCKED, [*records(), *records()[:1]], run=CHALLENGED)
    assert (twice.exit_code, twice.reasons) == (10, ("1 records appear twice: area.may-thing@float64",))


def test_no_challenge_is_no_part_of_the_sentence():
    assert verdict().sentence.startswith("mygrad 0.3 on cpu, profile imperative: certified.")


def test_a_waiver_that_cannot_stand_is_a_reason():
    from conformance.waivers import Use

    assert verdict(waivers=[Use(waiver(), 0, "it is unused")]).reasons == ("it is unused",)
