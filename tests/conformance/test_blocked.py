"""A wrong answer that rests on a behaviour which fails itself is blocked by that; everything else stays what it is."""

import pytest

from conformance.cases import BEHAVIOURS
from conformance.catalogue import load
from conformance.judging import blocked
from conformance.record import Record

FOUNDATION, RESTING = "forward.basic-jvp", "forward.multiple-duals"

load()


def record(requirement, status, case=""):
    b = BEHAVIOURS[requirement]
    return Record(case or f"{requirement}@float64", requirement, b.level, b.profile, "float64", status, reason="wrong")


@pytest.mark.parametrize("broken", ["fail", "error", "crash", "timeout"])
@pytest.mark.parametrize(
    "status, after", [("fail", "blocked"), ("error", "blocked"), ("pass", "pass"), ("crash", "crash")]
)
def test_what_rests_on_a_failed_behaviour_is_blocked(broken, status, after):
    foundation, resting = blocked([record(FOUNDATION, broken), record(RESTING, status)])
    assert foundation.status == broken
    assert resting.status == after
    if after == "blocked":
        assert resting.reason == "rests on forward.basic-jvp, which fails; wrong"
        assert resting.details["by"] == FOUNDATION


@pytest.mark.parametrize("sound", ["pass", "permitted", "waived", "unsupported"])
def test_a_failure_on_a_sound_foundation_stays_a_failure(sound):
    assert [r.status for r in blocked([record(FOUNDATION, sound), record(RESTING, "fail")])] == [sound, "fail"]


def test_a_foundation_is_not_blocked_by_itself():
    both = [record(FOUNDATION, "fail", f"{FOUNDATION}@float{n}") for n in (32, 64)]
    assert [r.status for r in blocked(both)] == ["fail", "fail"]
