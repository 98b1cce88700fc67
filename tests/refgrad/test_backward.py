"""The engine: depth, memory, failure, agreement with PyTorch."""

from __future__ import annotations

import gc
import threading
import time

import pytest

import refgrad


def chain(depth: int) -> tuple[refgrad.Tensor, refgrad.Tensor]:
    x = refgrad.tensor(1.0, dtype=refgrad.float64, requires_grad=True)
    y = x
    for _ in range(depth):
        y = y + 1.0
    return x, y


def test_a_deep_graph_runs_backward_without_recursion_in_linear_time() -> None:
    seconds = {}
    for depth in (20_000, 200_000):
        x, y = chain(depth)
        start = time.perf_counter()
        y.backward()
        seconds[depth] = time.perf_counter() - start
        assert x.grad.item() == 1.0
        del x, y
    assert seconds[200_000] < 40 * seconds[20_000]  # ten times the depth; the rest is the noise of a shared machine


def test_a_graph_is_freed_after_backward() -> None:
    import tracemalloc

    x = refgrad.ones(1000, requires_grad=True)
    (x.sin() * x.exp()).sum().backward()  # fills the caches of operators
    x.grad = None
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    y = (x.sin() * x.exp()).sum()
    y.backward()
    del y
    x.grad = None
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 3000  # far below the 4000 bytes of one saved array


def test_a_failed_backward_leaves_no_gradient_behind() -> None:
    a, b = (refgrad.tensor(2.0, requires_grad=True) for _ in range(2))

    def fail(g: refgrad.Tensor) -> None:
        raise KeyError("hook")

    a.register_hook(fail)
    with pytest.raises(KeyError):
        (a * b).backward()
    assert a.grad is None
    assert b.grad is None


def test_eight_threads_give_the_results_of_one() -> None:
    def run(out: list[float], k: int) -> None:
        x = refgrad.tensor(0.1 * k, dtype=refgrad.float64, requires_grad=True)
        for _ in range(50):
            x.grad = None
            (x.sin() * x).backward()
        out[k] = x.grad.item()

    alone, together = [0.0] * 8, [0.0] * 8
    for k in range(8):
        run(alone, k)
    threads = [threading.Thread(target=run, args=(together, k)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
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
