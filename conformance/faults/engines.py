"""Whole engines that are wrong on purpose. None may be certified, each for its own reason."""

from __future__ import annotations

import os
import time

import numpy as np

from conformance.errors import Unsupported
from conformance.faults.registry import fault


def _reading(engine, change):
    read = engine.read
    engine.read = lambda tensor: change(np.array(read(tensor)))
    return engine


@fault("always-zero", finds=("op/*",))
def always_zero(engine):
    """Every tensor reads as zeros."""
    return _reading(engine, lambda array: array * 0 if array.dtype.kind not in "fc" else np.zeros_like(array))


@fault("always-nan", finds=("op/*",))
def always_nan(engine):
    """Every tensor of floats reads as NaN."""
    return _reading(engine, lambda array: np.full_like(array, np.nan) if array.dtype.kind in "fc" else array)


@fault("crashes", finds=("op/*", "accumulation.*"))
def crashes(engine):
    """The process aborts at the first backward."""
    engine.backward = lambda *args: os.abort()
    engine.gradients = lambda *args: os.abort()


@fault("hangs", finds=("accumulation.*",))
def hangs(engine):
    """Backward never returns."""

    def wrong(*args):
        while True:
            time.sleep(1)

    engine.backward = wrong


@fault("supports-nothing", finds=("op/*", "accumulation.*"))
def supports_nothing(engine):
    """It declares no feature and knows no operator."""

    def refuse(*args):
        raise Unsupported("operator")

    type(engine).features = frozenset()
    engine.run = lambda program: {"status": "unsupported", "feature": "operator"}
    engine.namespace = refuse
