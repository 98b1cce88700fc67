"""Functional transforms, forward mode, modules, checkpoints, kinks, complex numbers and what else is about values."""

from __future__ import annotations

import warnings
from collections import Counter

import pytest

from conformance.cases import BEHAVIOURS, FUNCTIONAL, MUST, Behaviour, Case
from conformance.catalogue import load
from conformance.compare import Status, judge
from conformance.corpus import documented_cases
from conformance.engines.base import Engine
from conformance.program import Program
from conformance.protocol.worker import answer

torch = pytest.importorskip("torch")

AREAS = {
    "broadcasting": 10,
    "checkpoint": 25,
    "complex": 16,
    "device": 9,
    "dtype": 16,
    "forward": 18,
    "func": 52,
    "functional": 17,
    "gradcheck": 14,
    "module": 33,
    "nondiff": 54,
}
INTERFACES = ("checkpoint.", "device.", "gradcheck.", "func.vmap", "func.functional", "func.jacrev-chunk", "forward.")
"""Functional behaviours of an interface that no program can speak of: its contexts, structures, options and errors."""
FUNCTIONAL_KINDS = {"leaf", "op", "detach", "grad", "jvp", "vjp", "parameter", "result", "mode", "read", "raises"}
BY_NAMESPACE = {"complex": 2, "dtype": 1, "func": 15, "functional": 3, "nondiff": 23}
"""How many functional behaviours of an area there are besides those of an interface that only a namespace can show."""

CASES = documented_cases(case for case in load() if BEHAVIOURS[case.requirement].area in AREAS)
OURS = {b.id: b for b in BEHAVIOURS.values() if b.area in AREAS}


@pytest.fixture(scope="module")
def torch_engine():
    from conformance.engines.torch import TorchEngine

    before = torch.is_warn_always_enabled()
    yield TorchEngine()
    torch.set_warn_always(before)


@pytest.fixture(scope="module")
def refgrad_engine():
    from conformance.engines.refgrad import RefgradEngine

    return RefgradEngine()


def status(case: Case, engine: Engine) -> tuple[Status, str]:
    """What becomes of a case that went over a wire, as it does between processes."""
    request = {"needs": sorted(case.needs)}
    if case.program is None:
        request |= {"do": "call", "function": case.function}
    else:
        request |= {"do": "run", "program": Program.from_json(case.program.to_json()).to_json()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        judgement = judge(case.expectations, answer(engine, request))
    return judgement.status, f"{case.id}: {judgement.reason}"


@pytest.mark.parametrize("name", sorted(OURS))
def test_pytorch_and_refgrad_pass(name: str, torch_engine: Engine, refgrad_engine: Engine) -> None:
    for case in (c for c in CASES if c.requirement == name):
        for engine in (torch_engine, refgrad_engine):
            found, why = status(case, engine)
            missing = case.features - engine.features - {"read", "operator", "leaf", "backward"}
            assert found is (Status.UNSUPPORTED if missing else Status.PASS), why
    assert torch.is_grad_enabled(), "a case left recording off"


def test_what_refgrad_lacks_is_known(refgrad_engine: Engine) -> None:
    lacks = Counter(f for c in CASES for f in c.features & {"autocast", "cuda", "sparse", "distributions"})
    assert not lacks.keys() & refgrad_engine.features
    assert lacks == {"autocast": 1, "cuda": 4, "sparse": 4, "distributions": 2}


def test_every_behaviour_is_there() -> None:
    assert Counter(b.area for b in OURS.values()) == AREAS
    assert {c.requirement for c in CASES} == set(OURS)


def test_case_ids_are_unique() -> None:
    assert not [i for i, count in Counter(c.id for c in CASES).items() if count > 1]


def test_every_must_names_a_fault() -> None:
    assert [b.id for b in OURS.values() if b.level == MUST and not b.kills] == []


def test_a_documentation_finding_is_not_demanded_at_level_must() -> None:
    found = [c for c in CASES if BEHAVIOURS[c.requirement].discrepancy]
    assert len({c.requirement for c in found}) == 12
    assert {c.level for c in found} <= {"should", "may"}


def test_functional_engines_can_be_asked_wherever_data_can_say_it() -> None:
    wanting = [b for b in OURS.values() if b.profile == FUNCTIONAL and not _has_program(b)]
    assert Counter(b.area for b in wanting if not b.id.startswith(INTERFACES)) == BY_NAMESPACE


def _has_program(behaviour: Behaviour) -> bool:
    asked = [c.program for c in CASES if c.requirement == behaviour.id and c.program]
    return any({s.do for s in program.walk()} <= FUNCTIONAL_KINDS for program in asked)
