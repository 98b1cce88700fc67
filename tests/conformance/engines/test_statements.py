"""The kinds of statement that hold functions, views and zeroing: one engine runs what another is shown as code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from conformance.compare import Status, judge
from conformance.engines.base import Engine
from conformance.engines.functional import FunctionalEngine
from conformance.engines.imperative import ImperativeEngine
from conformance.engines.refgrad import RefgradEngine
from conformance.engines.torch import TorchEngine
from conformance.errors import SuiteFault
from conformance.printing import as_code
from conformance.program import Program, Statement
from conformance.recorder import Recorder


def hooks(p: Recorder) -> None:
    x, calls = p.leaf([2.0, -3.0]), p.constant(0.0)

    def hook(g):
        p.expect(g, [4.0, -6.0])
        calls.add_(1)
        return g * 10

    registered = x.register_hook(hook)
    (x * x).sum().backward()
    registered.remove()
    (x * x).sum().backward()
    p.expect(calls, 1.0)
    p.expect(x.grad, [44.0, -66.0])


def post_hooks(p: Recorder) -> None:
    x = p.leaf([2.0, -3.0])
    x.register_post_accumulate_grad_hook(lambda leaf: leaf.grad.mul_(10) and None)
    (x * x).sum().backward()
    p.expect(x.grad, [40.0, -60.0])


def custom_rule(p: Recorder) -> None:
    def scaled(x, w):
        y = x * w
        return (y, x * 0.5), lambda g, h: (g * w * 100, None)

    x, w = p.leaf([2.0, -3.0]), p.leaf([0.5, 4.0])
    y, half = p.custom(scaled, x, w)
    p.expect(half, [1.0, -1.5])
    p.backward(y, p.constant([1.0, 1.0]))
    p.expect(x.grad, [50.0, 400.0])


def views(p: Recorder) -> None:
    x = p.leaf([1.0, 2.0, 3.0])
    y = x * 1
    p.view("select", y, dim=0, index=1).mul_(10)
    p.expect(y, [1.0, 20.0, 3.0])
    p.expect(y.version, 1)
    (y * y).sum().backward()
    p.expect(x.grad, [2.0, 400.0, 6.0])
    p.expect(p.view("t", p.leaf([[1.0, 2.0, 3.0]])).stride, (1, 3))


def zeroing(p: Recorder) -> None:
    x, w = p.leaf([1.0, 2.0]), p.leaf(3.0)
    (x * w).sum().backward()
    p.zero_grad(x, set_to_none=False)
    p.zero_grad(w)
    p.expect(x.grad, [0.0, 0.0])
    p.expect(w.grad, None)


def inference(p: Recorder) -> None:
    x = p.leaf(3.0)
    with p.inference_mode():
        y = x * x
    p.expect(y.is_inference(), True)
    p.expect(y.requires_grad, False)


def chosen_inputs(p: Recorder) -> None:
    x, w = p.leaf(2.0), p.leaf(3.0)
    (x * w).backward(inputs=[x])
    p.expect(x.grad, 3.0)
    p.expect(w.grad, None)


RECORDED = [hooks, post_hooks, custom_rule, views, zeroing, inference, chosen_inputs]


def judged(engine: Engine, function: Callable[[Recorder], None]) -> Status:
    p = Recorder()
    function(p)
    judgement = judge(p.expectations, engine.run(Program.from_json(p.program().to_json())))
    assert judgement.status is Status.PASS, judgement.reason
    return judgement.status


@pytest.mark.parametrize("engine", [RefgradEngine, TorchEngine])
@pytest.mark.parametrize("function", RECORDED)
def test_both_engines_with_the_names_of_pytorch_run_it(
    function: Callable[[Recorder], None], engine: type[Engine]
) -> None:
    pytest.importorskip(engine.name)
    judged(engine(), function)


@pytest.mark.parametrize("function", RECORDED)
def test_its_code_runs_on_refgrad(function: Callable[[Recorder], None], capsys: pytest.CaptureFixture[str]) -> None:
    p = Recorder()
    function(p)
    exec(compile(as_code(p.program(), "refgrad"), "<printed>", "exec"), {})  # noqa: S102 - running it is the test
    reads = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]  # long tensors wrap
    assert len(reads) == len(p.expectations)


def test_a_custom_rule_reads_as_a_subclass_of_function() -> None:
    p = Recorder()
    p.custom(lambda x: (x * x, lambda g: 2 * x * g), p.leaf([3.0]))
    assert as_code(p.program()).partition("\n\n")[2] == (
        "t1 = torch.tensor([3.0], dtype=torch.float64, requires_grad=True)\n"
        "class Rule(torch.autograd.Function):\n"
        "    @staticmethod\n"
        "    def forward(ctx, t2):\n"
        "        t3 = t2 * t2\n"
        "        ctx.save_for_backward(t2)\n"
        "        return t3\n"
        "    @staticmethod\n"
        "    def backward(ctx, t4):\n"
        "        (t2,) = ctx.saved_tensors\n"
        "        t5 = 2 * t2\n"
        "        t6 = t5 * t4\n"
        "        return t6\n"
        "t7 = Rule.apply(t1)"
    )


@pytest.mark.parametrize(
    "function,feature",
    [
        (hooks, "tensor-hooks"),
        (post_hooks, "post-accumulate-hooks"),
        (custom_rule, "custom-rules"),
        (views, "strides"),
        (zeroing, "zero-grad"),
        (inference, "inference-mode"),
        (chosen_inputs, "backward-inputs"),
    ],
)
def test_an_engine_without_it_names_the_feature(function: Callable[[Recorder], None], feature: str) -> None:
    class Small(ImperativeEngine):
        name = "small"
        features = frozenset({"flags", "in-place", "views"})
        operators = RefgradEngine.operators

        def leaf(self, array, requires_grad):
            return RefgradEngine().leaf(array, requires_grad)

        def operator(self, name):
            return RefgradEngine().operator(name)

        def backward(self, output, cotangent, retain_graph): ...

        def grad(self, tensor): ...

        def read(self, tensor):
            return tensor

    p = Recorder()
    function(p)
    assert Small().run(p.program()) == {"status": "unsupported", "feature": feature}


class Functional(FunctionalEngine):
    """A functional engine over refgrad, whose custom rules are pure functions of their arguments."""

    name = "functional"
    features = frozenset({"custom-rules"})

    def leaf(self, array: Any) -> Any:
        return RefgradEngine().leaf(array, False)

    def read(self, tensor: Any) -> np.ndarray:
        return RefgradEngine().read(tensor)

    def operator(self, name: str) -> Callable[..., Any]:
        return RefgradEngine().operator(name)

    def vjp(self, function: Any, inputs: Any, cotangents: Any) -> Any:
        import refgrad

        xs = [x.detach().requires_grad_() for x in inputs]
        return refgrad.autograd.grad(function(*xs), xs, cotangents, allow_unused=True)

    def custom(self, forward: Any, rule: Any, inputs: Any) -> Any:
        return RefgradEngine().custom(forward, rule, inputs)


@pytest.mark.parametrize("function", [custom_rule, chosen_inputs])
def test_a_functional_engine_can_run_it(function: Callable[[Recorder], None]) -> None:
    judged(Functional(), function)


def test_a_mode_that_there_is_not_is_refused() -> None:
    with pytest.raises(SuiteFault, match="no mode 'no_gradd'"):
        Statement("mode", name="no_gradd")


@pytest.mark.parametrize("mode,gradient", [("no_grad", 1.0), ("detect_anomaly", 5.0), ("inference_mode", 1.0)])
def test_what_a_functional_engine_differentiates_under_a_mode(mode: str, gradient: float) -> None:
    p = Recorder()
    x = p.leaf(2.0)
    with getattr(p, mode)():
        c = x * x
    p.expect(p.grad(c + x, x)[0], gradient)
    engine = Functional()
    engine.features = frozenset({"grad-mode", "inference-mode", "anomaly-mode", "detach"})
    engine.stop_gradient = lambda value: value.detach()
    assert judge(p.expectations, engine.run(p.program())).status is Status.PASS
