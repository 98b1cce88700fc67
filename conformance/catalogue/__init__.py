"""Documented behaviours by area: each a short function beside its metadata. `load` imports them all."""

from __future__ import annotations

import importlib
import pkgutil

from conformance.cases import Case, catalogue_cases

_WITHOUT_BEHAVIOURS = frozenset({"assertions", "foundations", "ledger", "versions"})


def load() -> list[Case]:
    """Every case of the catalogue, the modules in alphabetical order and each in the order of its text."""
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        if module not in _WITHOUT_BEHAVIOURS:
            importlib.import_module(f"{__name__}.{module}")
    return catalogue_cases()
