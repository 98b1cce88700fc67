"""What every adapter must do before its engine is judged: numbers survive, what is lacking is said, nothing leaks.

Each check is a small program. An engine may say that it does not support one, or fail at it: that is for the judgement
to show. A wrong answer to one is a mistake of the adapter, which would spoil every judgement; it is said in their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from conformance.cases import FUNCTIONAL, MUST, Case
from conformance.compare import Status, judge
from conformance.errors import AdapterError
from conformance.program import Program, Ref, Statement
from conformance.recorder import Recorder

_REQUIREMENT = "smoke"
_FLOATS = [0.0, -0.0, 1.0, -1.5, 0.1, np.inf, -np.inf, np.nan]
_PATIENCE = 3  # processes that may break in a row before the first answer
_DTYPES = ("float64", "float32")  # an engine may have one of them only
_UNKNOWN, _ERROR, _AGAIN = "an unknown operator", "shapes that do not fit", "the same program once more"


def _arrays() -> Iterator[tuple[str, np.ndarray]]:
    """What must come back as it was sent."""
    yield "int64", np.array([0, -1, 2**53 + 1, -(2**63), 2**63 - 1])
    yield "bool", np.array([[True, False]])
    for dtype in _DTYPES:
        info = np.finfo(dtype)
        yield dtype, np.array([*_FLOATS, info.smallest_subnormal, info.max], dtype)
        yield f"a scalar of {dtype}", np.array(-2.5, dtype)
        yield f"no elements of {dtype}", np.zeros((2, 0, 3), dtype)
        yield f"a megabyte of {dtype}", np.arange((1 << 20) // info.dtype.itemsize).astype(dtype)  # no pipe holds it


def smoke_cases(workers: int = 1) -> list[Case]:
    """The checks, in the order in which they are to be asked; each worker gets the repeated one twice."""
    found = [_round_trip(name, array) for name, array in _arrays()]
    unknown = Statement("op", ("y",), (), {}, "no_such_operator")
    found.append(_case(_UNKNOWN, Program((unknown, Statement("read", ("r",), (Ref("y"),), {}, "value")))))
    found += [_case(f"{_ERROR}, {dtype}", _misfit(dtype)) for dtype in _DTYPES]
    again = [(dtype, k) for dtype in _DTYPES for k in range(2 * workers)]
    return found + [_case(f"{_AGAIN}, {dtype}, {k}", _repeated(dtype)) for dtype, k in again]


def _case(name: str, program: Program, expectations: Any = ()) -> Case:
    return Case(f"{_REQUIREMENT}/{name}", _REQUIREMENT, MUST, FUNCTIONAL, "float64", program, "", tuple(expectations))


def _round_trip(name: str, array: np.ndarray) -> Case:
    p = Recorder(array.dtype.name)
    p.expect(p.constant(array), array)
    return _case(name, p.program(), [replace(e, signed_zero=array.dtype.kind == "f") for e in p.expectations])


def _misfit(dtype: str) -> Program:
    p = Recorder(dtype)
    p.expect(p.op("mul", p.leaf([1.0, 2.0]), p.leaf([1.0, 2.0, 3.0])), 0.0)
    return p.program()


def _repeated(dtype: str) -> Program:
    p = Recorder(dtype)
    x = p.leaf([2.0, -3.0])
    p.op("mul", x, x).sum().backward()
    p.expect(x.grad, [4.0, -6.0])
    return p.program()


@dataclass
class Smoke:
    """Takes the replies to the checks as they come."""

    label: str  # the engine, in words
    workers: int = 1
    cases: list[Case] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # why the process broke, before it had answered anything
    heard: bool = False
    first: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # by dtype: the answer to the repeated program

    def __post_init__(self) -> None:
        self.cases = smoke_cases(self.workers)

    def __contains__(self, case: Case) -> bool:
        return case.requirement == _REQUIREMENT

    def take(self, case: Case, reply: Mapping[str, Any]) -> None:
        """Looks at one reply.

        *errors*: `AdapterError` where the adapter is wrong, in one line that names the engine and the check.
        """
        name = case.id.removeprefix(f"{_REQUIREMENT}/")
        problem = self._problem(name, case, reply)
        if problem:
            raise AdapterError(f"engine {self.label} is not judged: its adapter fails at {name}: {problem}")

    def _problem(self, name: str, case: Case, reply: Mapping[str, Any]) -> str:
        if reply["status"] in ("crash", "timeout"):
            self.lost += [] if self.heard else [reply["reason"]]
            return f"it answers nothing, and {reply['reason']}{_last(reply)}" if len(self.lost) == _PATIENCE else ""
        self.heard = True
        if name.startswith(_AGAIN):
            before = self.first.setdefault(name.rpartition(",")[0], reply)
            if reply != before:
                return (
                    f"{_in_words(reply)} where the same program gave {_in_words(before)}: something was left of another"
                )
        if name == _UNKNOWN and reply["status"] != "unsupported":
            return f"{_in_words(reply)} where there is no such operator; say unsupported"
        if reply["status"] == "error":
            return _of_error(reply["error"])
        judgement = judge(case.expectations, reply)
        return judgement.reason if judgement.status is Status.FAIL else ""


def _of_error(error: Mapping[str, Any]) -> str:
    """An engine may raise; the answer must say which class, and be an answer."""
    if not error["class"]:
        return "an error without a class"
    return error["message"] if error["class"] == "AdapterError" else ""


def _in_words(reply: Mapping[str, Any]) -> str:
    what = reply.get("error", {}).get("message") or reply.get("observations") or reply.get("feature", "")
    return f"{reply['status']} {str(what)[:100]!r}"


def _last(reply: Mapping[str, Any]) -> str:
    words = reply.get("stderr", "").splitlines()
    return f" ({words[-1].strip()})" if words else ""
