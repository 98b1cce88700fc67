"""Every planted fault is found by each behaviour that was named in advance; a kill that is lost fails here."""

from __future__ import annotations

import pytest

from conformance.caselist import all_cases
from conformance.cases import BEHAVIOURS
from conformance.faults import load
from conformance.faults.kills import kill_table, killers

CASES = all_cases()


def test_every_fault_that_a_behaviour_names_exists() -> None:
    named = {name for b in BEHAVIOURS.values() for name in b.kills}
    assert named - load().keys() == set()


def test_every_fault_has_a_killer_and_a_statement() -> None:
    assert [name for name, fault in load().items() if not killers(name) or not fault.statement] == []


def test_there_are_enough_faults() -> None:
    assert len(load()) >= 20


@pytest.mark.parametrize("name", sorted(load()))
def test_the_fault_is_found_by_all_that_must_find_it(name: str) -> None:
    kills = list(kill_table(CASES, [name]))
    lost = [k.killer for k in kills if not k.killed]
    assert lost == [], f"{name}: not found by {', '.join(lost)}"
