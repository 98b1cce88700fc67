"""The verdict: every rule of it, and that no way of answering less helps."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import pytest

from conformance.caselist import Selection, parse_list
from conformance.compare import Status
from conformance.errors import SuiteFault
from conformance.protocol import schema
from conformance.record import Record
from conformance.verdict import EXIT_CODES, Run, decide, worst_exit
from conformance.waivers import Use, Waiver

RUN = Run("mygrad", "0.3")
LIST = "".join(
    f"{case}\t{level}\t{'0' * 64}\n"
    for case, level in (
        ("area.may-thing@float64", "may"),
        ("area.must-one@float32", "must"),
        ("area.must-one@float64", "must"),
        ("area.should-thing@float64", "should"),
        ("op/sin/value/ordinary/00000000@float64", "must"),
        ("op/sin/vjp/tails/11111111@float64", "should"),
    )
)
LOCKED = parse_list(LIST, "imperative-cpu", lock_sha256="1" * 64)


def record(case, status="pass", **more):
    entry = LOCKED.entries[case]
    name, _, dtype = case.partition("@")
    return Record(case, name.partition("/")[0], entry.level, "imperative", dtype, str(Status(status)), **more)


def records(**statuses):
    """All cases pass but those named by a word of their id."""
    return [
        record(case, next((status for word, status in statuses.items() if word in case), "pass"))
        for case in LOCKED.entries
    ]


def verdict(given=None, **options):
    return decide(LOCKED, records() if given is None else given, run=RUN, **options)


def waiver(count=1):
    return Waiver("w", "cause", "reason", "link", count, ">=0", dt.date(2099, 1, 1), {"operator": "sin"})


def test_everything_passes_is_certified_and_says_every_denominator():
    found = verdict()
    assert (found.verdict, found.exit_code, found.reasons) == ("certified", 0, ())
    assert found.sentence == (
        "mygrad 0.3 on cpu, profile imperative: certified. 3 of 3 must-cases pass; 6 of 6 cases of the list"
        " imperative-cpu executed (6 pass); 3 of 3 behaviours executed and 3 passed (must: 1 of 1, 1 passed); 1 of 1"
        " operators executed and 1 passed (must: 1 of 1, 1 passed); 5 distinct cases and 1 copies in other dtypes."
    )


def test_a_documented_alternative_counts_as_passed():
    assert verdict(records(must="permitted")).verdict == "certified"


@pytest.mark.parametrize("status", ["fail", "error", "crash", "timeout", "unsupported", "blocked", "flaky", "not-run"])
def test_a_must_case_that_does_not_pass_costs_the_certificate(status):
    found = verdict(records(**{"must-one@float32": status}))
    assert (found.verdict, found.exit_code) == ("not certified", 1)
    assert found.reasons


@pytest.mark.parametrize("status", ["fail", "error", "unsupported", "blocked"])
def test_a_should_case_that_does_not_pass_weakens_only(status):
    found = verdict(records(should=status))
    assert found.verdict == "certified"
    assert found.weakens == (f"1 of 2 should-cases: {status}",)


@pytest.mark.parametrize("status", ["crash", "timeout", "flaky", "not-run"])
@pytest.mark.parametrize("word", ["should", "may"])
def test_nothing_may_crash_hang_flicker_or_be_skipped_at_any_level(status, word):
    assert verdict(records(**{word: status})).verdict == "not certified"


def test_skipping_never_helps():
    everything = records(**{"must-one@float32": "fail", "should": "crash"})
    for size in range(len(everything)):
        for part in itertools.combinations(everything, size):
            assert verdict(list(part)).verdict != "certified"


def test_no_record_at_all_is_not_certified():
    found = verdict([])
    assert found.verdict == "not certified"
    assert found.counts == {"not-run": 6}
    assert found.reasons[0].startswith("6 of 6 cases of the list were not run")


def test_an_engine_that_supports_nothing_is_not_certified_and_the_features_are_named():
    given = [replace(r, status="unsupported", details={"feature": "leaf"}) for r in records()]
    found = verdict(given)
    assert found.verdict == "not certified"
    assert found.reasons == (
        "lacks leaf, which 3 must-cases need",
        "1 must-behaviours were not executed: area.must-one",
    )
    assert "0 of 3 must-cases pass; 0 of 6 cases" in found.sentence


def test_a_behaviour_outside_its_pytorch_version_is_no_failure():
    found = verdict(records(must="version"))
    assert found.verdict == "certified"
    assert "2 must-cases: version" in found.weakens


def test_waived_cases_make_it_certified_with_waivers():
    found = verdict(records(op="waived"), waivers=[Use(waiver(), 2)])
    assert (found.verdict, found.exit_code) == ("certified with waivers", 12)
    assert found.waivers[0]["count"] == 2


def test_waived_cases_below_must_cost_nothing_and_are_said():
    found = verdict(records(should="waived"), waivers=[Use(waiver(), 1)])
    assert (found.verdict, found.reasons) == ("certified", ())
    assert any(line.endswith("should-cases: waived") for line in found.weakens)


def test_a_waiver_with_a_problem_costs_the_certificate():
    found = verdict(waivers=[Use(waiver(), 0, "waiver w is unused")])
    assert (found.verdict, found.reasons) == ("not certified", ("waiver w is unused",))


def test_a_selection_is_partial_even_if_all_passes():
    found = verdict(records()[1:3], selection=Selection(select=("area.must*",)))
    assert (found.verdict, found.exit_code) == ("partial", 13)
    assert found.counts == {"pass": 2, "not-run": 4}


def test_a_selection_that_fails_is_partial_and_says_why():
    found = verdict([record("area.must-one@float32", "fail")], selection=Selection(select=("x",)))
    assert found.verdict == "partial"
    assert any("must pass" in reason for reason in found.reasons)


def test_an_inconclusive_case_is_a_fault_of_the_suite_whatever_else_there_is():
    found = verdict(records(should="inconclusive", must="crash"), selection=Selection(select=("x",)))
    assert (found.verdict, found.exit_code) == ("suite fault", 11)


@pytest.mark.parametrize("change", [
    pytest.param(lambda given: [*given, replace(given[0], case="area.another@float64")], id="foreign"),
    pytest.param(lambda given: [*given, given[0]], id="twice"),
    pytest.param(lambda given: [replace(given[1], level="may"), *given[2:]], id="level"),
])  # fmt: skip
def test_records_that_contradict_the_list_are_invalid(change):
    found = verdict(change(records()))
    assert (found.verdict, found.exit_code) == ("invalid", 10)


def test_a_list_without_must_cases_certifies_nothing():
    assert decide(parse_list("", "empty"), [], run=RUN).verdict == "invalid"


def test_what_is_not_official_wins_no_certificate_and_hides_no_failure():
    facts = ["the deadline of 60 s is above 20 s"]
    assert verdict(unofficial=facts).verdict == "invalid"
    assert verdict(records(op="waived"), unofficial=facts).verdict == "invalid"
    assert verdict(records(must="fail"), unofficial=facts).verdict == "not certified"


def test_inaccurate_answers_are_said_and_cost_nothing():
    given = [replace(r, grade="inaccurate") for r in records()]
    found = verdict(given)
    assert found.verdict == "certified"
    assert "6 cases are inaccurate" in found.weakens[-1]


def test_the_order_of_records_changes_nothing():
    assert verdict(records(must="fail")[::-1]) == verdict(records(must="fail"))


def test_the_json_fits_its_schema():
    environment = {
        "date": "2026-01-31", "started": "", "seconds": 1.5, "python": "3", "platform": "", "suite": "", "workers": 1,
        "engine": {}, "features": [], "stderr": {},
    }  # fmt: skip
    for found in (verdict(), verdict(records(must="fail", op="waived"), waivers=[Use(waiver(), 1, "x")])):
        assert schema.problem(found.to_json(environment), "verdict") == ""


def test_the_worst_exit_code_wins():
    order = [4, 11, 10, 1, 13, 12, 0]
    for better, worse in itertools.combinations(order[::-1], 2):
        assert worst_exit([better, worse]) == worst_exit([worse, better]) == worse
    assert set(EXIT_CODES.values()) == set(order) - {4}


@pytest.mark.parametrize("codes", [[], [2], [0, 3]])
def test_an_exit_code_that_does_not_exist_is_a_fault_of_the_suite(codes):
    with pytest.raises(SuiteFault):
        worst_exit(codes)
