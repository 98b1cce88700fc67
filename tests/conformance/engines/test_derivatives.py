"""Forward mode and higher orders are asked of every kind of engine by one program, and printed as code that runs."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest

from conformance.codec import decode_array
from conformance.compare import judge
from conformance.engines.base import Engine
from conformance.engines.functional import FunctionalEngine
from conformance.engines.imperative import ImperativeEngine
from conformance.engines.refgrad import RefgradEngine
from conformance.errors import SuiteFault
from conformance.oracles.judged import judged
from conformance.printing import as_code
from conformance.program import Program, Statement
from conformance.recorder import Recorder
from conformance.strategies.derivatives import DIRECTIONS, applicable, facets, needs, record

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")
"""What `torch.func.jvp` calls when it is first used."""

ALL = [(group, d) for group, directions in DIRECTIONS.items() for d in directions]


def program(direction: str, *, linear: bool = False) -> Program:
    p = Recorder()
    wanted = needs(direction)
    xs = [p.leaf(x, requires_grad=wanted.requires_grad) for x in ([0.5, -1.5], [2.0, 0.75])]
    constant = p.constant([3.0, 0.25])
    tangents = [[np.array([1.0, -2.0]) * k, np.array([0.5, k])] for k in range(1, wanted.tangents + 1)]
    weights = [np.array([1.0, -0.5]), np.array([0.25, 2.0])] if wanted.cotangent else []

    def function(zs):
        x, y = zs
        return [x + y, x * 3.0] if linear else [(x * y).sin() * constant, x.exp() / y]

    record(p, direction, function, xs, tangents, weights)
    return p.program()


class Functional(FunctionalEngine):
    name = "functional-torch"
    features = ("float64", "forward-mode", "create-graph")
    operators = {  # noqa: RUF012 - as adapters are written
        "mul": torch.mul,
        "div": lambda a, b, *, rounding_mode: torch.div(a, b),
        "add": lambda a, b, *, alpha: a + alpha * b,
        "sin": torch.sin,
        "exp": torch.exp,
    }

    def leaf(self, array: np.ndarray) -> Any:
        return torch.from_numpy(array.copy())

    def read(self, tensor: Any) -> np.ndarray:
        return tensor.detach().numpy()

    def vjp(self, function: Any, inputs: Any, cotangents: Any) -> Any:
        _, pull = torch.func.vjp(function, *inputs)
        return pull(tuple(cotangents))

    def jvp(self, function: Any, inputs: Any, tangents: Any) -> Any:
        return torch.func.jvp(function, tuple(inputs), tuple(tangents))


class Reverse(Functional):
    features = ("float64", "create-graph")
    jvp = FunctionalEngine.jvp


class Tape(ImperativeEngine):
    name = "tape"
    features = ("float64", "forward-mode")
    leaf = read = backward = grad = lambda *_: None


@pytest.mark.parametrize(("group", "direction"), ALL)
def test_engines_that_transform_functions_are_asked_too(group: str, direction: str) -> None:
    found = judged(program(direction), "float64", group)
    judgement = judge(found.expectations, Functional().run(program(direction)))
    assert judgement.status == "pass", judgement


@pytest.mark.parametrize("direction", ["rr", "rrr"])
def test_reverse_mode_alone_answers_its_own_compositions(direction: str) -> None:
    assert Reverse().run(program(direction))["status"] == "done"


@pytest.mark.parametrize("direction", ["dual", "func", "fr", "rf", "ff", "ffr", "fff"])
def test_what_an_engine_lacks_is_named(direction: str) -> None:
    needed = "forward-mode" if direction in ("dual", "rf") else "func"
    reply = Reverse().run(program(direction))
    assert reply == {"status": "unsupported", "feature": "forward-mode"}
    if needed == "func":
        assert Tape().run(program(direction)) == {"status": "unsupported", "feature": "func"}


def printed(code: str) -> list[Any]:
    shown: list[Any] = []
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code, {"print": lambda _label, *values: shown.extend(values)})  # noqa: S102 - the script under test
    torch.set_printoptions(profile="default")
    return shown


@pytest.mark.parametrize("engine", ["torch", "refgrad"])
@pytest.mark.parametrize(("group", "direction"), ALL)
def test_the_printed_script_computes_what_the_engine_observes(group: str, direction: str, engine: str) -> None:
    from conformance.engines.torch import TorchEngine

    adapter: Engine = {"torch": TorchEngine, "refgrad": RefgradEngine}[engine]()
    observed = adapter.run(program(direction))["observations"]
    shown = printed(as_code(program(direction), engine))
    assert facets(group, direction)["direction"] == direction
    assert [decode_array(o["array"]).tolist() for o in observed.values()] == [adapter.read(t).tolist() for t in shown]


@pytest.mark.parametrize(("group", "direction"), ALL)
def test_what_vanishes_identically_has_no_third_gradient(group: str, direction: str) -> None:
    assert group
    assert applicable(program(direction))
    assert applicable(program(direction, linear=True)) is (direction != "rrr")


def test_programs_survive_their_json() -> None:
    for _, direction in ALL:
        assert Program.from_json(program(direction).to_json()).digest == program(direction).digest


def test_an_unknown_way_of_forward_mode_is_a_fault_of_the_suite() -> None:
    with pytest.raises(SuiteFault, match="known ones"):
        Statement("jvp", ("t1", "t2"), name="sideways")
