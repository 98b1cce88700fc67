"""The comparator's battery: adversarial pairs of what was expected and what was observed, with the judgement of each.

This file has the structure of answers; `test_compare_numbers` and `test_compare_dtypes` have their contents, and
`test_compare_mutants` sees that comparators which judge wrongly are noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from conformance.codec import encode_array, encode_literal, numpy_dtype
from conformance.compare import Expectation, judge
from conformance.errors import SuiteFault


@dataclass(frozen=True)
class Pair:
    """What is expected, what came back, and the judgement: a status, with the grade after it where there is one."""

    name: str
    expectations: tuple[Expectation, ...]
    reply: dict[str, Any]
    judgement: str
    because: str = ""  # words of the reason


def tensor(values: Any, dtype: str = "float64") -> dict[str, Any]:
    """The observation of a tensor, as it comes over the wire."""
    with np.errstate(all="ignore"):
        return {"array": encode_array(np.asarray(values).astype(numpy_dtype(dtype)))}


def flag(value: Any) -> dict[str, Any]:
    return {"flag": encode_literal(value)}


def error(name: str, message: str) -> dict[str, Any]:
    return {"error": {"class": name, "message": message}}


def warned(*pairs: tuple[list[str], str]) -> dict[str, Any]:
    return {"warnings": [{"classes": classes, "message": message} for classes, message in pairs]}


def pair(
    name: str, kind: str, value: Any, observed: dict[str, Any] | None, judgement: str, because: str = "", **options: Any
) -> Pair:
    """One expectation and one observation of it; None: it was not observed."""
    observations = {} if observed is None else {"r1": observed}
    return Pair(name, (Expectation("r1", kind, value, **options),), done(**observations), judgement, because)


def array(
    name: str,
    expected: Any,
    observed: Any,
    judgement: str,
    because: str = "",
    *,
    dtype: str = "float64",
    answer: str = "",
    tolerance: Any = None,
    permitted: tuple[Any, ...] = (),
    between: tuple[Any, ...] = (),
    total: Any = None,
    **options: Any,
) -> Pair:
    """A tensor for a tensor; `answer` is the dtype of the observed one, where it differs."""

    def of(values: Any) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(values).astype(numpy_dtype(dtype))

    limit = None if tolerance is None else np.broadcast_to(np.asarray(tolerance, np.float64), np.shape(expected))
    options |= {"tolerance": limit, "permitted": tuple(map(of, permitted)), "between": tuple(map(of, between))}
    options |= {} if total is None else {"total": np.asarray(total, np.float64)}
    return pair(name, "array", of(expected), tensor(observed, answer or dtype), judgement, because, **options)


def done(**observations: Any) -> dict[str, Any]:
    return {"status": "done", "observations": observations}


def judged(p: Pair) -> str:
    """The judgement of a pair as the table writes it."""
    found = judge(p.expectations, p.reply)
    return f"{found.status} {found.grade}".strip()


def check(p: Pair) -> None:
    """Asserts that a pair is judged as the table says."""
    found = judge(p.expectations, p.reply)
    assert f"{found.status} {found.grade}".strip() == p.judgement, found.reason
    assert p.because in found.reason


ONES = np.ones((2, 3))
_TWO = (Expectation("r1", "array", np.ones(2)), Expectation("r2", "array", np.zeros(2)))
NONE = {"none": True}

PAIRS = [
    # None or a tensor
    pair("None for a tensor of zeros", "array", np.zeros(2), NONE, "fail", "got none True"),
    pair("None for a tensor of ones", "array", np.ones(2), NONE, "fail"),
    pair("None for an empty tensor", "array", np.zeros((0, 3)), NONE, "fail"),
    pair("None for a zero of no dimension", "array", np.array(0.0), NONE, "fail"),
    pair("zeros for None", "flag", True, flag(False), "fail", "expected True, got False"),
    pair("None for None", "flag", True, flag(True), "pass"),
    pair("a tensor where a flag says whether it is None", "flag", True, tensor([0.0]), "fail", "got a tensor of shape (1,)"),
    pair("None where a flag is", "flag", True, NONE, "fail"),
    pair("a flag where a tensor is", "array", np.ones(1), flag(1.0), "fail", "expected a tensor, got flag"),
    pair("a flag of the tensor's list", "array", np.ones(2), flag((1.0, 1.0)), "fail"),
    pair("an error where a tensor is", "array", np.ones(1), error("RuntimeError", "no"), "fail", "got error"),
    pair("warnings where a tensor is", "array", np.ones(1), warned((["UserWarning"], "no")), "fail"),
    # missing and extra observations
    pair("nothing was observed", "array", np.ones(1), None, "fail", "nothing was observed"),
    pair("no flag was observed", "flag", False, None, "fail", "nothing was observed"),
    pair("no error was observed", "error", ("RuntimeError", ""), None, "fail"),
    pair("no warning was observed", "warning", ("UserWarning", ""), None, "fail"),
    pair("no text was observed", "lacks", "grad_fn", None, "fail"),
    Pair("the second of two is missing", _TWO, done(r1=tensor([1.0, 1.0])), "fail", "r2: nothing"),
    Pair("the first of two is missing", _TWO, done(r2=tensor([0.0, 0.0])), "fail", "r1: nothing"),
    Pair("the two are exchanged", _TWO, done(r1=tensor([0.0, 0.0]), r2=tensor([1.0, 1.0])), "fail", "r1"),
    Pair("the second of two is wrong", _TWO, done(r1=tensor([1.0, 1.0]), r2=tensor([0.0, 1.0])), "fail", "r2"),
    Pair("both are right", _TWO, done(r1=tensor([1.0, 1.0]), r2=tensor([0.0, 0.0])), "pass exact"),
    Pair("an observation too many", _TWO, done(r1=tensor([1.0, 1.0]), r2=tensor([0.0, 0.0]), r3=flag(False)), "pass exact"),
    Pair("only others were observed", _TWO[:1], done(r2=tensor([1.0, 1.0])), "fail", "nothing was observed"),
    Pair("an empty answer", _TWO[:1], done(), "fail"),
    # shapes
    array("right values, transposed shape", ONES, ONES.T, "fail", "expected shape (2, 3), got (3, 2)"),
    array("transposed values in a square", [[1.0, 2.0], [3.0, 4.0]], [[1.0, 3.0], [2.0, 4.0]], "fail", "at (0, 1)"),
    array("right values, one dimension more", np.ones(3), np.ones((1, 3)), "fail", "expected shape (3,), got (1, 3)"),
    array("right values, one dimension less", np.ones((1, 3)), np.ones(3), "fail"),
    array("right values, flattened", ONES, np.ones(6), "fail"),
    array("what would broadcast", ONES, np.ones((1, 3)), "fail"),
    array("a scalar that would broadcast", ONES, 1.0, "fail", "got ()"),
    array("a tensor for a scalar", 1.0, [1.0], "fail", "expected shape (), got (1,)"),
    array("a scalar for a tensor of one", [1.0], 1.0, "fail", "expected shape (1,), got ()"),
    array("a scalar", 1.0, 1.0, "pass exact"),
    array("a wrong scalar", 1.0, 1.5, "fail", "at ()"),
    array("empty", np.zeros((0,)), np.zeros((0,)), "pass exact"),
    array("empty in another dimension", np.zeros((0, 3)), np.zeros((3, 0)), "fail"),
    array("empty with fewer dimensions", np.zeros((0, 3)), np.zeros((0,)), "fail"),
    array("empty for one element", np.zeros((1,)), np.zeros((0,)), "fail"),
    array("one element for empty", np.zeros((0,)), np.zeros((1,)), "fail"),
    array("too few elements", np.ones(3), np.ones(2), "fail"),
    array("too many elements", np.ones(3), np.ones(4), "fail"),
    # layouts: what lies differently in memory is the same tensor
    array("a transposed view", [[1.0, 2.0], [3.0, 4.0]], np.array([[1.0, 3.0], [2.0, 4.0]]).T, "pass exact"),
    array("every second element", [1.0, 3.0], np.array([1.0, 2.0, 3.0, 4.0])[::2], "pass exact"),
    array("reversed", [3.0, 2.0, 1.0], np.array([1.0, 2.0, 3.0])[::-1], "pass exact"),
    array("expanded", np.ones((2, 3)), np.broadcast_to(1.0, (2, 3)), "pass exact"),
    array("in the order of Fortran", [[1.0, 2.0], [3.0, 4.0]], np.array([[1.0, 2.0], [3.0, 4.0]], order="F"), "pass exact"),
    array("the bytes of Fortran's order", [[1.0, 2.0], [3.0, 4.0]], np.array([1.0, 3.0, 2.0, 4.0]).reshape(2, 2), "fail"),
    pair("big-endian", "array", np.array([1.0, -2.5]), {"array": encode_array(np.array([1.0, -2.5], ">f8"))}, "pass exact"),
    pair("the bytes of big-endian", "array", np.array([1.0]), {"array": encode_array(np.array([1.0], ">f8").view("<f8"))}, "fail"),
    # flags
    pair("True for True", "flag", True, flag(True), "pass"),
    pair("False for True", "flag", True, flag(False), "fail"),
    pair("1 for True", "flag", True, flag(1), "fail", "expected True, got 1"),
    pair("True for 1", "flag", 1, flag(True), "fail"),
    pair("0 for False", "flag", False, flag(0), "fail"),
    pair("None for False", "flag", False, flag(None), "fail"),
    pair("False for None", "flag", None, flag(False), "fail"),
    pair("None for no flag at all", "flag", None, flag(None), "pass"),
    pair("the empty text for None", "flag", None, flag(""), "fail"),
    pair("1.0 for 1", "flag", 1, flag(1.0), "fail"),
    pair("1 for 1.0", "flag", 1.0, flag(1), "fail"),
    pair("a text for a number", "flag", 1, flag("1"), "fail"),
    pair("a neighbour of a float", "flag", 0.1, flag(np.nextafter(0.1, 1).item()), "fail"),
    pair("NaN for NaN", "flag", float("nan"), flag(float("nan")), "pass"),
    pair("a number for NaN", "flag", float("nan"), flag(0.0), "fail"),
    pair("a complex number for a real one", "flag", 1.0, flag(1 + 0j), "fail"),
    pair("a shape", "flag", (2, 3), flag((2, 3)), "pass"),
    pair("a transposed shape", "flag", (2, 3), flag((3, 2)), "fail"),
    pair("a shape of floats", "flag", (2, 3), flag((2.0, 3.0)), "fail"),
    pair("a shape of booleans", "flag", (1, 1), flag((True, True)), "fail"),
    pair("a longer shape", "flag", (2, 3), flag((2, 3, 1)), "fail"),
    pair("a shorter shape", "flag", (2, 3), flag((2,)), "fail"),
    pair("nested lists", "flag", ((1.0, 2.0), (3.0, 4.0)), flag(((1.0, 2.0), (3.0, 4.0))), "pass"),
    pair("an integer in nested lists", "flag", ((1.0, 2.0), (3.0, 4.0)), flag(((1.0, 2.0), (3, 4.0))), "fail"),
    pair("the name of another node", "flag", "AddBackward0", flag("MulBackward0"), "fail"),
    pair("a name in other case", "flag", "AddBackward0", flag("addbackward0"), "fail"),
    # errors
    pair("the error with its words", "error", ("RuntimeError", "second time"), error("RuntimeError", "a second time"), "pass"),
    pair("the words in other case", "error", ("RuntimeError", "Second Time"), error("RuntimeError", "SECOND time"), "pass"),
    pair("the error without words", "error", ("RuntimeError", ""), error("RuntimeError", "whatever"), "pass"),
    pair("the error with other words", "error", ("RuntimeError", "second time"), error("RuntimeError", "a third time"), "fail", "lacks"),
    pair("a subclass of the error", "error", ("RuntimeError", ""), error("NotImplementedError", "no"), "fail", "got NotImplementedError"),
    pair("a class above the error", "error", ("IndexError", ""), error("LookupError", "no"), "fail"),
    pair("an error that is not related", "error", ("RuntimeError", "no"), error("ValueError", "no"), "fail"),
    pair("a class whose name begins the same", "error", ("TypeError", ""), error("TypeErrorGroup", "no"), "fail"),
    pair("a tensor for an error", "error", ("RuntimeError", ""), tensor([1.0]), "fail", "nothing was raised"),
    pair("None for an error", "error", ("RuntimeError", ""), {"none": True}, "fail"),
    # warnings
    pair("the warning", "warning", ("UserWarning", "leaf"), warned((["UserWarning"], "not a Leaf")), "pass"),
    pair("the warning among others", "warning", ("UserWarning", "leaf"), warned((["FutureWarning"], "x"), (["UserWarning"], "leaf")), "pass"),
    pair("the warning of a subclass", "warning", ("UserWarning", ""), warned((["OwnWarning", "UserWarning"], "x")), "pass"),
    pair("the words in a warning of another category", "warning", ("UserWarning", "leaf"), warned((["FutureWarning"], "leaf")), "fail"),
    pair("category and words in two warnings", "warning", ("UserWarning", "leaf"), warned((["FutureWarning"], "leaf"), (["UserWarning"], "x")), "fail"),
    pair("no warning", "warning", ("UserWarning", ""), warned(), "fail"),
    pair("an error for a warning", "warning", ("UserWarning", ""), error("UserWarning", "leaf"), "fail"),
    # texts
    pair("words in a text", "contains", "grad_fn", flag("tensor(1., grad_fn=<X>)"), "pass"),
    pair("words not in a text", "contains", "grad_fn", flag("tensor(1.)"), "fail", "lacks"),
    pair("words in other case in a text", "contains", "grad_fn", flag("Grad_Fn"), "fail"),
    pair("a text without words", "lacks", "grad_fn", flag("tensor(1.)"), "pass"),
    pair("a text with words that it must lack", "lacks", "grad_fn", flag("tensor(1., grad_fn=<X>)"), "fail", "contains"),
    pair("a tensor for a text that lacks words", "lacks", "grad_fn", tensor([1.0]), "fail", "expected a text"),
    pair("None for a text that lacks words", "lacks", "grad_fn", NONE, "fail"),
    pair("a number for a text that lacks words", "lacks", "grad_fn", flag(1), "fail"),
    pair("a tensor for a text with words", "contains", "grad_fn", tensor([1.0]), "fail"),
    # two tensors that must be equal
    Pair("equal tensors", (Expectation("r1", "equal", "r2"),), done(r1=tensor([1.0]), r2=tensor([1.0])), "pass exact"),
    Pair("unequal tensors", (Expectation("r1", "equal", "r2"),), done(r1=tensor([1.0]), r2=tensor([2.0])), "fail"),
    Pair("neighbours", (Expectation("r1", "equal", "r2"),), done(r1=tensor([1.0]), r2=tensor([np.nextafter(1, 2)])), "fail"),
    Pair("equal values of two dtypes", (Expectation("r1", "equal", "r2"),), done(r1=tensor([1.0]), r2=tensor([1.0], "float32")), "fail", "dtype"),
    Pair("NaN twice", (Expectation("r1", "equal", "r2"),), done(r1=tensor([np.nan]), r2=tensor([np.nan])), "pass exact"),
    Pair("None twice", (Expectation("r1", "equal", "r2"),), done(r1=NONE, r2=NONE), "fail", "expected two tensors"),
    Pair("a tensor and None", (Expectation("r1", "equal", "r2"),), done(r1=tensor([0.0]), r2=NONE), "fail"),
    Pair("a tensor and nothing", (Expectation("r1", "equal", "r2"),), done(r1=tensor([0.0])), "fail"),
    # answers that are no observations at all
    Pair("unsupported", _TWO, {"status": "unsupported", "feature": "operator:sin"}, "unsupported", "needs operator:sin"),
    Pair("raised", _TWO, {"status": "error", "error": {"class": "ValueError", "message": "no"}}, "error", "raised ValueError: no"),
    Pair("raised what would have been right elsewhere", (Expectation("r1", "error", ("ValueError", "")),), {"status": "error", "error": {"class": "ValueError", "message": ""}}, "error"),
    Pair("crashed", _TWO, {"status": "crash", "reason": "signal 11", "stderr": ""}, "crash", "signal 11"),
    Pair("hung", _TWO, {"status": "timeout", "reason": "30 s", "stderr": ""}, "timeout", "30 s"),
    Pair("an assertion of a namespace case failed", (), {"status": "failed", "reason": "x is y"}, "fail", "x is y"),
    Pair("a namespace case that ended well", (), done(), "pass"),
    Pair("an answer of no known kind", _TWO, {"status": "certified"}, "inconclusive", "certified"),
]  # fmt: skip


@pytest.mark.parametrize("p", PAIRS, ids=lambda p: p.name)
def test_structure(p: Pair) -> None:
    check(p)


def test_names_are_unique() -> None:
    assert len({p.name for p in PAIRS}) == len(PAIRS)


def test_objects_never_reach_the_comparator() -> None:
    with pytest.raises(KeyError):
        encode_array(np.array([1.0, None], dtype=object))


@pytest.mark.parametrize("limit", [np.nan, np.inf, -1e-16])
def test_a_tolerance_that_allows_anything_is_a_fault_of_the_suite(limit: float) -> None:
    wanted = Expectation("r1", "array", np.ones(2), tolerance=np.array([1e-16, limit]))
    with pytest.raises(SuiteFault, match="allows anything"):
        judge([wanted], done(r1=tensor([1.0, 1.0])))


def test_an_inexact_value_without_a_frozen_tolerance_is_a_fault_of_the_suite() -> None:
    with pytest.raises(SuiteFault, match="no frozen tolerance; run `conformance corpus build`"):
        judge([Expectation("r1", "array", np.ones(2), inexact=True)], done(r1=tensor([1.0, 1.0])))
