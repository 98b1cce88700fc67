"""Planted errors: what becomes of a right gradient when one of its elements is wrong by little.

Every frozen gradient is answered once with its own truth and once with what PyTorch gives, where that is installed, and
then with one element changed, each in turn. The comparator must say fail.
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conformance.cases import Case
from conformance.codec import decode_array, encode_array
from conformance.compare import Expectation, Status, judge
from conformance.corpus import load_cases
from conformance.operators import find

RELATIVE: Mapping[str, float] = {"float64": 1e-6, "float32": 1e-3, "complex128": 1e-6, "complex64": 1e-3}
"""How far off the one element is, relative to itself; where the truth is zero, to the largest entry of the gradient; and where
there is no derivative, beyond the end of the subdifferential, relative to that.
"""
REACH = 0.99
_GRADED = "graded inaccurate"
TRUTH, PYTORCH = "truth", "torch"
_RIGHT = (Status.PASS, Status.PERMITTED)
_ELEMENTS = 12  # planted in one array, evenly spread: more would say nothing new of a large one


@dataclass
class Tally:
    """How many cases had an error planted in them, each element in turn, and how much of that was noticed."""

    cases: int = 0
    noticed: float = 0.0  # the shares of elements that fail, added up
    graded: float = 0.0  # … that fail or are graded inaccurate
    whole: int = 0  # cases in which every element is noticed
    reasons: Counter[str] = field(default_factory=Counter)  # cases that miss an element, by why

    def add(self, missed: list[str]) -> None:
        """Counts a case; `missed` has an entry for each element, empty where it was noticed."""
        found = sum(not why for why in missed)
        self.cases += 1
        self.noticed += found / len(missed)
        self.graded += sum(not why or _GRADED in why for why in missed) / len(missed)
        self.whole += found == len(missed)
        self.reasons.update(set(filter(None, missed)))

    @property
    def share(self) -> float:
        """The share of cases that fail for an error in one element, when any element is as likely as another."""
        return self.noticed / self.cases if self.cases else 1.0

    @property
    def graded_share(self) -> float:
        """The same, with the cases that become a finding without failing."""
        return self.graded / self.cases if self.cases else 1.0


@dataclass
class Planted:
    """The tallies of all frozen gradients."""

    relative: Mapping[str, float] = field(default_factory=lambda: RELATIVE)
    tallies: dict[tuple[str, str, str], Tally] = field(default_factory=dict)  # by answers, dtype and group
    operators: dict[tuple[str, str], Tally] = field(default_factory=dict)  # by operator and dtype, truths only
    by_dtype: dict[tuple[str, str], Tally] = field(default_factory=dict)  # by answers and dtype, of the core
    beyond: dict[tuple[str, str], Tally] = field(default_factory=dict)  # the same, of operators beyond it

    def add(self, answers: str, case: Case, missed: list[str]) -> None:
        """Counts one case in every table."""
        facets = case.facets or {}
        self.tallies.setdefault((answers, case.dtype, facets["group"]), Tally()).add(missed)
        by_dtype = self.by_dtype if find(facets["operator"]).core else self.beyond
        by_dtype.setdefault((answers, case.dtype), Tally()).add(missed)
        if answers == TRUTH:
            self.operators.setdefault((facets["operator"], case.dtype), Tally()).add(missed)


def planted(cases: Iterable[Case] | None = None) -> Planted:
    """Plants an error into every frozen gradient that has a number other than zero in it."""
    found = Planted()
    answerers: dict[str, Callable[[Case], dict[str, Any]]] = {TRUTH: _truth}
    if importlib.util.find_spec("torch"):
        answerers[PYTORCH] = _pytorch()
    for case in load_cases() if cases is None else cases:
        if case.dtype not in RELATIVE or (case.facets or {}).get("group") == "value":
            continue
        for answers, ask in answerers.items():
            missed = missed_in(case, ask(case))
            if missed:
                found.add(answers, case, missed)
    return found


def missed_in(case: Case, reply: Mapping[str, Any]) -> list[str]:
    """For every element that an error can be planted in: why it was missed, or nothing where it was noticed.

    Empty where the reply is not right to begin with, or has nothing but zeros and what is not finite in it.
    """
    if judge(case.expectations, reply).status not in _RIGHT:
        return []
    return [why for e in case.expectations if e.kind == "array" for why in _missed_in_array(e, reply)]


def _missed_in_array(e: Expectation, reply: Mapping[str, Any]) -> Iterator[str]:
    got = decode_array(reply["observations"][e.read]["array"])
    largest = np.max(np.abs(got[np.isfinite(got)]), initial=0.0)
    if got.dtype.kind not in "fc" or not largest:
        return
    relative = RELATIVE[got.dtype.name]
    for flat in np.unique(np.linspace(0, got.size - 1, min(got.size, _ELEMENTS)).astype(int)):
        at = np.unravel_index(flat, got.shape)
        if not np.isfinite(got[at]):
            continue
        wrong = got.copy()
        right = _far_end(e, at, got)
        with np.errstate(over="ignore", under="ignore"):
            wrong[at] = right + relative * (right or largest)
        if wrong[at] == got[at]:  # a subnormal number has no neighbour that near
            continue
        changed = {e.read: {"array": encode_array(wrong)}}  # the other answers are right, and stay so
        found = judge((e,), {"status": "done", "observations": changed})
        yield "" if found.status is Status.FAIL else _why(e, found.grade, at)


def _far_end(e: Expectation, at: tuple[Any, ...], got: np.ndarray) -> Any:
    """The answer, or the end that is farther from zero of what is right at a kink."""
    ends = [end[at] for end in e.between]
    return max(ends, key=abs) if ends and ends[0] < ends[1] else got[at]


def _why(e: Expectation, grade: str, at: tuple[Any, ...]) -> str:
    if grade == "inaccurate":
        return (
            "second bound: graded inaccurate" if e.second is not None else "small: graded inaccurate beside the largest"
        )
    truth = np.abs(e.value).astype(float)
    limit = 0.0 if e.tolerance is None else float(np.broadcast_to(e.tolerance, e.value.shape)[at])
    largest = float(np.max(truth[np.isfinite(truth)], initial=0.0))
    if limit <= 64 * float(np.finfo(e.value.dtype).tiny):
        return "subnormal: within the underflow that is allowed"
    if limit > RELATIVE.get(e.value.dtype.name, 1e-3) * largest:
        return "wide: the tolerance exceeds the error for the largest entry too"
    return "ill-conditioned: the tolerance of this element exceeds the error"


def _truth(case: Case) -> dict[str, Any]:
    return {"status": "done", "observations": {e.read: {"array": encode_array(e.value)} for e in case.expectations}}


def _pytorch() -> Callable[[Case], dict[str, Any]]:
    from conformance.engines.torch import TorchEngine

    engine = TorchEngine()
    return lambda case: engine.run(case.program)
