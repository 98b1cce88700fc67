"""The checks that come before any judgement find what is wrong with an adapter, and let every honest one pass."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

import conformance
import conformance.certify as module
from conformance.caselist import locked_from
from conformance.certify import certify
from conformance.errors import AdapterError
from conformance.runner import execute, parse_engine
from conformance.smoke import Smoke, smoke_cases

KITS = Path(conformance.__file__).parent / "kits"
BATTERY = Path(__file__).with_name("hostile") / "battery.py"


def checked(spec, **limits):
    smoke = Smoke(spec.label)
    return execute(spec, smoke.cases, on_reply=smoke.take, **limits)


def test_an_honest_adapter_passes(engine):
    replies = checked(engine("Honest"))
    assert len(replies) == len(smoke_cases()) == 17
    assert {reply["status"] for reply in replies.values()} == {"done", "unsupported", "error"}


def test_an_engine_that_lacks_something_passes():
    replies = checked(parse_engine("stdio:" + shlex.join([sys.executable, str(KITS / "tiny.py")])))
    assert replies["smoke/float32"] == {"status": "unsupported", "feature": "float32"}
    assert replies["smoke/float64"]["status"] == "done"


def test_an_engine_that_supports_nothing_passes_and_is_judged_for_that(engine):
    assert {reply["status"] for reply in checked(engine("SupportsNothing")).values()} == {"unsupported"}


@pytest.mark.parametrize(
    "name, words",
    [
        ("LosesSigns", r"at float64: r2: at \(1,\): expected -0\.0, got 0\.0"),
        ("NarrowsIntegers", r"at int64: r2: at \(2,\): expected 9007199254740993"),
        ("ForgetsEmptiness", r"at bool: r2: expected shape \(1, 2\), got \(2,\)"),
        ("Remembers", "at the same program once more, float64, 1: done .* where the same program gave done"),
        ("KnowsEverything", "at an unknown operator: done .* where there is no such operator; say unsupported"),
        ("RaisesAtTheUnknown", "at an unknown operator: error .* where there is no such operator; say unsupported"),
        ("ReadsList", "ReadsList.read returned list; return a NumPy array"),
    ],
)
def test_an_adapter_that_is_wrong_is_one_line_of_engine_and_check(engine, name, words):
    with pytest.raises(AdapterError, match=words) as caught:
        checked(engine(name))
    assert re.match(f"engine hostile_engines:{name} is not judged: its adapter fails at ", str(caught.value))
    assert "\n" not in str(caught.value)


def test_an_engine_that_closes_its_input_answers_nothing(tmp_path):
    spec = parse_engine(f"stdio:{sys.executable} {BATTERY} deaf_from_the_start {tmp_path / 'none'}")
    with pytest.raises(AdapterError, match="it answers nothing, and it closed its input and lived on"):
        checked(spec)


def test_no_case_is_judged_and_nothing_kept_where_the_adapter_fails(engine, make_case, monkeypatch, tmp_path):
    cases = [make_case(n) for n in range(3)]
    monkeypatch.setattr(module, "profile_cases", lambda *_: cases)
    monkeypatch.setattr(module, "load_list", lambda profile, device="cpu": locked_from(cases))
    judged = []
    with pytest.raises(AdapterError, match="is not judged"):
        certify(engine("LosesSigns"), output=tmp_path, workers=1, on_record=judged.append)
    assert judged == []
    assert not list(tmp_path.rglob("worker-*.jsonl"))

    done = certify(engine("Honest"), output=tmp_path, workers=1, on_record=judged.append)
    assert [record.case for record in judged] == [case.id for case in cases]
    assert done.verdict.counts == {"pass": 3}
