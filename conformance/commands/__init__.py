"""The commands, by module. Each has ``add(commands)``, which is cheap: what it needs, it imports when it runs."""

from __future__ import annotations

import importlib
from types import ModuleType

MODULES = (
    "certify",
    "listing",
    "explain",
    "folders",
    "maintain",
    "selfcheck",
    "coverage",
    "engines",
    "matrix",
    "calibrate",
    "atlas",
    "diagnose",
    "workloads",
    "waivers",
)


def load(name: str) -> ModuleType:
    """The module of this name."""
    return importlib.import_module(f"conformance.commands.{name}")
