"""What is wrong with the suite itself: cases that cannot fail, requirements without source or fault, dead names."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from conformance.cases import BEHAVIOURS, FUNCTIONAL, IMPERATIVE, MAY, MUST, SHOULD, Behaviour, Case
from conformance.catalogue.ledger import Line, ledger
from conformance.compare import Expectation
from conformance.completeness import Trace, faults_have_killers, ids_are_kept, nothing_rests_on_itself, trace, where
from conformance.faults import load as load_faults
from conformance.operators import specs
from conformance.program import KINDS
from conformance.spelling import spelled

_ID = re.compile(r"[a-z0-9]+([-_.][a-z0-9]+)*")
_ASSERTING = re.compile(r"^(assert_?\w*|expect\w*|raises|warns)$")
_SYNTAX = frozenset({"setitem"})
_TAGGED = re.compile(r"[a-z0-9]+([-._:][a-z0-9]+)*")


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of the suite: where, what, and what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True)
class Suite:
    """All that is checked."""

    behaviours: tuple[Behaviour, ...]
    cases: tuple[Case, ...]
    faults: frozenset[str]
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of cases that find a fault
    ledger: tuple[Line, ...] | None = None

    @property
    def trace(self) -> Trace:
        """How much of what is documented is traced, executed and untestable."""
        return trace(self.behaviours, self.cases, self.ledger or ())


def suite() -> Suite:
    """The suite as installed. Two cases with one id cannot even be loaded, and are said by the error of that."""
    from conformance.caselist import all_cases

    cases = tuple(all_cases())
    faults = load_faults()
    patterns = {name: fault.finds for name, fault in faults.items()}
    return Suite(tuple(BEHAVIOURS.values()), cases, frozenset(faults), patterns, ledger())


def problems(found: Suite | None = None) -> list[Problem]:
    """Every problem, sorted; none is what every commit must have."""
    found = found or suite()
    return sorted({p for check in CHECKS for p in check(found)})


def ids_are_unique(found: Suite) -> Iterator[Problem]:
    """One id names one case, and is made to last."""
    for name, count in Counter(c.id for c in found.cases).items():
        if count > 1:
            yield Problem(name, f"{count} cases have this id; give each its own label with @also")
    for b in found.behaviours:
        if not _ID.fullmatch(b.id) or "." not in b.id:
            yield Problem(where(b), "an id is area.what-it-says, in lower case with hyphens")


def behaviours_are_complete(found: Suite) -> Iterator[Problem]:
    """Each has a statement, a source, a level and a profile that exist."""
    for b in found.behaviours:
        if not b.statement.strip():
            yield Problem(where(b), "has no statement; write it as the docstring")
        if not b.source.strip():
            yield Problem(where(b), "has no source; name the page or docstring that says so")
        if b.level not in (MUST, SHOULD, MAY):
            yield Problem(where(b), f"level {b.level!r} is none of must, should, may")
        if b.profile not in (FUNCTIONAL, IMPERATIVE):
            yield Problem(where(b), f"profile {b.profile!r} is none of functional, imperative")


def behaviours_have_cases(found: Suite) -> Iterator[Problem]:
    """A statement without a case is a promise."""
    traced = {c.requirement for c in found.cases}
    for b in found.behaviours:
        if b.id not in traced:
            yield Problem(where(b), "no case shows it")


def musts_name_faults(found: Suite) -> Iterator[Problem]:
    """Each must-behaviour names a planted fault that it finds, so that we know it can fail."""
    for b in found.behaviours:
        if b.level == MUST and not b.kills:
            yield Problem(
                where(b), "is a must and names no fault; plant one in conformance/faults and name it in kills="
            )
        for name in b.kills:
            if name not in found.faults:
                yield Problem(where(b), f"names the fault {name!r}, which does not exist")


def cases_assert(found: Suite) -> Iterator[Problem]:
    """No case without an assertion, and no read that nothing looks at."""
    for c in found.cases:
        if c.program is None:
            if not _asserts(c.function):
                yield Problem(c.id, "asserts nothing; a case that cannot fail shows nothing")
            continue
        if not c.expectations:
            yield Problem(c.id, "expects nothing; a case that cannot fail shows nothing")
        reads = [s.out[0] for s in c.program.reads]
        looked_at = set(_looked_at(c.expectations))
        yield from (Problem(c.id, f"reads {r} and expects nothing of it") for r in reads if r not in looked_at)
        yield from (
            Problem(c.id, f"expects something of {r}, which it never reads") for r in looked_at if r not in reads
        )


def expectations_are_sound(found: Suite) -> Iterator[Problem]:
    """A tolerance has the shape of its truth, is a number, and not negative."""
    for c in found.cases:
        for e in c.expectations:
            if e.kind != "array" or e.tolerance is None:
                continue
            if np.shape(e.tolerance) not in ((), np.shape(e.value)):
                yield Problem(
                    c.id, f"the tolerance of {e.read} has shape {np.shape(e.tolerance)}, its truth {np.shape(e.value)}"
                )
            if not np.all(np.asarray(e.tolerance) >= 0):
                yield Problem(
                    c.id, f"the tolerance of {e.read} is negative or nan somewhere; such a case can never fail"
                )


def names_lead_somewhere(found: Suite) -> Iterator[Problem]:
    """Operators are known, features are spelled as features, and what a case rests on exists."""
    known = specs()
    ids = {b.id for b in found.behaviours}
    for c in found.cases:
        for name in c.program.operators if c.program else ():
            if name not in known and name.rstrip("_") not in known and name not in _SYNTAX and not name.endswith("_"):
                yield Problem(c.id, f"uses the operator {name!r}, which no chapter of conformance/operators has")
        for feature in c.needs:
            if not _TAGGED.fullmatch(feature):
                yield Problem(c.id, f"needs {feature!r}, which is not the name of a feature")
        if not c.requirement.startswith("operator.") and c.requirement not in ids:
            yield Problem(c.id, f"rests on the requirement {c.requirement!r}, which does not exist")


def statements_can_be_printed(_found: Suite) -> Iterator[Problem]:
    """Every failure shows its program as code, whatever is in it."""
    for kind in KINDS:
        if kind not in spelled():
            yield Problem(f"statement {kind}", "has no spelling; add it to conformance/spelling.py")


def ids_are_those_published(found: Suite) -> Iterator[Problem]:
    """Every published id is there as promised, and every other one is new to the ledger."""
    if found.ledger is not None:
        yield from (Problem(*p) for p in ids_are_kept(found.behaviours, found.ledger))


def faults_are_looked_for(found: Suite) -> Iterator[Problem]:
    """A fault that nothing must find tests nothing."""
    yield from (Problem(*p) for p in faults_have_killers(found.behaviours, found.faults, found.patterns, found.cases))


def foundations_hold(found: Suite) -> Iterator[Problem]:
    """What a behaviour rests on exists and does not rest on it."""
    if found.ledger is not None:
        yield from (Problem(*p) for p in nothing_rests_on_itself(found.behaviours))


CHECKS: tuple[Callable[[Suite], Iterable[Problem]], ...] = (
    ids_are_unique,
    behaviours_are_complete,
    behaviours_have_cases,
    musts_name_faults,
    cases_assert,
    expectations_are_sound,
    names_lead_somewhere,
    statements_can_be_printed,
    ids_are_those_published,
    faults_are_looked_for,
    foundations_hold,
)


def _looked_at(expectations: Iterable[Expectation]) -> Iterator[str]:
    for e in expectations:
        yield e.read
        if e.kind == "equal":
            yield e.value


def _asserts(function: str) -> bool:
    """Whether the source of a namespace case has an assertion, or calls something of its module that has one."""
    module_name, _, name = function.partition(":")
    module = importlib.import_module(module_name)
    return _source_asserts(getattr(module, name), module.__dict__, set())


def _source_asserts(function: object, scope: dict[str, object], seen: set[str]) -> bool:
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))  # type: ignore[arg-type]
    called = {_called(n) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    if any(isinstance(n, ast.Assert) for n in ast.walk(tree)) or any(_ASSERTING.match(c) for c in called):
        return True
    inner = {c for c in called if inspect.isfunction(scope.get(c)) and c not in seen}
    return any(_source_asserts(scope[c], scope, seen | inner) for c in inner)


def _called(node: ast.Call) -> str:
    function = node.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )
