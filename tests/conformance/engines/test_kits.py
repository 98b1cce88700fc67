"""An engine of eighty lines speaks through the Python kit and is judged like every other."""

from __future__ import annotations

import shlex
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

import conformance
from conformance.compare import Status, judge
from conformance.corpus.loader import load_cases
from conformance.runner import execute, parse_engine

KITS = Path(conformance.__file__).parent / "kits"
OPERATORS = ("neg", "square", "atan", "add", "sub", "mul", "sum")
GROUPS = ("value", "vjp")


@pytest.fixture(scope="module")
def statuses() -> dict[tuple[str, str], Counter[Status]]:
    cases = load_cases(chosen=lambda f: f["operator"] in OPERATORS and f["group"] in GROUPS)
    spec = parse_engine("stdio:" + shlex.join([sys.executable, str(KITS / "tiny.py")]))
    replies = execute(spec, cases, workers=1, deadline=10.0)
    found: dict[tuple[str, str], Counter[Status]] = defaultdict(Counter)
    for case in cases:
        judgement = judge(case.expectations, replies[case.id])
        found[case.facets["operator"], case.facets["group"]][judgement.status] += 1
        assert judgement.status not in (Status.ERROR, Status.CRASH), (case.id, judgement.reason)
    return found


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("operator", OPERATORS)
def test_the_example_passes_what_it_has(statuses, operator: str, group: str) -> None:
    found = statuses[operator, group]
    assert found[Status.FAIL] == 0
    assert found[Status.PASS] > 0


@pytest.mark.parametrize("name", ["engine.py", "engine.js"])
def test_a_kit_is_one_short_file(name: str) -> None:
    assert len((KITS / name).read_text(encoding="utf-8").splitlines()) <= 300
