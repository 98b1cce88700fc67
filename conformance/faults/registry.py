"""What a fault is: a named patch of an engine, and the behaviours or operator properties that must find it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from conformance.errors import SuiteFault, UsageError


@dataclass(frozen=True)
class Fault:
    """A small wrong change. `finds` holds glob patterns of case ids beyond the behaviours whose `kills` name it."""

    name: str
    statement: str
    patch: Callable[[Any], Any]
    finds: tuple[str, ...] = ()

    def before(self) -> None:
        """What must be wrong before the engine is imported: nothing, so far."""

    def after(self, engine: Any) -> Any:
        """The engine made wrong, for the life of the process."""
        return self.patch(engine) or engine


FAULTS: dict[str, Fault] = {}


def fault(name: str, *, finds: Sequence[str] = ()) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Registers a patch of an engine: a function of its adapter that makes it wrong; the docstring says how."""

    def register(patch: Callable[[Any], Any]) -> Callable[[Any], None]:
        if name in FAULTS:
            raise SuiteFault(f"fault {name} is defined twice")
        FAULTS[name] = Fault(name, inspect.cleandoc(patch.__doc__ or ""), patch, tuple(finds))
        return patch

    return register


def load() -> dict[str, Fault]:
    """Every fault by name, all modules of this package imported."""
    package = importlib.import_module("conformance.faults")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"conformance.faults.{module.name}")
    return FAULTS


def find(name: str) -> Fault:
    """The fault of this name."""
    known = load()
    if name not in known:
        near = ", ".join(get_close_matches(name, known, 3)) or f"`conformance list faults` shows all {len(known)}"
        raise UsageError(f"no fault named {name!r}; {near}")
    return known[name]
