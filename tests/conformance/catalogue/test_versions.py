"""Cases that only later versions of PyTorch are held to."""

from __future__ import annotations

import pytest

from conformance.catalogue import load
from conformance.catalogue.versions import SINCE
from conformance.judging import judge_case

CASES = {case.id: case for case in load()}
NEW = sorted(id for id in CASES if id.partition("@")[0] in SINCE)
REPLY = {"status": "error", "error": {"class": "TypeError", "message": "no such thing yet"}}


def test_every_entry_is_a_case() -> None:
    assert {id.partition("@")[0] for id in NEW} == set(SINCE)


@pytest.mark.parametrize("name", NEW)
def test_an_older_pytorch_is_not_held_to_what_is_newer(name: str) -> None:
    assert judge_case(CASES[name], REPLY, pytorch="2.11.0+cu130").status == "version"
    assert judge_case(CASES[name], REPLY, pytorch="2.13.0").status == "error"
    assert judge_case(CASES[name], REPLY).status == "error"


def test_the_other_cases_of_a_behaviour_stay() -> None:
    name = "grad-mode.no-grad-result-does-not-require-grad"
    others = [case for id, case in CASES.items() if id.startswith(name) and id not in NEW]
    assert others
    assert {judge_case(case, REPLY, pytorch="2.11.0").status for case in others} == {"error"}
