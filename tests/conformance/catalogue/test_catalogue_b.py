"""The areas leaf, backward-scalar, backward-arg, retain-graph, create-graph, autograd-grad and learner on PyTorch."""

import importlib
import warnings

import pytest

from conformance.cases import BEHAVIOURS, FUNCTIONAL, MUST, catalogue_cases
from conformance.catalogue import load
from conformance.compare import Status, judge
from conformance.corpus import documented_cases
from conformance.engines.torch import TorchEngine
from conformance.program import Program

torch = pytest.importorskip("torch")

AREAS = {
    "leaf": 15,
    "backward-scalar": 15,
    "backward-arg": 16,
    "retain-graph": 9,
    "create-graph": 13,
    "autograd-grad": 21,
    "learner": 8,
}
FUNCTIONAL_KINDS = {"leaf", "op", "detach", "grad", "read", "raises"}
FUNCTIONAL_READS = {"value", "is_none", "shape", "dtype"}

load()
OURS = {id: b for id, b in BEHAVIOURS.items() if b.area in AREAS}
CASES = documented_cases(case for case in catalogue_cases() if case.requirement in OURS)


@pytest.fixture(scope="module")
def engine():
    before = torch.is_warn_always_enabled()
    yield TorchEngine()
    torch.set_warn_always(before)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_pytorch_passes(case, engine):
    if case.program is None:
        module, _, function = case.function.partition(":")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            getattr(importlib.import_module(module), function)(torch)
        return
    frozen = Program.from_json(case.program.to_json())  # what an engine receives went over a wire
    judgement = judge(case.expectations, engine.run(frozen))
    assert judgement.status is Status.PASS, judgement.reason


@pytest.mark.parametrize("area", AREAS)
def test_every_behaviour_of_the_area_is_there(area):
    assert sum(b.area == area for b in OURS.values()) == AREAS[area]


def test_case_ids_are_unique():
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.parametrize("id", [b.id for b in OURS.values() if b.level == MUST])
def test_a_must_names_the_fault_that_breaks_it(id):
    assert OURS[id].kills


@pytest.mark.parametrize("id", [b.id for b in OURS.values() if b.profile == FUNCTIONAL])
def test_a_purely_functional_engine_can_run_a_case(id):
    assert any(_is_functional(case.program) for case in CASES if case.requirement == id and case.program)


def _is_functional(program):
    reads = {s.name for s in program.reads if s.do == "read"}
    return {s.do for s in program.walk()} <= FUNCTIONAL_KINDS and reads <= FUNCTIONAL_READS
