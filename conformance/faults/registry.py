"""What a fault is: a named patch of an engine, and the behaviours or operator properties that must find it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from conformance.errors import SuiteFault, UsageError


@dataclass(frozen=True)
class Fault:
    """A small wrong change. `finds` holds glob patterns of case ids beyond the behaviours whose `kills` name it."""

    name: str
    statement: str
    patch: Callable[[Any], Any]
    finds: tuple[str, ...] = ()
    family: str = ""  # of those that no behaviour names: what kind of error it is
    engine: str = "refgrad"  # which one it is a patch over
    hole: str = ""  # which class of case is missing, where nothing finds it yet; once something does, that is an error

    def before(self) -> None:
        """What must be wrong before the engine is imported: nothing, so far."""

    def after(self, engine: Any) -> Any:
        """The engine made wrong, for the life of the process."""
        return self.patch(engine) or engine


MUTANT, VARIANT = "mutant:", "harmless:"
"""What the names of rule mutants begin with, and those of variants that are not wrong."""
FAULTS: dict[str, Fault] = {}


def fault(
    name: str, *, finds: Sequence[str] = (), family: str = "", hole: str = ""
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Registers a patch of an engine: a function of its adapter that makes it wrong; the docstring says how."""

    def planted(patch: Callable[[Any], Any]) -> Callable[[Any], None]:
        register(Fault(name, inspect.cleandoc(patch.__doc__ or ""), patch, tuple(finds), family, hole=hole))
        return patch

    return planted


def register(new: Fault) -> None:
    """Enters a fault."""
    if new.name in FAULTS:
        raise SuiteFault(f"fault {new.name} is defined twice")
    FAULTS[new.name] = new


def load() -> dict[str, Fault]:
    """Every fault by name, all modules of this package imported."""
    _import_all()
    return FAULTS


@cache
def _import_all() -> None:
    """Once: every look-up of a fault comes here."""
    package = importlib.import_module("conformance.faults")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"conformance.faults.{module.name}")


def find(name: str) -> Fault:
    """The change of this name: a fault planted by hand, a rule mutant, or a variant that is not wrong."""
    known = load()
    if name.startswith(MUTANT):
        mutant = importlib.import_module("conformance.faults.mutation").find_mutant(name)
        return Fault(name, mutant.statement, lambda _engine: mutant.plant())
    if name.startswith(VARIANT):
        variant = importlib.import_module("conformance.faults.harmless").find_variant(name)
        return Fault(name, variant.statement, variant.patch)
    if name not in known:
        near = ", ".join(get_close_matches(name, known, 3)) or f"`conformance list faults` shows all {len(known)}"
        raise UsageError(f"no fault named {name!r}; {near}")
    return known[name]
