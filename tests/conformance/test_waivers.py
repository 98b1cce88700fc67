"""Waivers: by root cause, counted exactly, in a range of versions, for a time."""

from __future__ import annotations

import datetime as dt

import pytest

from conformance.errors import SuiteFault
from conformance.record import Record
from conformance.waivers import FOLDER, Waiver, apply_waivers, in_range, load_waivers, unwaived, version_key

TODAY = dt.date(2026, 3, 1)
ENTRY = """
[[waiver]]
id = "pow-zero"
cause = "pow at zero"
reason = "calculus says otherwise"
link = "https://example.org/1"
count = 2
versions = ">=2.13,<2.14"
expires = 2026-12-31
match = { operator = "pow", region = "zero" }
"""


def records(*statuses):
    facets = {"operator": "pow", "region": "zero"}
    return [
        Record(f"op/pow/vjp/{n}@float64", "operator.pow.vjp", "must", "imperative", "float64", status, facets=facets)
        for n, status in enumerate(statuses)
    ]


def waiver(**changes):
    fields = {
        "id": "w", "cause": "c", "reason": "r", "link": "l", "count": 2, "versions": ">=2.13,<2.14",
        "expires": dt.date(2026, 12, 31), "match": {"operator": "pow"},
    }  # fmt: skip
    return Waiver(**{**fields, **changes})


def apply(given, *waivers, **changes):
    facts = {"version": "2.13.0+cpu", "date": TODAY, "profile": "imperative", "device": "cpu", "complete": True}
    return apply_waivers(given, waivers, **{**facts, **changes})


def test_the_right_number_of_failures_is_waived_and_stays_on_record():
    marked, (use,) = apply(records("fail", "error", "pass"), waiver())
    assert [r.status for r in marked] == ["waived", "waived", "pass"]
    assert marked[0].details == {"was": "fail", "waiver": "w"}
    assert (use.count, use.problem) == (2, "")
    assert [unwaived(r) for r in marked] == records("fail", "error", "pass")


@pytest.mark.parametrize("status", ["crash", "timeout", "unsupported", "flaky", "not-run", "inconclusive"])
def test_only_failures_and_errors_can_be_waived(status):
    marked, (use,) = apply(records(status, status), waiver())
    assert {r.status for r in marked} == {status}
    assert use.problem


@pytest.mark.parametrize("statuses, words", [
    (("fail",), "speaks of 2 cases, and 1 fail"),
    (("fail", "fail", "fail"), "speaks of 2 cases, and 3 fail"),
    (("pass", "pass"), "is unused"),
])  # fmt: skip
def test_another_number_than_it_says_is_a_problem(statuses, words):
    _, (use,) = apply(records(*statuses), waiver())
    assert words in use.problem


def test_a_selection_cannot_be_counted():
    _, (use,) = apply(records("fail"), waiver(), complete=False)
    assert use.problem == ""


def test_an_expired_waiver_waives_nothing_and_is_a_problem():
    marked, (use,) = apply(records("fail", "fail"), waiver(), date=dt.date(2027, 1, 1))
    assert {r.status for r in marked} == {"fail"}
    assert "expired on 2026-12-31" in use.problem
    assert apply(records("fail", "fail"), waiver(), date=dt.date(2026, 12, 31))[1][0].problem == ""


@pytest.mark.parametrize("changes", [{"version": "2.14.0"}, {"version": "2.12.9"}, {"device": "cuda"}])
def test_a_waiver_for_another_version_or_device_is_out_of_play(changes):
    marked, uses = apply(records("fail", "fail"), waiver(devices=("cpu",)), **changes)
    assert {r.status for r in marked} == {"fail"}
    assert uses == ()


def test_the_count_may_differ_between_profiles():
    one = waiver(count={"imperative": 1, "functional": 2})
    assert apply(records("fail"), one)[1][0].problem == ""
    assert apply(records("fail", "fail"), one, profile="functional")[1][0].problem == ""
    assert apply(records("fail", "fail"), one, profile="full")[1] == ()


@pytest.mark.parametrize(
    "match", [{"operator": "sin"}, {"order": "2"}, {"case": "op/pow/vjp/7*"}, {"dtype": "float32"}]
)
def test_every_part_of_a_match_must_fit(match):
    marked, _ = apply(records("fail", "fail"), waiver(match={"operator": "pow", **match}))
    assert {r.status for r in marked} == {"fail"}


def test_a_case_is_waived_once():
    _, (first, second) = apply(records("fail", "fail"), waiver(), waiver(id="v"))
    assert (first.count, second.count) == (2, 0)
    assert "unused" in second.problem


def test_a_file_is_read(tmp_path):
    (tmp_path / "torch.toml").write_text(ENTRY)
    (found,) = load_waivers("torch", folder=tmp_path)
    assert found.expires == dt.date(2026, 12, 31)
    assert found.match == {"operator": "pow", "region": "zero"}
    assert load_waivers("refgrad", folder=tmp_path) == ()
    assert load_waivers("../torch", folder=tmp_path) == ()


@pytest.mark.parametrize("old, new, words", [
    ("count = 2", "count = 0", "count is a positive number"),
    ("count = 2", "count = true", "count is a positive number"),
    ("count = 2", "", "lacks 'count'"),
    ("count = 2", "count = 2\nseverity = 3", "unknown entry 'severity'"),
    ("2026-12-31", '"never"', "expires is a date"),
    ('"https://example.org/1"', '""', "link is a text that says something"),
    ('{ operator = "pow", region = "zero" }', "{}", "match is a table of globs"),
    (">=2.13,<2.14", "any", "version range 'any'"),
    ("[[waiver]]", "[waivers]", "[[waiver]] entries only"),
    ("[[waiver]]", "[[waiver", "no TOML"),
    ("\nmatch", ENTRY.rpartition("match")[0].join(["\nmatch = { case = '*' }", "\nmatch"]), "have one id"),
])  # fmt: skip
def test_a_file_that_is_wrong_is_a_fault_of_the_suite(tmp_path, old, new, words):
    (tmp_path / "torch.toml").write_text(ENTRY.replace(old, new))
    with pytest.raises(SuiteFault, match=r"torch\.toml|range") as caught:
        load_waivers("torch", folder=tmp_path)
    assert words in str(caught.value)


def test_the_waivers_of_this_suite_can_be_read_and_have_not_expired():
    for path in FOLDER.glob("*.toml"):
        for found in load_waivers(path.stem):
            assert found.expires > TODAY


def test_versions_compare_by_their_numbers():
    assert version_key("2.13.0+cpu") == version_key("2.13")
    assert version_key("2.9") < version_key("2.13")
    assert version_key("main") == ()
    assert in_range("2.13.1", " >= 2.13 , != 2.13.2 ")
