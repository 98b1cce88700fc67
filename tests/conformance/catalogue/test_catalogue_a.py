"""Every case of accumulation, detach, grad-mode and requires-grad, run on PyTorch, and what the areas hold."""

from __future__ import annotations

import importlib
import warnings
from collections import Counter
from functools import cache

import pytest

from conformance.cases import BEHAVIOURS, FUNCTIONAL, MUST, Case
from conformance.catalogue import load
from conformance.compare import Status, judge
from conformance.engines.functional import FunctionalEngine

torch = pytest.importorskip("torch")

AREAS = {"accumulation": 16, "detach": 25, "grad-mode": 27, "requires-grad": 20}
FUNCTIONAL_FEATURES = {"leaf", "operator", "read", "grad", "detach", "grad-mode", "forward-mode"}
DEPARTURES = {
    "detach_copy_is_detached": "torch 2.13.0: the result of detach_copy requires grad",
    "view_does_not_require_grad": "torch 2.13.0: a view made under no_grad reads requires_grad True if its base does",
}
"""Where PyTorch departs from its own documentation, by the name of the case."""

CASES = [c for c in load() if c.requirement.partition(".")[0] in AREAS]
OURS = {b.id: b for b in BEHAVIOURS.values() if b.area in AREAS}


def _parameters():
    for case in CASES:
        reason = DEPARTURES.get(case.id.partition("@")[0].rpartition("/")[2])
        marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
        yield pytest.param(case, id=case.id, marks=marks)


@cache
def torch_engine():
    from conformance.engines.torch import TorchEngine

    return TorchEngine()


class PureTorch(FunctionalEngine):
    """PyTorch's operators as a purely functional engine: no flags, no .grad, no in-place operators."""

    name = "pure"
    features = frozenset({"detach", "grad-mode"})

    def leaf(self, array):
        return torch_engine().leaf(array, requires_grad=False)

    def read(self, tensor):
        return torch_engine().read(tensor)

    def operator(self, name):
        return torch_engine().operator(name)

    def stop_gradient(self, value):
        return value.detach()

    def vjp(self, function, inputs, cotangents):
        xs = [x.detach().requires_grad_() for x in inputs]
        return torch.autograd.grad(function(*xs), xs, cotangents)


@pytest.mark.parametrize("case", [*_parameters()])
def test_pytorch_shows_it(case: Case) -> None:
    if case.program is None:
        module, _, function = case.function.partition(":")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            getattr(importlib.import_module(module), function)(torch)
    else:
        judgement = judge(case.expectations, torch_engine().run(case.program))
        assert judgement.status is Status.PASS, judgement.reason
    assert torch.is_grad_enabled(), "the case left recording off"


def test_every_behaviour_is_there() -> None:
    assert Counter(b.area for b in OURS.values()) == AREAS
    assert {c.requirement for c in CASES} == set(OURS)


def test_case_ids_are_unique() -> None:
    assert not [i for i, count in Counter(c.id for c in CASES).items() if count > 1]


@pytest.mark.parametrize("behaviour", [b for b in OURS.values() if b.level == MUST], ids=lambda b: b.id)
def test_every_must_names_a_fault(behaviour) -> None:
    assert behaviour.kills


def _functional(case: Case) -> bool:
    return case.program is not None and case.program.features <= FUNCTIONAL_FEATURES and not _flags(case)


def _flags(case: Case) -> bool:
    return any(s.name not in ("value", "dtype", "shape") for s in case.program.reads)


@pytest.mark.parametrize("behaviour", [b for b in OURS.values() if b.profile == FUNCTIONAL], ids=lambda b: b.id)
def test_a_functional_engine_can_run_it(behaviour) -> None:
    cases = [c for c in CASES if c.requirement == behaviour.id and _functional(c)]
    assert cases
    for case in cases:
        if "forward-mode" not in case.program.features:
            judgement = judge(case.expectations, PureTorch().run(case.program))
            assert judgement.status is Status.PASS, f"{case.id}: {judgement.status} {judgement.reason}"
