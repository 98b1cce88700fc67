"""How faults change refgrad: a function, method or property is replaced by one made from it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any


def module(name: str) -> Any:
    """The module ``refgrad.<name>``."""
    return importlib.import_module(f"refgrad.{name}")


def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Replaces an attribute by what `make` gives for the original."""
    setattr(owner, name, make(getattr(owner, name)))


def replace_everywhere(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """The same, also where other modules of refgrad imported the original under its name."""
    original = getattr(owner, name)
    wrong = make(original)
    for known in [m for key, m in sys.modules.items() if key.partition(".")[0] == "refgrad" and m is not None]:
        if getattr(known, name, None) is original:
            setattr(known, name, wrong)
    setattr(owner, name, wrong)


def replace_property(owner: type, name: str, make: Callable[[Callable[[Any], Any]], Callable[[Any], Any]]) -> None:
    """Replaces what reading a property gives; assigning stays as it is."""
    original = owner.__dict__[name]
    setattr(owner, name, property(make(original.fget), original.fset, original.fdel))


def replace_setter(owner: type, name: str, setter: Callable[[Any, Any], None]) -> None:
    """Replaces what assigning to a property does; reading stays as it is."""
    original = owner.__dict__[name]
    setattr(owner, name, property(original.fget, setter, original.fdel))


def replace_rule(chapter: str, row: str, argument: int, wrong: Any) -> None:
    """Replaces one rule of a row of the derivative table: a function like the right one, or a number."""
    operator = getattr(module(f"ops.{chapter}"), row)
    rule = type(next(r for r in operator.rules if callable(getattr(r, "function", None)))) if callable(wrong) else None
    rules = list(operator.rules)
    rules[argument] = rule(wrong) if rule else wrong
    operator.rules = tuple(rules)
    operator._plans.clear()
    operator.planned.clear()
