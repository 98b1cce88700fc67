"""The grad mode belongs to a thread: entering or switching it in one is not seen in another."""

from __future__ import annotations

import threading
from contextlib import contextmanager

from conformance.cases import IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import in_thread


@contextmanager
def _meanwhile(function):
    """Runs the body while a thread, its work done, holds what the function, a context manager, has entered."""
    entered, leave = threading.Event(), threading.Event()

    def run():
        with function():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        assert entered.wait(10), "the thread did not enter its block within 10 seconds"
        yield
    finally:
        leave.set()
        thread.join(10)


@behaviour(
    "grad-mode.no-grad-thread-local",
    level=MUST,
    profile=IMPERATIVE,
    source="no_grad, docstring: thread local",
    kills=["mode-global"],
)
def no_grad_thread_local(torch):
    """no_grad affects only the thread that entered it; an operation in another thread meanwhile is recorded."""
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    with torch.no_grad():
        assert in_thread(torch.is_grad_enabled), "no_grad reached another thread"
        assert in_thread(lambda: (x * 2).requires_grad), "an operation in another thread was not recorded"
        assert not torch.is_grad_enabled(), "the other thread ended no_grad here"
    with _meanwhile(torch.no_grad):
        assert torch.is_grad_enabled(), "no_grad of another thread is seen here"
        assert (x * 2).requires_grad, "no_grad of another thread stopped recording here"
    assert torch.is_grad_enabled(), "no_grad of another thread left recording off here"


@behaviour(
    "grad-mode.enable-grad-thread-local",
    level=MUST,
    profile=IMPERATIVE,
    source="enable_grad, docstring: thread local",
    kills=["mode-global"],
)
def enable_grad_thread_local(torch):
    """enable_grad affects only the thread that entered it."""
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    with torch.no_grad(), _meanwhile(torch.enable_grad):
        assert not torch.is_grad_enabled(), "enable_grad of another thread is seen here"
        assert not (x * 2).requires_grad, "enable_grad of another thread started recording here"

    def switched_off():
        torch.set_grad_enabled(False)
        with _meanwhile(torch.enable_grad):
            return torch.is_grad_enabled() or (x * 2).requires_grad

    with torch.enable_grad():
        assert not in_thread(switched_off), "enable_grad reached a thread that had switched recording off"


@behaviour(
    "grad-mode.set-grad-enabled-thread-local",
    level=MUST,
    profile=IMPERATIVE,
    source="set_grad_enabled, docstring: thread local",
    kills=["mode-global"],
)
def set_grad_enabled_thread_local(torch):
    """set_grad_enabled affects only the calling thread."""
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    torch.set_grad_enabled(False)
    try:
        assert in_thread(lambda: (x * 2).requires_grad), "set_grad_enabled(False) reached another thread"
        in_thread(lambda: torch.set_grad_enabled(True))
        assert not torch.is_grad_enabled(), "set_grad_enabled(True) in another thread is seen here"
    finally:
        torch.set_grad_enabled(True)
    in_thread(lambda: torch.set_grad_enabled(False))
    assert (x * 2).requires_grad, "set_grad_enabled(False) in another thread is seen here"


@behaviour(
    "grad-mode.new-thread-starts-enabled",
    level=SHOULD,
    profile=IMPERATIVE,
    source="no_grad, docstring: thread local",
    kills=["mode-global", "new-thread-inherits-mode"],
)
def new_thread_starts_enabled(torch):
    """A new thread starts with recording on even if its parent thread has it off."""
    with torch.no_grad():
        assert in_thread(torch.is_grad_enabled), "a thread started under no_grad has recording off"
    torch.set_grad_enabled(False)
    try:
        assert in_thread(torch.is_grad_enabled), "a thread started after set_grad_enabled(False) has recording off"
        grandchild = in_thread(lambda: in_thread(torch.is_grad_enabled))
        assert grandchild, "a thread of a thread has recording off"
    finally:
        torch.set_grad_enabled(True)
