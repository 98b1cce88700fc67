"""Faults are found by what was named in advance: a fixed spread of all pairs here, every pair by `make selfcheck`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.cases import BEHAVIOURS
from conformance.cli import main
from conformance.faults import load
from conformance.faults.kills import area, holes, kill_table, killers, pairs, spread
from tests.conformance.whole_list import every_case

CASES = list(every_case())
PAIRS = pairs()
SPREAD = spread(PAIRS)


def test_every_fault_that_a_behaviour_names_exists() -> None:
    named = {name for b in BEHAVIOURS.values() for name in b.kills}
    assert named - load().keys() == set()


def test_every_fault_has_a_killer_and_a_statement() -> None:
    assert [name for name, fault in load().items() if not killers(name) or not fault.statement] == []


def test_there_are_enough_faults_beyond_those_that_behaviours_name() -> None:
    named = {name for b in BEHAVIOURS.values() for name in b.kills}
    assert len([name for name, fault in load().items() if fault.family and name not in named]) >= 150


def test_every_fault_beyond_those_says_something_of_its_own() -> None:
    own = [f.statement for f in load().values() if f.family]
    assert len(own) == len(set(own))


def test_what_nothing_finds_is_no_pair() -> None:
    assert {name for name, _ in holes()}.isdisjoint(name for name, _ in PAIRS)
    assert all(load()[name].hole for name, _ in holes())


@pytest.mark.parametrize("fault,killer", holes())
def test_a_hole_is_still_one(fault: str, killer: str) -> None:
    (kill,) = kill_table(CASES, [(fault, killer)], deadline=3.0)
    assert kill.lost  # else take its `hole` away: it is found now


def test_the_spread_has_every_file_of_faults_and_every_area() -> None:
    files = {load()[name].patch.__module__ for name, _ in PAIRS}
    assert {load()[name].patch.__module__ for name, _ in SPREAD} == files
    assert {area(killer) for _, killer in SPREAD} == {area(killer) for _, killer in PAIRS}
    assert len(SPREAD) == len(set(SPREAD)) == 60


def test_a_short_list_is_its_own_spread() -> None:
    assert spread(PAIRS[:7]) == sorted(PAIRS[:7])


@pytest.mark.parametrize("fault,killer", SPREAD)
def test_the_fault_is_found_by_what_must_find_it(fault: str, killer: str) -> None:
    (kill,) = kill_table(CASES, [(fault, killer)], deadline=3.0)
    if not (kill.killed or kill.lost):
        pytest.skip(f"refgrad {kill.reason}")
    assert kill.killed
    assert (kill.status == "timeout") is (fault == "hangs")


def test_a_case_that_fails_without_the_fault_finds_nothing() -> None:
    wrong = next(c for c in CASES if c.id == "accumulation.backward-twice-adds@float64")
    wrong = replace(wrong, expectations=tuple(replace(e, value=e.value + 1) for e in wrong.expectations))
    (kill,) = kill_table([wrong], [("overwrite-grad", wrong.requirement)])
    assert kill.lost


def test_a_case_that_refgrad_does_not_support_is_not_run() -> None:
    other = replace(CASES[0], needs=frozenset({"compile"}))
    (kill,) = kill_table([other], [("overwrite-grad", other.requirement)])
    assert (kill.killed, kill.lost, kill.reason) == (False, False, "needs compile")


def test_the_score_is_printed_and_a_lost_kill_is_a_failure(monkeypatch, capsys) -> None:
    monkeypatch.setattr("conformance.caselist.all_cases", lambda: CASES)
    monkeypatch.setattr("conformance.faults.kills.pairs", lambda names: [("overwrite-grad", n) for n in names])
    assert main(["faults", "run", "accumulation.backward-twice-adds", "learner.chain-rule"]) == 1
    out = capsys.readouterr().out
    assert "1 of 1 faults are found; 0 of 1 by all that must find them; 1 of 2 pairs" in out
    assert "lost: overwrite-grad is not found by learner.chain-rule" in out
