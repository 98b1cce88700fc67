"""The adapters that faults are patches over, by the name of the engine."""

from __future__ import annotations

import importlib
from typing import Any

from conformance.runner import ENGINES


def make_engine(name: str) -> Any:
    """The engine of this name, which takes its time to import."""
    module, _, attribute = ENGINES[name].partition(":")
    return getattr(importlib.import_module(module), attribute)()
