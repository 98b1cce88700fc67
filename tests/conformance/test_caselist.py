"""Profiles, selections, and lists that notice every change."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from conformance.caselist import (
    PROFILES,
    Selection,
    all_cases,
    case_digest,
    check_list,
    choose,
    list_text,
    load_list,
    lock_lists,
    locked_from,
    parse_list,
    profile_cases,
    requirement_of,
)
from conformance.cases import Case
from conformance.errors import CorpusError, UsageError
from conformance.operators import specs
from conformance.profiles import in_profile
from tests.conformance.whole_list import every_case

FIRST, SECOND = "area.behaviour-001@float64", "area.behaviour-002@float64"
SINE = "op/sin/vjp/ordinary/00000000@float64"


@pytest.fixture
def cases(make_case):
    operator = replace(
        make_case(9), id=SINE, requirement="operator.sin.vjp",
        facets={"operator": "sin", "region": "ordinary"},
    )  # fmt: skip
    functional = replace(make_case(2), profile="functional")
    cuda = replace(make_case(3), needs=frozenset({"cuda"}))
    return [make_case(1), functional, cuda, operator]


@pytest.fixture
def corpus(tmp_path, cases):
    lock_lists(cases, corpus=tmp_path)
    return tmp_path


def ids(text):
    return [line.split("\t")[0] for line in text.splitlines()]


@pytest.mark.parametrize("name, expected", [
    ("functional-cpu", [SECOND, SINE]),
    ("imperative-cpu", [FIRST, SECOND, SINE]),
    ("full-cpu", [FIRST, SECOND, SINE]),
    ("functional-cuda", [SECOND, SINE]),
    ("imperative-cuda", [FIRST, SECOND, "area.behaviour-003@float64", SINE]),
    ("full-cuda", [FIRST, SECOND, "area.behaviour-003@float64", SINE]),
])  # fmt: skip
def test_a_profile_holds_what_it_says(corpus, name, expected):
    assert ids((corpus / "lists" / f"{name}.txt").read_text()) == expected


@pytest.mark.parametrize("device, held", [("cpu", False), ("cuda", True)])
def test_a_case_that_needs_cuda_is_in_the_profile_on_cuda_only(cases, device, held):
    assert (cases[2] in in_profile(cases, "full", device)) is held


@pytest.mark.parametrize("profile, device, words", [
    ("imperativ", "cpu", "did you mean 'imperative'"),
    ("xyz", "cpu", "there are functional, imperative, full"),
    ("full", "gpu", "no device 'gpu'"),
])  # fmt: skip
def test_an_unknown_profile_or_device_is_a_usage_error(profile, device, words):
    with pytest.raises(UsageError, match=words):
        profile_cases(profile, device)


def test_a_locked_list_is_what_was_locked(corpus, cases):
    locked = load_list("imperative", corpus=corpus)
    chosen = [case for case in cases if "cuda" not in case.needs]
    check_list(locked, chosen)
    assert locked.entries["area.behaviour-001@float64"].sha256 == case_digest(cases[0])
    assert list_text(chosen[::-1]) == (corpus / "lists" / "imperative-cpu.txt").read_text()


def test_locking_keeps_what_else_the_lock_holds(corpus, cases):
    lock = json.loads((corpus / "lock.json").read_text())
    (corpus / "lock.json").write_text(json.dumps({**lock, "files": {"a": "b"}}))
    lock_lists(cases[:1], corpus=corpus)
    again = json.loads((corpus / "lock.json").read_text())
    assert again["files"] == {"a": "b"}
    assert again["lists"] != lock["lists"]


def spoil(path):
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def listed(corpus):
    return corpus / "lists" / "imperative-cpu.txt"


@pytest.mark.parametrize("harm, words", [
    pytest.param(lambda corpus: spoil(listed(corpus)), "is not what the lock says", id="changed-byte"),
    pytest.param(lambda corpus: (listed(corpus)).unlink(), "imperative-cpu is missing", id="no-list"),
    pytest.param(lambda corpus: (corpus / "lock.json").unlink(), "the lock of the corpus is missing", id="no-lock"),
    pytest.param(lambda corpus: (corpus / "lock.json").write_text("{"), "is no JSON", id="half-a-lock"),
    pytest.param(lambda corpus: (corpus / "lock.json").write_text("[]"), "does not hold what", id="no-lock-at-all"),
    pytest.param(lambda corpus: (corpus / "lock.json").write_text("{}"), "is not what the lock says", id="empty-lock"),
])  # fmt: skip
def test_a_list_or_lock_that_was_touched_is_refused(corpus, harm, words):
    harm(corpus)
    with pytest.raises(CorpusError, match=words) as caught:
        load_list("imperative", corpus=corpus)
    assert caught.value.exit_code == 10
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("change", [
    pytest.param(lambda cases: cases[1:], id="missing"),
    pytest.param(lambda cases: [*cases, replace(cases[0], id="area.new@float64")], id="new"),
    pytest.param(lambda cases: [replace(cases[0], level="may"), *cases[1:]], id="level"),
    pytest.param(lambda cases: [replace(cases[0], expectations=()), *cases[1:]], id="expectations"),
    pytest.param(lambda cases: [replace(cases[0], needs=frozenset({"x"})), *cases[1:]], id="needs"),
])  # fmt: skip
def test_a_case_that_is_missing_new_or_changed_is_refused(cases, change):
    locked = locked_from(cases)
    check_list(locked, cases)
    with pytest.raises(CorpusError, match="area"):
        check_list(locked, change(cases))


def test_of_a_part_of_the_list_only_what_is_at_hand_is_compared(cases):
    locked = locked_from(cases)
    check_list(locked, cases[1:], partial=True)
    for changed in (replace(cases[1], level="may"), replace(cases[1], id="area.new@float64")):
        with pytest.raises(CorpusError, match="area"):
            check_list(locked, [changed], partial=True)


@pytest.mark.parametrize("part", [
    {"value": np.array([4.0, np.nextafter(-6.0, 0)])}, {"tolerance": np.array(1e-9)}, {"permitted": (np.ones(2),)},
    {"between": (np.zeros(2), np.ones(2))}, {"total": np.ones(2)}, {"partner": "r2"},
    {"signed_zero": True}, {"kind": "equal", "value": "r1"}, {"read": "r9"},
])  # fmt: skip
def test_every_part_of_an_expectation_is_in_the_digest(make_case, part):
    case = make_case(1)
    other = replace(case, expectations=(replace(case.expectations[0], **part),))
    assert case_digest(other) != case_digest(case)


def test_the_source_of_a_namespace_case_is_in_its_digest():
    first = Case("a.b", "a.b", "must", "imperative", "float64", function="conformance.caselist:requirement_of")
    assert case_digest(first) != case_digest(replace(first, function="conformance.caselist:choose"))


@pytest.mark.parametrize("text", ["a\tmust\n", "a\tvery\t0\n", "a must 0\n"])
def test_a_malformed_list_is_refused(text):
    with pytest.raises(CorpusError, match="has the line"):
        parse_list(text, "x")


@pytest.mark.parametrize("selection, expected", [
    (Selection(), 4),
    (Selection(select=("area.*",)), 3),
    (Selection(select=("operator.sin.*",)), 1),
    (Selection(select=("*-001@*", "*-002@*")), 2),
    (Selection(operators=("sin",)), 1),
    (Selection(select=("area.*",), operators=("sin",)), 0),
])  # fmt: skip
def test_a_selection_is_globs_over_names_and_operators(cases, selection, expected):
    assert len(choose(cases, selection)) == expected
    assert bool(selection) == (expected != 4)


@pytest.mark.parametrize("selection, words", [
    (Selection(select=("area.*", "nowhere.*")), "nothing matches 'nowhere.*'"),
    (Selection(operators=("sine",)), "did you mean 'sin'"),
])  # fmt: skip
def test_a_selection_that_fits_nothing_is_a_usage_error(cases, selection, words):
    with pytest.raises(UsageError) as caught:
        choose(cases, selection)
    assert words in str(caught.value)


@pytest.mark.parametrize("selection", [
    Selection(select=("accumulation.*",)),
    Selection(select=("op/sin/*", "leaf.*")),
    Selection(select=("operator.nn.functional.re*.vjp",)),
    Selection(select=("op/[ab]*/value/*",)),
    Selection(select=("*@float32",)),
    Selection(select=("leaf.*",), operators=("mean",)),
    Selection(operators=("linalg.solve", "sin")),
])  # fmt: skip
def test_a_selection_finds_the_same_in_the_chapters_that_it_can_mean_as_in_all(selection):
    found, chapters = all_cases(selection), selection.chapters
    assert [c.id for c in choose(found, selection)] == [c.id for c in choose(every_case(), selection)]
    assert {specs()[c.facets["operator"]].chapter for c in found if c.facets} == chapters - {"comparison"}  # constants


def test_every_case_of_the_suite_has_a_name_that_says_its_requirement():
    for case in every_case():
        assert requirement_of(case.id) == case.requirement


def test_the_default_profile_leaves_nothing_out_but_what_it_names():
    for case in every_case():
        assert PROFILES["full"].accepts(case, "cpu")
        left_out = case.needs & {"cuda", "sparse", "autocast", "distributions", "library", "compile"}
        assert PROFILES["imperative"].accepts(case, "cpu") == (not left_out)


def test_what_needs_cuda_is_asked_for_where_there_is_a_cuda_device():
    cases = every_case()
    needing = {case.id for case in cases if "cuda" in case.features}
    assert needing
    assert not needing & {case.id for case in in_profile(cases, "full", "cpu")}
    assert needing <= {case.id for case in in_profile(cases, "imperative", "cuda")}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("profile", PROFILES)
def test_copies_in_16_bits_are_in_the_lists_of_cuda_only(cases, dtype, profile):
    copy = replace(cases[3], id=f"{SINE.partition('@')[0]}@{dtype}", dtype=dtype)
    assert in_profile([copy], profile, "cuda") == [copy]
    assert in_profile([copy], profile, "cpu") == []


def test_lists_of_a_class_of_device_have_a_lock_of_their_own(corpus):
    (corpus / "lists" / "imperative-cuda.txt").write_text("")
    with pytest.raises(CorpusError, match="imperative-cuda is not what the lock says"):
        load_list("imperative", "cuda", corpus=corpus)
    assert load_list("imperative", "cpu", corpus=corpus).entries
    assert not any("cuda" in name for name in json.loads((corpus / "lock.json").read_text())["lists"])
