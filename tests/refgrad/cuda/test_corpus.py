"""A fixed spread of the suite's frozen cases, and all cases about devices, on refgrad on the device."""

from __future__ import annotations

import pytest

from conformance.engines import namespace
from conformance.engines.refgrad import RefgradEngine
from conformance.judging import judge_case
from conformance.profiles import profile_cases
from conformance.protocol.worker import answer
from tests.refgrad.cuda import stand_in

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


def test_a_case_that_exhausts_memory_is_recorded_and_the_next_one_runs(
    device: str, cases: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    if device != "stand-in":
        pytest.skip("the memory of a GPU is not to be filled for this")
    engine, emptied = OnDevice(), []
    monkeypatch.setattr(engine.torch.cuda, "empty_cache", lambda: emptied.append(1))
    case = next(c for c in cases if c.requirement == "operator.sin.vjp" and c.level == "must")
    monkeypatch.setitem(stand_in.limits, "bytes", 0)
    reply = engine.run(case.program)
    assert reply["status"] == "error"
    assert reply["error"]["class"] == "OutOfDeviceMemory"
    assert emptied
    monkeypatch.undo()
    assert _judged(engine, case) == ""


def test_a_lost_device_ends_the_process(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(namespace.os, "_exit", ended.append)
    OnDevice()._recover({"class": "RuntimeError", "message": "CUDA error: device-side assert triggered"})
    OnDevice()._recover({"class": "RuntimeError", "message": "the sizes must match"})
    assert ended == [70]
