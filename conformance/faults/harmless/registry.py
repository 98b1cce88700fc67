"""What a harmless variant is: a named change of an engine that no case may object to, and the cases that it touches."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from conformance.cases import Case
from conformance.errors import SuiteFault

HARMLESS = "harmless:"
"""What the names of variants begin with, where planted engines are named."""


@dataclass(frozen=True)
class Variant:
    """A harmless change. `operators` are those that it touches, or all of them; `behaviours` are patterns of others."""

    name: str
    statement: str
    patch: Callable[[Any], Any]
    operators: tuple[str, ...] = ()
    behaviours: tuple[str, ...] = ()
    alarm: str = ""  # why cases object to it wrongly, where they are known to; once none does, that is an error

    def touches(self, case: Case) -> bool:
        """Whether the change has any part in the case."""
        if case.id.startswith("op/") or case.facets:
            return not self.operators or (case.facets or {}).get("operator") in self.operators
        return any(fnmatchcase(case.id, pattern) for pattern in self.behaviours)


VARIANTS: dict[str, Variant] = {}


def harmless(
    name: str, *, operators: Sequence[str] = (), behaviours: Sequence[str] = (), alarm: str = ""
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Registers a patch of an engine's adapter that changes nothing that matters; the docstring says what it changes."""

    def register(patch: Callable[[Any], Any]) -> Callable[[Any], Any]:
        if name in VARIANTS:
            raise SuiteFault(f"variant {name} is defined twice")
        statement = inspect.cleandoc(patch.__doc__ or "")
        VARIANTS[name] = Variant(name, statement, patch, tuple(operators), tuple(behaviours), alarm)
        return patch

    return register


def load_variants() -> dict[str, Variant]:
    """Every variant by name, all modules of this package imported."""
    package = importlib.import_module("conformance.faults.harmless")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"conformance.faults.harmless.{module.name}")
    return VARIANTS


def find_variant(name: str) -> Variant:
    """The variant of this name, with or without what such names begin with; *errors*: `KeyError`."""
    return load_variants()[name.removeprefix(HARMLESS)]
