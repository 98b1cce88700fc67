"""Anomaly mode, threads, and graphs that are shown wrongly or kept too long."""

from __future__ import annotations

import threading

from conformance.faults.patching import module, replace
from conformance.faults.registry import fault


def _anomaly():
    return module("autograd.anomaly_mode")


@fault("anomaly-mode-ignored")
def anomaly_mode_ignored(engine):
    """Entering anomaly mode changes nothing."""
    _anomaly()._set = lambda mode, check_nan: None


@fault("anomaly-always-on")
def anomaly_always_on(engine):
    """Anomaly mode is on from the start."""
    _anomaly()._set(True, True)


@fault("check-nan-ignored")
def check_nan_ignored(engine):
    """Anomaly mode raises for nan although check_nan=False."""
    replace(_anomaly(), "_set", lambda set_: lambda mode, check_nan: set_(mode, True))


@fault("anomaly-without-traceback")
def anomaly_without_traceback(engine):
    """Anomaly mode does not tell where the forward operation was."""
    module("backward")._warn_trace = lambda node: None


@fault("set-detect-anomaly-stays")
def set_detect_anomaly_stays(engine):
    """Leaving set_detect_anomaly as a context changes nothing."""
    engine.torch.autograd.set_detect_anomaly.__exit__ = lambda self, *error: None


@fault("anomaly-refuses-inf")
def anomaly_refuses_inf(engine):
    """Anomaly mode raises for infinite gradients as well."""

    def make(check):
        def wrong(node, cs):
            check(node, cs)
            for c in cs:
                x = getattr(c, "_data", c)
                if x is not None and (abs(x) == float("inf")).any():
                    raise RuntimeError(f"Function '{node.name()}' returned infinite values")

        return wrong

    replace(module("backward"), "_check_nan", make)


# threads


@fault("backward-in-main-thread-only")
def backward_in_main_thread_only(engine):
    """A backward pass in any thread but the main one raises."""

    def make(run):
        def wrong(self, *args, **options):
            if threading.current_thread() is not threading.main_thread():
                raise RuntimeError("backward must run in the main thread")
            run(self, *args, **options)

        return wrong

    replace(module("backward").Pass, "run", make)


# graphs


@fault("next-functions-drop-constants")
def next_functions_drop_constants(engine):
    """The edges of a node leave out inputs that do not require grad."""
    node = module("graph").Node
    read = node.__dict__["next_functions"].fget
    node.next_functions = property(lambda self: tuple(edge for edge in read(self) if edge[0] is not None))


@fault("gradients-kept-forever")
def gradients_kept_forever(engine):
    """Every gradient that hooks have seen is kept, whether anything refers to it or not."""
    kept = []

    def make(lift):
        def wrong(self, g):
            kept.append(lift(self, g))
            return kept[-1]

        return wrong

    replace(module("backward").Pass, "_lift", make)
