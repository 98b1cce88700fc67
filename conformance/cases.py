"""Behaviours and cases: what a requirement is, how its case is written, and the registry of both."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from conformance.compare import Expectation
from conformance.errors import SuiteFault
from conformance.program import Program
from conformance.recorder import Recorder

MUST, SHOULD, MAY = "must", "should", "may"
FUNCTIONAL, IMPERATIVE = "functional", "imperative"


@dataclass(frozen=True)
class Behaviour:
    """One documented statement. `kills` names the planted faults that its cases must find."""

    id: str
    statement: str
    level: str
    profile: str
    source: str
    kills: tuple[str, ...] = ()
    discrepancy: str = ""
    needs: tuple[str, ...] = ()  # features beyond those of its programs, such as "namespace" or "threads"
    since: str = ""
    until: str = ""
    depends: tuple[str, ...] = ()  # behaviours without which this one means nothing, beyond its area's foundations
    file: str = ""  # where it is written

    @property
    def area(self) -> str:
        return self.id.partition(".")[0]

    @property
    def demanded(self) -> str:
        """The level of its cases: where PyTorch departs from its documentation, no other engine must follow it."""
        return SHOULD if self.discrepancy and self.level == MUST else self.level


@dataclass(frozen=True)
class Case:
    """One program (or namespace function) with one dtype and what it must show: the unit of counting."""

    id: str
    requirement: str
    level: str
    profile: str
    dtype: str
    program: Program | None = None
    function: str = ""  # "module:qualified_name" of a namespace case
    expectations: tuple[Expectation, ...] = ()
    facets: Mapping[str, str] | None = None  # operator, region, order, direction, … of an operator case
    needs: frozenset[str] = frozenset()

    @property
    def features(self) -> frozenset[str]:
        """Everything that an engine must have to run the case, operators aside."""
        return self.needs | (self.program.features if self.program else {"namespace"})


@dataclass(frozen=True)
class _Entry:
    behaviour: str
    function: Callable[..., None]
    dtypes: tuple[str, ...]
    namespace: bool
    label: str
    needs: frozenset[str]


_OF_A_NAMESPACE = frozenset({"checkpoint", "functional-api", "gradcheck", "nn", "vmap"})
"""What a behaviour may need of a namespace; a program that shows it by other means needs its own statements only."""

BEHAVIOURS: dict[str, Behaviour] = {}
_ENTRIES: list[_Entry] = []


def behaviour(
    id: str,
    *,
    level: str,
    profile: str,
    source: str,
    kills: Sequence[str] = (),
    dtypes: Sequence[str] = ("float64", "float32"),
    discrepancy: str = "",
    needs: Sequence[str] = (),
    since: str = "",
    until: str = "",
    depends: Sequence[str] = (),
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers a documented behaviour with the case that shows it; the docstring is the statement.

    A function whose parameter is `p` is recorded as a program; one whose parameter is `torch` runs in the worker, for
    engines that offer a PyTorch-like namespace.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        if id in BEHAVIOURS:
            raise SuiteFault(f"behaviour {id} is defined twice, in {BEHAVIOURS[id].file} and {_file(function)}")
        statement = inspect.cleandoc(function.__doc__ or "")
        if not statement:
            raise SuiteFault(f"{_file(function)}: behaviour {id} has no statement; write it as the docstring")
        BEHAVIOURS[id] = Behaviour(
            id,
            statement,
            level,
            profile,
            source,
            tuple(kills),
            discrepancy,
            tuple(needs),
            since,
            until,
            tuple(depends),
            _file(function),
        )
        return also(id, dtypes=dtypes)(function)

    return register


def also(
    id: str,
    *,
    dtypes: Sequence[str] = ("float64", "float32"),
    needs: Sequence[str] = (),
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers one more case of a behaviour that is already defined; `needs` is what this case alone needs."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        namespace = next(iter(inspect.signature(function).parameters)) == "torch"
        label = function.__name__ if any(e.behaviour == id for e in _ENTRIES) else ""
        chosen = ("float64",) if namespace else tuple(dtypes)
        _ENTRIES.append(_Entry(id, function, chosen, namespace, label, frozenset(needs)))
        return function

    return register


def _file(function: Callable[..., None]) -> str:
    return f"{function.__module__.replace('.', '/')}.py"


def catalogue_cases() -> list[Case]:
    """Every case of every registered behaviour, in order of definition."""
    return [_case(entry, dtype) for entry in _ENTRIES for dtype in entry.dtypes]


def _case(entry: _Entry, dtype: str) -> Case:
    b = BEHAVIOURS.get(entry.behaviour)
    if b is None:
        where = f"{_file(entry.function)}: {entry.function.__name__}"
        raise SuiteFault(f"{where} is a case of the behaviour {entry.behaviour!r}, which does not exist")
    label = f"/{entry.label}" if entry.label else ""
    needs = frozenset(b.needs) if entry.namespace else frozenset(b.needs) - _OF_A_NAMESPACE
    shared: dict[str, Any] = {
        "requirement": b.id,
        "level": b.demanded,
        "profile": b.profile,
        "dtype": dtype,
        "needs": entry.needs | needs,
    }
    if entry.namespace:
        where = f"{entry.function.__module__}:{entry.function.__qualname__}"
        return Case(f"{b.id}{label}", function=where, **shared)
    program, expectations = _recorded(entry.function, dtype)
    if not expectations:
        raise SuiteFault(f"{_file(entry.function)}: a case of {b.id} expects nothing; every case asserts something")
    return Case(f"{b.id}{label}@{dtype}", program=program, expectations=expectations, **shared)


@cache
def _recorded(function: Callable[..., None], dtype: str) -> tuple[Program, tuple[Expectation, ...]]:
    """What a function says over the recorder, which is the same each time."""
    p = Recorder(dtype)
    function(p)
    return p.program(), tuple(p.expectations)
