"""A failed case made smaller for as long as it fails: fewer reads, shorter axes, rounder numbers. Greedy, on the live engine.

What a smaller operator case must show is computed anew, for which python-flint is needed. What a documented behaviour
must show is known for its own numbers only, so it loses the reads that are right, and what only these looked at.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from conformance.cases import Case
from conformance.compare import Status
from conformance.errors import UsageError
from conformance.judging import judge_case
from conformance.oracles.judged import judged
from conformance.program import Program, Statement
from conformance.record import Record
from conformance.runner import EngineSpec, execute

_WRONG = (Status.FAIL, Status.ERROR)
_ROUNDS = 40
_AT_ONCE = 24  # candidates of one round, which one process answers


@dataclass(frozen=True)
class Shrunk:
    """The smallest case found that still fails, how it fails, and how many smaller ones were tried."""

    case: Case
    record: Record
    tried: int


def shrink(case: Case, spec: EngineSpec) -> Shrunk:
    """The case, as small as single steps make it while the engine fails it with the same status.

    *errors*: `UsageError` where the engine does not fail it, where it is no program, or python-flint is missing.
    """
    if case.program is None:
        raise UsageError(f"{case.id} is a function, not a program; there is nothing to drop from it")
    if case.facets and importlib.util.find_spec("flint") is None:
        raise UsageError(
            "a smaller case needs a truth of its own, for which python-flint is missing; install refgrad[corpus]"
        )
    found = Shrunk(case, _asked([first_failing([case], spec)], spec)[0], 0)
    for _ in range(_ROUNDS):
        smaller = list(islice(_candidates(found), _AT_ONCE))
        records = _asked(smaller, spec)
        hit = next((i for i, r in enumerate(records) if r.status == found.record.status), None)
        found = replace(found, tried=found.tried + len(smaller))
        if hit is None:
            break
        found = replace(found, case=smaller[hit], record=records[hit])
    return found


def first_failing(cases: Sequence[Case], spec: EngineSpec) -> Case:
    """The first of the cases that the engine fails; *errors*: `UsageError` where it fails none."""
    programs = sorted((case for case in cases if case.program is not None), key=lambda case: case.dtype != "float64")
    wrong = (case for case, r in zip(programs, _asked(programs, spec), strict=True) if r.status in _WRONG)
    found = next(wrong, None)
    if found is None:
        raise UsageError(f"{spec.label} fails none of {len(programs)} programs; there is nothing to shrink")
    return found


def _asked(cases: Sequence[Case], spec: EngineSpec) -> list[Record]:
    """The judgement of each, in their order."""
    named = [replace(case, id=f"{i}") for i, case in enumerate(cases)]
    replies = execute(spec, named)
    return [replace(judge_case(n, replies[n.id]), case=case.id) for n, case in zip(named, cases, strict=True)]


def _candidates(found: Shrunk) -> Iterator[Case]:
    """Smaller cases, the boldest first, each with what it must show."""
    yield from _with_fewer_reads(found)
    case = found.case
    if not case.facets or case.program is None:
        return
    group, seen = case.facets["group"], {case.program.digest}
    for program in (*_with_shorter_axes(case.program), *_with_rounder_numbers(case.program)):
        if program.digest in seen:
            continue
        seen.add(program.digest)
        try:
            yield replace(case, program=program, expectations=judged(program, case.dtype, group).expectations)
        except Exception:  # noqa: BLE001, S112 - whatever is wrong with it, it is no program, or none with a truth
            continue


def _with_fewer_reads(found: Shrunk) -> Iterator[Case]:
    """Without the reads that are right, if there is one that is wrong."""
    case, read = found.case, found.record.details.get("read")
    if read is None or case.program is None or len(case.program.reads) < 2:
        return
    wanted = [e for e in case.expectations if e.read == read]
    if any(e.kind == "equal" for e in wanted):  # to another read
        return
    kept = _without_idle(s for s in case.program.statements if s.do != "read" or read in s.out)
    yield replace(case, program=Program(kept), expectations=tuple(wanted))


def _without_idle(statements: Iterator[Statement]) -> tuple[Statement, ...]:
    """The statements less those that only make what nothing looks at."""
    kept, needed = [], set[str]()
    for s in reversed(tuple(statements)):
        if s.do in ("leaf", "op") and not needed & set(s.out):
            continue
        kept.append(s)
        needed |= _inner(s)
    return tuple(reversed(kept))


def _inner(s: Statement) -> set[str]:
    """Every name that a statement or its body reads."""
    return set(s.references()).union(*(_inner(b) for b in s.body))


def _with_shorter_axes(program: Program) -> Iterator[Program]:
    """With all axes of one length cut to one, or to a half."""
    lengths = {n for s in program.walk() if s.do == "leaf" for n in s.args[0].shape if n > 1}
    for n in sorted(lengths, reverse=True):
        for m in dict.fromkeys((1, n // 2)):
            yield _changed(program, lambda x, n=n, m=m: x[tuple(slice(m if k == n else k) for k in x.shape)])


def _with_rounder_numbers(program: Program) -> Iterator[Program]:
    """With numbers of one digit, or of two."""
    for digits in (0, 1):
        yield _changed(program, lambda x, digits=digits: np.round(x, digits) if x.dtype.kind in "fc" else x)


def _changed(program: Program, change: Callable[[np.ndarray], np.ndarray]) -> Program:
    """The program with every leaf's numbers changed; as it is where nothing changes."""

    def step(s: Statement) -> Statement:
        if s.do == "leaf":
            return replace(
                s, args=(np.ascontiguousarray(change(s.args[0])).reshape(change(s.args[0]).shape), *s.args[1:])
            )
        return replace(s, body=tuple(map(step, s.body))) if s.body else s

    return Program(tuple(map(step, program.statements)))
