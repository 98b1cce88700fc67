"""Shared by the tests of the suite's execution half: small cases, and engines that misbehave."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.cases import Case
from conformance.recorder import Recorder
from conformance.runner import EngineSpec, parse_engine

HOSTILE = Path(__file__).with_name("hostile")
TRIGGER = 666.0


def square_case(number: int, first: float = 2.0, *, level: str = "must", dtype: str = "float64") -> Case:
    p = Recorder(dtype)
    x = p.leaf([first, -3.0])
    (x * x).sum().backward()
    p.expect(x.grad, [2 * first, -6.0])
    name = f"area.behaviour-{number:03}"
    return Case(
        f"{name}@{dtype}", name, level, "imperative", dtype, program=p.program(), expectations=tuple(p.expectations)
    )


@pytest.fixture
def make_case():
    return square_case


@pytest.fixture
def trigger_cases() -> list[Case]:
    """Six cases, of which the third makes a hostile engine misbehave."""
    return [square_case(n, TRIGGER if n == 2 else 2.0 + n) for n in range(6)]


@pytest.fixture
def engine(monkeypatch):
    """An engine of the hostile collection by the name of its class, or `stdio MODE`."""
    monkeypatch.syspath_prepend(str(HOSTILE))

    def make(name: str, **options: str) -> EngineSpec:
        mode = name.removeprefix("stdio ")
        if mode != name:
            return parse_engine(f"stdio:{sys.executable} {HOSTILE / 'hostile_stdio.py'} {mode}", **options)
        return parse_engine(name if ":" in name else f"hostile_engines:{name}", **options)

    return make


@pytest.fixture
def hostile() -> Path:
    """The folder of the engines that misbehave."""
    return HOSTILE
