"""Which cases run through which rule: found by running them all once on refgrad as it is, and looking on."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from conformance.cases import Case
from conformance.engines.refgrad import RefgradEngine
from conformance.faults.kills import request_of
from conformance.faults.mutation.rows import forget_plans, rows
from conformance.faults.mutation.sources import functions
from conformance.protocol.worker import answer


def touching(cases: Iterable[Case]) -> dict[str, list[str]]:
    """The ids of the cases that run through each function, and each rule of each row in each direction, in their order.

    A rule is called ``arithmetic.mul/pull0`` or ``…/push0``, a function as in `functions`.
    """
    engine, found = RefgradEngine(), defaultdict(list)
    codes = {function.__code__: name for name, function in functions().items()}
    with _watched_rows() as passed:
        for case in cases:
            passed.clear()
            with _watched_calls(codes, passed):
                answer(engine, request_of(case))
            for name in passed:
                found[name].append(case.id)
    return dict(found)


@contextmanager
def _watched_calls(codes: Mapping[CodeType, str], passed: set[str]) -> Iterator[None]:
    def look(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and (name := codes.get(frame.f_code)):
            passed.add(name)

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(None)


@contextmanager
def _watched_rows() -> Iterator[set[str]]:
    """The rules that were applied since the set was last emptied."""
    passed: set[str] = set()
    for row, operator in rows().items():
        _watch(row, operator, passed)
    try:
        yield passed
    finally:
        for operator in rows().values():
            del operator._compiled, operator.push
            forget_plans(operator)


def _watch(row: str, operator: Any, passed: set[str]) -> None:
    compiled, push = operator._compiled, operator.push

    def watched(rule: Any, argument: int) -> Any:
        pull, name = compiled(rule, argument), f"{row}/pull{min(argument, max(len(operator.rules) - 1, 0))}"
        return lambda *args: passed.add(name) or pull(*args)

    def watched_push(tangents: Sequence[Any], *args: Any) -> Any:
        last = max(len(operator.rules) - 1, 0)
        passed.update(f"{row}/push{min(i, last)}" for i, t in enumerate(tangents) if t is not None)
        return push(tangents, *args)

    operator._compiled, operator.push = watched, watched_push
    forget_plans(operator)
