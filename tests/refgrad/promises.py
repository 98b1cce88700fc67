"""Measures what refgrad promises of its engine: depth, time, memory, threads. Used by the tests with small sizes, and by
`proof.py` with those of the promise.
"""

from __future__ import annotations

import gc
import threading
import time
import tracemalloc

import refgrad


def seconds_of_backward(depth: int) -> float:
    """How long the backward pass of a chain of so many operations takes; its result is checked."""
    x = refgrad.tensor(1.0, dtype=refgrad.float64, requires_grad=True)
    y = x
    for _ in range(depth):
        y = y + 1.0
    _leave_out_what_lives()
    start = time.process_time()
    y.backward()
    seconds = time.process_time() - start
    assert x.grad.item() == 1.0
    return seconds


def bytes_left_after_backward(elements: int = 10_000, *, only: str | None = None) -> dict[str, int]:
    """What traced memory grows by from before the forward pass to after the backward pass, for graphs of each kind, or
    of one.
    """
    found = {}
    for name, loss in GRAPHS.items():
        if only not in (None, name):
            continue
        x = refgrad.ones(elements, dtype=refgrad.float64).requires_grad_()
        _once(loss, x)  # fills the caches of operators
        _leave_out_what_lives()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        _once(loss, x)
        gc.collect()
        found[name] = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
    return found


def _leave_out_what_lives() -> None:
    """Else the garbage collector goes over whatever else lives in this process, again and again; nothing of it is made
    collectable afterwards, since the process may hold the whole corpus, which is left out too.
    """
    gc.collect()
    gc.freeze()


def _once(loss, x: refgrad.Tensor) -> None:
    loss(x).backward()
    x.grad = None


def _modified(x: refgrad.Tensor) -> refgrad.Tensor:
    y = x * 2
    y[: len(y) // 2].mul_(3)
    return (y.exp_() * x).sum()


def _hooked(x: refgrad.Tensor) -> refgrad.Tensor:
    y = x.sin()
    y.retain_grad()
    y.register_hook(lambda g: g * 2)
    with refgrad.autograd.graph.saved_tensors_hooks(lambda t: t.detach().clone(), lambda t: t):
        return (y * y).sum()


class _Square(refgrad.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        return 2 * g * ctx.saved_tensors[0]


GRAPHS = {
    "saved values": lambda x: (x.sin() * x.exp()).sum(),
    "views modified in place": _modified,
    "hooks": _hooked,
    "a custom function": lambda x: _Square.apply(x.cos()).sum(),
    "checkpoint": lambda x: refgrad.utils.checkpoint.checkpoint(lambda t: t.sin().exp(), x, use_reentrant=False).sum(),
    "many results": lambda x: refgrad.stack([part.sum() for part in x.split(len(x) // 10)]).sum(),
}


def results_of_threads(count: int, passes: int) -> tuple[list[list[float]], list[list[float]]]:
    """What each of the threads finds when it runs alone, and when all run at once; every other one records nothing for
    a while, in a mode of its own.
    """
    alone: list[list[float]] = [[] for _ in range(count)]
    together: list[list[float]] = [[] for _ in range(count)]
    for k in range(count):
        _work(alone, k, passes, threading.Barrier(1))
    start = threading.Barrier(count)
    threads = [threading.Thread(target=_work, args=(together, k, passes, start)) for k in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return alone, together


def _work(out: list[list[float]], k: int, passes: int, start: threading.Barrier) -> None:
    x = refgrad.tensor([0.1 * k, 0.5, -0.2 * k], dtype=refgrad.float64, requires_grad=True)
    start.wait()
    for i in range(passes):
        with refgrad.set_grad_enabled(i % 3 != k % 2):
            y = (x.sin() * x).exp().sum()
        out[k].append(float(refgrad.is_grad_enabled()))
        if y.requires_grad:
            y.backward()
        out[k] += x.grad.tolist() if x.grad is not None else []
