"""A functional engine is driven through vjp alone; PyTorch's own functional transform stands in for one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conformance.compare import Status, judge
from conformance.engines.functional import FunctionalEngine
from conformance.recorder import Recorder

torch = pytest.importorskip("torch")


class Functional(FunctionalEngine):
    name = "functional-torch"
    version = torch.__version__
    features = ("float64", "float32", "detach", "grad-mode", "create-graph")
    operators = {  # noqa: RUF012 - as adapters are written
        "mul": torch.mul,
        "add": lambda a, b, *, alpha: a + alpha * b,
        "sin": torch.sin,
        "sum": torch.sum,
        "pow": torch.pow,
        "unbind": torch.unbind,
    }

    def leaf(self, array: np.ndarray) -> Any:
        return torch.from_numpy(array.copy())

    def read(self, tensor: Any) -> np.ndarray:
        return tensor.detach().numpy()

    def vjp(self, function: Any, inputs: Any, cotangents: Any) -> Any:
        _, pull = torch.func.vjp(function, *inputs)
        return pull(tuple(cotangents))

    def stop_gradient(self, value: Any) -> Any:
        return value.detach()


def _judge(p: Recorder) -> Status:
    return judge(p.expectations, Functional().run(p.program())).status


def test_a_gradient_is_one_vjp() -> None:
    p = Recorder()
    x = p.leaf([1.0, 2.0])
    (g,) = p.grad(x * x, x, p.constant([1.0, -3.0]))
    p.expect(g, [2.0, -12.0])
    assert _judge(p) is Status.PASS


def test_backward_reaches_only_leaves_that_require_grad() -> None:
    p = Recorder()
    x, w, unused = p.leaf(2.0), p.constant(3.0), p.leaf(1.0)
    (x * w * x).backward()
    p.expect(x.grad, 12.0)
    p.expect(w.grad, None)
    p.expect(unused.grad, None)
    assert _judge(p) is Status.PASS


def test_detached_values_and_values_under_no_grad_are_constant() -> None:
    p = Recorder()
    x = p.leaf([3.0])
    with p.no_grad():
        c = x * x
    (g,) = p.grad(x * x.detach() + c, x, p.constant([1.0]))
    p.expect(g, [3.0])
    assert _judge(p) is Status.PASS


def test_a_gradient_of_a_gradient_is_a_nested_vjp() -> None:
    p = Recorder()
    x = p.leaf(2.0)
    (g,) = p.grad(x * x * x, x, create_graph=True)
    (h,) = p.grad(g, x)
    p.expect(h, 12.0)
    assert _judge(p) is Status.PASS


def test_an_intermediate_result_can_be_an_input() -> None:
    p = Recorder()
    x = p.leaf(2.0)
    h = x * x
    (g,) = p.grad(3.0 * h, h)
    p.expect(g, 3.0)
    assert _judge(p) is Status.PASS


def test_a_second_backward_is_unsupported_and_not_emulated() -> None:
    p = Recorder()
    x = p.leaf(2.0)
    (x * x).backward()
    (x * x).backward()
    p.expect(x.grad, 8.0)
    reply = Functional().run(p.program())
    assert reply == {"status": "unsupported", "feature": "accumulation"}


def test_what_the_base_class_does_not_have_names_its_feature() -> None:
    p = Recorder()
    x = p.leaf(2.0)
    p.expect(x.requires_grad, True)
    assert Functional().run(p.program()) == {"status": "unsupported", "feature": "flags"}


def test_gradients_that_follow_one_another_cost_one_vjp_each() -> None:
    class Counting(Functional):
        calls = 0

        def vjp(self, function: Any, inputs: Any, cotangents: Any) -> Any:
            Counting.calls += 1
            return super().vjp(function, inputs, cotangents)

    p = Recorder()
    x = p.leaf([1.0, 2.0])
    for k in range(1, 13):
        p.expect(p.grad((x * x * k).sum(), x)[0], [2.0 * k, 4.0 * k])
    assert judge(p.expectations, Counting().run(p.program())).status is Status.PASS
    assert Counting.calls == 12


def test_a_constant_made_within_a_function_is_known_there() -> None:
    p = Recorder()

    def gradient(x: Any) -> Any:
        return p.vjp(lambda x: x * x * x, (x,), (p.constant(1.0),))[1][0]

    g, (second,) = p.vjp(gradient, (p.constant(2.0),), (p.constant(1.0),))
    p.expect(g, 12.0)
    p.expect(second, 12.0)

    class WithTransforms(Functional):
        features = (*Functional.features, "func")

    assert judge(p.expectations, WithTransforms().run(p.program())).status is Status.PASS
