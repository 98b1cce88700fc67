"""Harmless variants raise no alarm, but for those whose false alarms are known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.cases import Case
from conformance.faults.harmless import load_variants
from conformance.faults.harmless.judging import judge_variants
from tests.conformance.whole_list import every_case

CASES = list(every_case())[::3]
FAST = [name for name in sorted(load_variants()) if name not in ("collects-garbage", "slow")]


def test_there_are_enough_variants_each_with_a_statement() -> None:
    assert len([v for v in load_variants().values() if not v.alarm]) >= 25
    assert all(v.statement for v in load_variants().values())


@pytest.mark.parametrize("name", FAST[::4])
def test_a_harmless_variant_raises_no_alarm(name: str) -> None:
    (judged,) = judge_variants(CASES, [], names=[name], workers=1)
    assert judged.frozen > 10
    assert bool(judged.alarms) <= bool(judged.variant.alarm)


def test_a_variant_touches_its_operators_and_behaviours_only() -> None:
    lazy = load_variants()["lazy"]
    touched = {c.requirement.split(".")[0] for c in CASES if lazy.touches(c)}
    assert touched == {"operator", "accumulation", "backward-scalar"}


def test_an_alarm_is_heard() -> None:
    kinks = [without_alternatives(c) for c in every_case() if c.id.startswith("op/nn.functional.leaky_relu/jvp/")]
    (judged,) = judge_variants(kinks, [], names=["leaky-slope-one"], workers=1)
    assert {a.case.split("/")[3] for a in judged.alarms} == {"kink"}
    assert judged.unexpected  # none is known


def without_alternatives(case: Case) -> Case:
    """The case as a suite would have it that takes the documented slope for the only one."""
    return replace(case, expectations=tuple(replace(e, between=()) for e in case.expectations))
