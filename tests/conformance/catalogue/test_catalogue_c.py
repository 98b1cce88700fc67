"""Hooks, custom functions, in-place operations, views, inference mode and what else is about the recorded graph."""

from __future__ import annotations

import importlib
import warnings
from collections import Counter
from functools import cache
from typing import Any

import pytest

from conformance.cases import BEHAVIOURS, FUNCTIONAL, MUST, Behaviour, Case
from conformance.catalogue import load
from conformance.compare import Status, judge
from conformance.engines.base import Engine
from conformance.engines.functional import FunctionalEngine
from conformance.program import Program

torch = pytest.importorskip("torch")

AREAS = {
    "anomaly": 7,
    "backward-inputs": 9,
    "custom": 63,
    "errors": 8,
    "grad-layout": 9,
    "graph": 14,
    "hooks-multi": 6,
    "hooks-node": 12,
    "hooks-tensor": 19,
    "in-place": 15,
    "inference": 18,
    "memory": 9,
    "multi-views": 6,
    "post-acc": 10,
    "saved-hooks": 24,
    "threading": 8,
    "version": 8,
    "views": 15,
}
BY_NAMESPACE_ONLY = {
    "custom.generate-vmap-rule",
    "custom.jvp-method",
    "custom.not-supported-by-transforms-with-ctx-forward",
    "custom.vmap-both-ways-raises",
    "custom.vmap-staticmethod",
    "inference.decorator",
    "inference.disables-forward-mode",
    "inference.is-enabled-reports",
}
"""Of the functional profile, what is about the spelling of a Function, a decorator or a flag, and so cannot be data."""
FUNCTIONAL_KINDS = {"leaf", "op", "detach", "grad", "get_grad", "backward", "read", "custom", "mode", "raises"}
INNER_KINDS = {"function", "parameter", "result"}

ALL = load()
OURS = {b.id: b for b in BEHAVIOURS.values() if b.area in AREAS}
CASES = [case for case in ALL if case.requirement in OURS]


@pytest.fixture(scope="module")
def engine():
    from conformance.engines.torch import TorchEngine

    before = torch.is_warn_always_enabled()
    yield TorchEngine()
    torch.set_warn_always(before)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_pytorch_passes(case: Case, engine: Engine) -> None:
    if case.program is None:
        module, _, name = case.function.partition(":")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            getattr(importlib.import_module(module), name)(torch)
    else:
        frozen = Program.from_json(case.program.to_json())  # what an engine receives went over a wire
        judgement = judge(case.expectations, engine.run(frozen))
        assert judgement.status is Status.PASS, judgement.reason
    assert torch.is_grad_enabled(), "the case left recording off"
    assert not torch.is_anomaly_enabled(), "the case left anomaly mode on"
    assert not torch.is_inference_mode_enabled(), "the case left inference mode on"


def test_every_behaviour_is_there() -> None:
    assert Counter(b.area for b in OURS.values()) == AREAS
    assert {c.requirement for c in CASES} == set(OURS)


def test_case_ids_are_unique() -> None:
    assert not [i for i, count in Counter(c.id for c in CASES).items() if count > 1]


@pytest.mark.parametrize("behaviour", [b for b in OURS.values() if b.level == MUST], ids=lambda b: b.id)
def test_every_must_names_a_fault(behaviour: Behaviour) -> None:
    assert behaviour.kills


@cache
def torch_engine() -> Any:
    from conformance.engines.torch import TorchEngine

    return TorchEngine()


class PureTorch(FunctionalEngine):
    """PyTorch's operators as a purely functional engine, which differentiates functions of its inputs."""

    name = "pure"
    features = frozenset({"anomaly-mode", "backward-inputs", "custom-rules", "detach", "grad-mode", "inference-mode"})

    def leaf(self, array):
        return torch_engine().leaf(array, requires_grad=False)

    def read(self, tensor):
        return torch_engine().read(tensor)

    def operator(self, name):
        return torch_engine().operator(name)

    def stop_gradient(self, value):
        return value.detach()

    def vjp(self, function, inputs, cotangents):
        xs = [x if x.requires_grad else x.detach().requires_grad_() for x in inputs]
        return torch.autograd.grad(function(*xs), xs, cotangents, create_graph=True, allow_unused=True)

    def custom(self, forward, rule, inputs):
        return torch_engine().custom(forward, rule, inputs)


@pytest.mark.parametrize("behaviour", [b for b in OURS.values() if b.profile == FUNCTIONAL], ids=lambda b: b.id)
def test_a_functional_engine_can_run_it(behaviour: Behaviour) -> None:
    asked = [c for c in CASES if c.requirement == behaviour.id and c.program and _is_functional(c.program)]
    assert bool(asked) is (behaviour.id not in BY_NAMESPACE_ONLY)
    for case in asked:
        judgement = judge(case.expectations, PureTorch().run(case.program))
        wanted = (Status.PASS, Status.UNSUPPORTED) if "errors" in case.program.features else (Status.PASS,)
        assert judgement.status in wanted, judgement.reason


def _is_functional(program: Program) -> bool:
    reads = {s.name for s in program.reads if s.do == "read"}
    kinds = {s.do for s in program.walk()}
    return kinds <= FUNCTIONAL_KINDS | INNER_KINDS and reads <= {"value", "is_none", "shape", "dtype"}
