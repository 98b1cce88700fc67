"""Threads: graphs of their own, shared leaves, and shared graphs."""

from __future__ import annotations

import functools
import threading

from conformance.cases import IMPERATIVE, MAY, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_equal, in_thread, leaves
from conformance.catalogue.functions import function

_PAGE = "Autograd mechanics, multithreaded autograd"


def _at_once(work, count):
    """What the work gives for each number, all of them at the same time, in the order of the numbers."""
    found, errors, start = {}, [], threading.Barrier(count)

    def run(k):
        try:
            start.wait(10.0)
            found[k] = work(k)
        except Exception as error:  # noqa: BLE001 - it is raised again, in the thread that asked
            errors.append(error)

    threads = [threading.Thread(target=run, args=(k,), daemon=True) for k in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10.0)
    if errors:
        raise errors[0]
    return [found[k] for k in range(count)]


@behaviour(
    "threading.independent-backwards",
    level=MUST,
    profile=IMPERATIVE,
    source=_PAGE,
    kills=["backward-in-main-thread-only"],
    needs=["threads"],
)
def independent_backwards(torch):
    """Threads may run forward and backward on graphs of their own at the same time; each gets its right gradients."""

    def work(k):
        x = torch.full((5, 5), float(k), dtype=torch.float64, requires_grad=True)
        for _ in range(5):
            x.grad = None
            ((x + 3) * (x + 4) * 0.5).sum().backward()
        return x.grad

    for k, gradient in enumerate(_at_once(work, 8)):
        assert_equal(gradient, [[k + 3.5] * 5] * 5)


@behaviour(
    "threading.autograd-grad-on-shared-leaves",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PAGE}, non-determinism",
    kills=["backward-in-main-thread-only", "grad-accumulates"],
    needs=["threads"],
)
def autograd_grad_on_shared_leaves(torch):
    """Concurrent torch.autograd.grad calls on graphs that share a leaf are safe and give right results, and leave the
    leaf's .grad alone.
    """
    w = torch.tensor([2.0, -1.0], requires_grad=True)

    def work(k):
        return torch.autograd.grad((w**2 * k).sum(), w)[0]

    for k, gradient in enumerate(_at_once(work, 8)):
        assert_equal(gradient, [4.0 * k, -2.0 * k])
    assert w.grad is None


@behaviour(
    "threading.shared-graph-needs-retain",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PAGE}, graph retaining",
    kills=["freed-graph-not-detected", "retain-graph-ignored"],
    needs=["threads"],
)
def shared_graph_needs_retain(torch):
    """When threads run backward over a shared part of a graph without retain_graph, all but one fail with RuntimeError
    as for a second backward; with retain_graph=True all succeed.
    """
    for retain, failing in ((False, 3), (True, 0)):
        x = torch.tensor([2.0, -1.0], requires_grad=True)
        h = x**2
        found, errors = [], []

        def work(k, top, retain=retain, x=x, found=found, errors=errors):
            try:
                found.append((k, torch.autograd.grad(top, x, retain_graph=retain)[0].tolist()))
            except RuntimeError as refused:
                errors.append(str(refused))

        for k in range(1, 5):
            in_thread(functools.partial(work, k, (h * k).sum()))
        assert len(errors) == failing
        assert all("retain_graph" in error for error in errors)
        assert found == [(k, [4.0 * k, -2.0 * k]) for k in range(1, 5 - failing)]


@behaviour(
    "threading.backward-in-other-thread",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_PAGE}, concurrency on CPU",
    kills=["backward-in-main-thread-only"],
    needs=["threads"],
)
def backward_in_other_thread(torch):
    """A graph built in one thread can be run backward in another; the gradients land in the same leaves."""
    for x in leaves(torch):
        in_thread((x**2).sum().backward)
        assert_equal(x.grad, 2 * x)


@behaviour(
    "threading.locked-accumulation-adds-up",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_PAGE}, non-determinism",
    kills=["overwrite-grad"],
    needs=["threads"],
)
def locked_accumulation_adds_up(torch):
    """Backward calls from several threads on a shared leaf that are serialized by a lock add up exactly."""
    w, lock = torch.tensor([1.0, 3.0], requires_grad=True), threading.Lock()

    def work(_):
        for _ in range(10):
            with lock:
                (w * 2).sum().backward()

    _at_once(work, 4)
    assert_equal(w.grad, [80.0, 80.0])


@behaviour(
    "threading.cpu-backward-on-calling-thread",
    level=MAY,
    profile=IMPERATIVE,
    source="autograd.grad_mode.set_multithreading_enabled, docstring; Autograd mechanics, thread safety",
    needs=["threads"],
    depends=["hooks-tensor.receives-gradient"],
    kills=["backward-in-thread-of-its-own"],
)
def cpu_backward_on_calling_thread(torch):
    """On CPU the backward functions and hooks run in the thread that called backward."""
    for x in leaves(torch):
        seen = []
        x.register_hook(lambda g, seen=seen: seen.append(threading.get_ident()))
        (x * 2).sum().backward()
        other = in_thread(lambda x=x: ((x * 2).sum().backward(), threading.get_ident())[1])
        assert seen == [threading.get_ident(), other]


@behaviour(
    "threading.multithreading-switch-keeps-results",
    level=SHOULD,
    profile=IMPERATIVE,
    source="autograd.grad_mode.set_multithreading_enabled, docstring",
    needs=["threads"],
    kills=["multithreading-switch-stays"],
)
def multithreading_switch_keeps_results(torch):
    """set_multithreading_enabled(False) as a context manager changes no gradient and restores the setting at exit."""
    enabled = torch._C._is_multithreading_enabled
    before = enabled()
    for x in leaves(torch):
        with torch.autograd.set_multithreading_enabled(False):
            assert not enabled()
            (x**2).sum().backward()
        assert_equal(x.grad, 2 * x)
        assert enabled() == before


@behaviour(
    "threading.reentrant-backward",
    level=SHOULD,
    profile=IMPERATIVE,
    source="utils.checkpoint.checkpoint, docstring: reentrant autograd",
    needs=["threads"],
    depends=["custom.forward-and-backward-are-used"],
    kills=["backward-not-reentrant"],
)
def reentrant_backward(torch):
    """A backward function may itself call backward on another graph without disturbing the outer pass."""
    for x in leaves(torch):
        inner = x.detach().clone().requires_grad_()

        def backward(ctx, g, inner=inner):
            with torch.enable_grad():
                (inner**2).sum().backward()
            return g * 3

        function(torch, lambda ctx, x: x * 1, backward).apply(x).sum().backward()
        assert_equal(x.grad, torch.full_like(x.detach(), 3.0))
        assert_equal(inner.grad, 2 * inner)
