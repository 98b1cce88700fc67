"""A fixed spread of the suite's frozen cases, and all cases about devices, on refgrad on the device."""

from __future__ import annotations

import pytest

from conformance.engines.refgrad import RefgradEngine
from conformance.judging import judge_case
from conformance.profiles import profile_cases
from conformance.protocol.worker import answer

EVERY = 61
"""A prime, so that the spread falls in step with neither dtypes nor orders."""


class OnDevice(RefgradEngine):
    """refgrad, its tensors on the device."""

    device = "cuda"


def _judged(engine: OnDevice, case) -> str:
    if case.program is None:
        reply = answer(engine, {"do": "call", "function": case.function, "needs": sorted(case.needs)})
    else:
        reply = engine.run(case.program)
    record = judge_case(case, reply)
    return "" if record.status in ("pass", "permitted") else f"{case.id}: {record.status}, {record.reason}"


@pytest.fixture(scope="module")
def cases() -> list:
    return profile_cases("full", "cuda")


def test_frozen_cases_pass_on_the_device(device: str, cases: list) -> None:
    engine = OnDevice()
    chosen = [case for case in cases if case.program is not None and case.level == "must"][::EVERY]
    assert len(chosen) > 400
    assert [text for case in chosen if (text := _judged(engine, case))] == []


def test_the_behaviours_about_devices_pass(device: str, cases: list) -> None:
    engine = OnDevice()
    about = [case for case in cases if case.requirement.startswith("device.")]
    assert {case.requirement for case in about if "cuda" in case.features}
    assert [text for case in about if (text := _judged(engine, case))] == []


def test_the_environment_says_what_decides_the_digits(device: str) -> None:
    assert {"device", "capability", "cupy", "cuda", "driver", "tf32", "cudnn"} <= OnDevice().environment().keys()
