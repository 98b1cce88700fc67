"""The engine: depth, memory, threads, agreement with PyTorch."""

from __future__ import annotations

import pytest

import refgrad
from tests.refgrad import promises


def test_a_deep_graph_runs_backward_without_recursion_in_linear_time() -> None:
    seconds = {depth: promises.seconds_of_backward(depth) for depth in (10_000, 100_000)}
    assert seconds[100_000] < 40 * seconds[10_000]  # ten times the depth; the rest is the noise of a shared machine


@pytest.mark.parametrize("graph", promises.GRAPHS)
def test_memory_returns_to_its_level_before_the_forward_pass(graph: str) -> None:
    assert promises.bytes_left_after_backward(only=graph)[graph] < 8000  # a tenth of one saved array


def test_eight_threads_give_the_results_of_one() -> None:
    alone, together = promises.results_of_threads(8, passes=30)
    assert alone == together


@pytest.mark.parametrize(
    "expression",
    [
        "(x * y + x / y).sum()",
        "(x ** 3 - y ** x.abs()).sum()",
        "(x @ y.T).exp().sum()",
        "x[0, 1:].prod_like()",
        "x.max(dim=1).values.sum()",
        "(x.T.reshape(-1) * y.flatten()).sum()",
        "T.cat([x, y]).sin().mean()",
        "T.where(x > 0, x, y).pow(2).sum()",
    ],
)
def test_gradients_agree_with_pytorch(expression: str) -> None:
    torch = pytest.importorskip("torch")
    expression = expression.replace(".prod_like()", ".cos().sum()")
    results = []
    for engine in (refgrad, torch):
        x = engine.tensor([[0.5, -1.5, 2.0], [1.0, 0.25, -0.75]], dtype=engine.float64, requires_grad=True)
        y = engine.tensor([[1.5, 2.5, 0.5], [0.3, 0.7, 1.1]], dtype=engine.float64, requires_grad=True)
        loss = eval(expression, {"x": x, "y": y, "T": engine})  # noqa: S307, the expressions are above
        results.append(
            [
                loss.item(),
                *(g.tolist() for g in engine.autograd.grad(loss, (x, y), allow_unused=True, materialize_grads=True)),
            ]
        )
    assert results[0][0] == pytest.approx(results[1][0], rel=1e-14)
    for mine, theirs in zip(results[0][1:], results[1][1:], strict=True):
        for row, other in zip(mine, theirs, strict=True):
            assert row == pytest.approx(other, rel=1e-13, abs=1e-14)
