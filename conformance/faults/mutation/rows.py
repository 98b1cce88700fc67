"""Mutants of what a rule gives: the sign flipped, doubled, dropped, or taken from another argument.

An elementwise rule serves both modes, and is wrong in both; a general row has its two modes mutated one by one. The other
kinds push forward by the operator itself, where there is no rule to mutate.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from refgrad.rules import VALUE, Constant, Elementwise, General, Operator, Plan, Rule, zeros_like

Pull = Callable[[Any, Any, Sequence[Any], dict[str, Any]], Any]

NEGATED, DOUBLED, DROPPED, EXCHANGED, CROSSED, PASSED = (
    "negated",
    "doubled",
    "dropped",
    "exchanged",
    "crossed",
    "passed",
)
_CHANGES: dict[str, Callable[[Any], Any]] = {NEGATED: lambda c: -c, DOUBLED: lambda c: 2 * c, DROPPED: lambda c: 0 * c}
_STATEMENTS = {
    NEGATED: "the sign of {what} is flipped",
    DOUBLED: "{what} is twice what it should be",
    DROPPED: "{what} is missing",
    EXCHANGED: "{what} follows the rule of the next argument, and that one the rule of this",
    CROSSED: "{what} is computed with this argument's value and the next one's exchanged",
    PASSED: "{what} is the identity, not zero",
}


@dataclass(frozen=True)
class RowMutant:
    """One rule of one row, for one direction ("pull", "push" or "both"), and what is done to it."""

    row: str
    argument: int
    direction: str
    change: str

    @property
    def name(self) -> str:
        return f"mutant:{self.row}/{self.direction}{self.argument}/{self.change}"

    @property
    def statement(self) -> str:
        what = f"the derivative of {self.row} by argument {self.argument}"
        what += {"pull": " in reverse mode", "push": " in forward mode"}.get(self.direction, "")
        return f"{_STATEMENTS[self.change].format(what=what).capitalize()}."

    def plant(self) -> None:
        """Makes the row wrong, for the life of the process."""
        operator = rows()[self.row]
        if self.change == EXCHANGED:
            _exchange(operator, self.argument)
        elif self.change == CROSSED:
            _cross(operator, self.argument)
        else:
            change = _CHANGES.get(self.change)
            if self.direction != "push":
                _change_pull(operator, self.argument, change)
            if self.direction != "pull":
                _change_push(operator, self.argument, change)
        forget_plans(operator)


@cache
def rows() -> dict[str, Operator]:
    """Every row of the derivative table by chapter and name, such as ``arithmetic.mul``, where it is written."""
    found = {}
    for module in chapters():
        for name in _MADE.findall(inspect.getsource(module)):
            if isinstance(getattr(module, name, None), Operator):
                found[f"{module.__name__.rpartition('.')[2]}.{name}"] = getattr(module, name)
    return dict(sorted(found.items()))


_MADE = re.compile(r"^(\w+) = \(?\s*\w+\(", re.MULTILINE)  # at the margin, by a call: not another's alias


def chapters() -> list[ModuleType]:
    """The modules that rows are written in."""
    package = importlib.import_module("refgrad.ops")
    names = [f"refgrad.ops.{m.name}" for m in pkgutil.iter_modules(package.__path__)]
    return [importlib.import_module(name) for name in ("refgrad.rules", *names)]


def row_mutants() -> Iterator[RowMutant]:
    """All of them: of every rule of every row that has a derivative."""
    for row, operator in rows().items():
        if isinstance(operator, Constant):
            yield RowMutant(row, 0, "both", PASSED)
            continue
        pullable = [i for i, rule in enumerate(operator.rules) if rule is not None]
        for i in pullable:
            yield from _of_argument(row, operator, i)
        for i, following in zip(pullable, pullable[1:], strict=False):
            if following == i + 1:
                yield from _of_pair(row, operator, i)


def _of_argument(row: str, operator: Operator, i: int) -> Iterator[RowMutant]:
    if operator.rules[i] == 0:  # nothing to flip, double or drop
        return
    for change in _CHANGES:
        if isinstance(operator, Elementwise):
            yield RowMutant(row, i, "both", change)
            continue
        yield RowMutant(row, i, "pull", change)
        if isinstance(operator, General):
            yield RowMutant(row, i, "push", change)


def _of_pair(row: str, operator: Operator, i: int) -> Iterator[RowMutant]:
    one, other = operator.rules[i : i + 2]
    if callable(getattr(one, "function", None)) or one != other:
        direction = "both" if isinstance(operator, Elementwise) else "pull"
        yield RowMutant(row, i, direction, EXCHANGED)
        if _reads(operator, one, i):
            yield RowMutant(row, i, direction, CROSSED)


def _reads(operator: Operator, rule: Any, i: int) -> bool:
    """Whether the rule looks at the value of this argument or of the next."""
    lead = operator._layout[1]
    return isinstance(rule, Rule) and VALUE in (rule.looks(lead + i), rule.looks(lead + i + 1))


def forget_plans(operator: Operator) -> None:
    """What was prepared from the rules as they were."""
    operator._plans.clear()
    operator.planned.clear()


def _serves(operator: Operator, rule: int, argument: int) -> bool:
    """Whether the rule is that of the argument; the last one serves all further arguments too."""
    return argument == rule or (argument > rule == len(operator.rules) - 1)


def wrap_pulls(operator: Operator, argument: int, make: Callable[[Pull], Pull]) -> None:
    """Puts `make(pull)` in the place of the pull-back to this argument."""
    compiled = operator._compiled

    def wrong(rule: Any, at: int) -> Pull:
        pull = compiled(rule, at)
        return make(pull) if _serves(operator, argument, at) else pull

    operator._compiled = wrong  # type: ignore[method-assign]


def _change_pull(operator: Operator, argument: int, change: Callable[[Any], Any] | None) -> None:
    if change is None:
        wrap_pulls(operator, argument, lambda _: lambda g, y, xs, attrs: g)
    else:
        wrap_pulls(operator, argument, lambda pull: lambda g, y, xs, attrs: change(pull(g, y, xs, attrs)))


def _change_push(operator: Operator, argument: int, change: Callable[[Any], Any] | None) -> None:
    push = operator.push

    def wrong(tangents: Sequence[Any], y: Any, xs: Sequence[Any], attrs: dict[str, Any]) -> Any:
        if change is None:
            return next(t for t in tangents if t is not None) + zeros_like(y)
        changed = [change(t) if t is not None and _serves(operator, argument, i) else t for i, t in enumerate(tangents)]
        return push(changed, y, xs, attrs)

    operator.push = wrong  # type: ignore[method-assign]


def _exchange(operator: Operator, i: int) -> None:
    rules = list(operator.rules)
    rules[i], rules[i + 1] = rules[i + 1], rules[i]
    operator.rules = tuple(rules)


def _cross(operator: Operator, i: int) -> None:
    """Both arguments' values exchanged before the rule sees them; all are kept, so that there is something to exchange."""
    keep_everything(operator)

    def crossed(xs: Sequence[Any]) -> list[Any]:
        return [*xs[:i], xs[i + 1], xs[i], *xs[i + 2 :]]

    wrap_pulls(operator, i, lambda pull: lambda g, y, xs, attrs: pull(g, y, crossed(xs), attrs))


def keep_everything(operator: Operator) -> None:
    """Lets the operator keep its result and all its arguments for the backward pass."""
    plan = operator.plan

    def whole(needs: tuple[bool, ...]) -> Plan:
        found = plan(needs)
        full = Plan(VALUE, (VALUE,) * len(needs), found.pulls, found.at_home)
        full.save = found.save
        operator._plans[needs] = full
        return full

    operator.plan = whole  # type: ignore[method-assign]
