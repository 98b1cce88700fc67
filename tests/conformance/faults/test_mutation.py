"""Rule mutants: every row has some, each can be planted, and those that survive were looked at."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from conformance.faults.kills import hunted
from conformance.faults.mutation import RowMutant, SourceMutant, find_mutant, mutants
from conformance.faults.mutation.rows import rows
from conformance.faults.mutation.scoring import hunts, places
from conformance.faults.mutation.touching import touching
from conformance.faults.selfcheck import EQUIVALENT, HOLE, survivors
from refgrad.rules import Discrete
from tests.conformance.whole_list import every_case

MUTANTS = mutants()
CHOSEN = ("sin", "sub", "matmul", "softmax", "floor", "atan2")
CASES = [c for c in every_case() if c.dtype == "float64" and c.id.startswith(tuple(f"op/{name}/" for name in CHOSEN))]
NAMES = (
    "mutant:elementary.sin/both0/negated",
    "mutant:arithmetic.sub/both0/exchanged",
    "mutant:linalg.matmul/pull1/dropped",
    "mutant:linalg.matmul/pull0/crossed",
    "mutant:normalisation.softmax/push0/doubled",
    "mutant:arithmetic.floor/both0/passed",
    "mutant:elementary.cos:0/source0/sign dropped",
    "mutant:normalisation._softmax_map/source0/right factor only",
    "mutant:elementary._across/source1/right factor only",
)


def test_every_row_with_a_derivative_has_mutants() -> None:
    mutated = {m.row for m in MUTANTS if isinstance(m, RowMutant)}
    without = {name for name, operator in rows().items() if name not in mutated}
    assert all(isinstance(rows()[name], Discrete) for name in without)


def test_every_function_of_the_table_is_mutated_in_each_way() -> None:
    changes = {m.change for m in MUTANTS if isinstance(m, SourceMutant)}
    assert {"sign dropped", "sign flipped", "left factor only", "left term only", "arguments exchanged"} <= changes


def test_a_mutant_is_found_by_its_name() -> None:
    assert len({m.name for m in MUTANTS}) == len(MUTANTS)
    assert [find_mutant(m.name).name for m in MUTANTS] == [m.name for m in MUTANTS]


def test_a_statement_says_what_is_written_instead() -> None:
    found = next(m for m in MUTANTS if m.name == "mutant:elementary.cos:0/source0/sign dropped")
    assert found.statement == "In elementary.cos:0, `-sin(x)` reads `sin(x)`."


def test_cases_are_seen_to_run_through_rules_and_functions() -> None:
    touched = touching([c for c in CASES if c.id.startswith("op/atan2/jvp/ordinary/")])
    assert touched["elementary.atan2/push0"]
    assert touched["elementary._across"]
    assert "elementary.sin/pull0" not in touched


@pytest.fixture(scope="module")
def chosen() -> dict[str, tuple]:
    touched = touching(CASES)
    own = {h[0]: h for h in hunts(CASES, touched, own=True, names=NAMES)}
    other = {h[0]: h for h in hunts(CASES, touched, own=False, names=NAMES)}
    return {name: own[name] if own[name][2] else other[name] for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_mutant_is_found_by_cases_that_run_through_it(name: str, chosen: dict[str, tuple]) -> None:
    (kill,) = hunted([chosen[name]])
    assert kill.killed


def test_what_is_said_of_survivors_is_about_mutants() -> None:
    names = [m.name for m in MUTANTS]
    for entry in survivors():
        assert entry["kind"] in (EQUIVALENT, HOLE)
        assert entry["reason"]
        assert all(any(fnmatchcase(name, pattern) for name in names) for pattern in entry["mutants"])


def test_the_places_of_a_mutant_are_those_that_are_watched() -> None:
    assert places(RowMutant("arithmetic.mul", 1, "both", "negated")) == ("arithmetic.mul/pull1", "arithmetic.mul/push1")
    assert places(SourceMutant("elementary._across", 0, "sign dropped")) == ("elementary._across",)
