"""What is said of failures: every kind from replies that are wrong in that way, and of right numbers nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from conformance.codec import encode_array
from conformance.corpus.loader import load_cases
from conformance.diagnosis import Answer, Kind, diagnose
from conformance.diagnosis.likeness import apart, factor, fraction, is_low_rank, like

Change = Callable[[Answer, np.ndarray], np.ndarray]


@pytest.fixture(scope="module")
def cases():
    wanted = ("exp", "mul", "mm", "mean", "softmax")
    found = {name: [] for name in wanted}
    for case in load_cases(chosen=lambda facets: facets["operator"] in wanted):
        found[case.facets["operator"]].append(case)
    return found


def answers(cases, change: Change, where=lambda a: True, groups=("vjp",)):
    """The truths as replies, changed where a case is of these groups."""
    found = []
    for case in cases:
        probe = Answer(case, {"status": "done", "observations": {}})
        wrong = case.facets["group"] in groups and where(probe)
        with np.errstate(all="ignore"):
            arrays = {
                e.read: change(probe, e.value).astype(e.value.dtype) if wrong else e.value for e in case.expectations
            }
        observations = {read: {"array": encode_array(x)} for read, x in arrays.items()}
        found.append(Answer(case, {"status": "done", "observations": observations}))
    return found


def said(found):
    wrong = [a for a in found if a.is_wrong]
    assert wrong
    return diagnose(wrong[:1], found)


def cotangent(a: Answer, x: np.ndarray) -> np.ndarray:
    return next((g for g in a.cotangents if g.shape == x.shape), np.ones(x.shape))


def inputs(a: Answer, x: np.ndarray) -> np.ndarray:
    return next((y for y in a.inputs if y.shape == x.shape), np.ones(x.shape))


EVERYWHERE: dict[str, tuple[str, Change, Kind, str]] = {
    "a factor": ("exp", lambda a, x: 3 * x, Kind.FACTOR, "a constant factor of 3"),
    "a fraction": ("mul", lambda a, x: x / 7, Kind.FACTOR, "1/7"),
    "the sign": ("mm", lambda a, x: -x, Kind.SIGN, "the sign is flipped"),
    "zero": ("exp", lambda a, x: 0 * x, Kind.TERM, "zero where the number is not"),
    "infinity": ("exp", lambda a, x: x / 0, Kind.NOT_FINITE, "NaN or infinity"),
    "the conjugate": ("mul", lambda a, x: np.conj(x), Kind.TRANSPOSE, "the conjugate"),
    "other places": ("softmax", lambda a, x: np.flip(x), Kind.TRANSPOSE, "the right numbers in other places"),
    "an offset": ("softmax", lambda a, x: x + 0.5, Kind.TERM, "the same for all elements"),
    "the size": ("mean", lambda a, x: x * x.size / max(a.cotangents[0].size, 1) if a.cotangents else x, Kind.REDUCTION, "number of elements"),
    "the cotangent ignored": ("exp", lambda a, x: x / cotangent(a, x), Kind.NONLINEAR, "the same whatever"),
    "the cotangent squared": ("exp", lambda a, x: x * cotangent(a, x), Kind.NONLINEAR, "the square of"),
    "the sign of the cotangent lost": ("exp", lambda a, x: np.where(cotangent(a, x) < 0, -x, x), Kind.NONLINEAR, "cotangents"),
    "small inputs": ("exp", lambda a, x: np.where(inputs(a, x) < -1, 0, x), Kind.REGION, "inputs below"),
    "nothing simple": ("exp", lambda a, x: x + x**2 + inputs(a, x), Kind.TERM, "neither a factor"),
}  # fmt: skip


@pytest.mark.parametrize("name", EVERYWHERE)
def test_numbers_that_are_wrong_everywhere_are_said_to_be_what_they_are(cases, name):
    operator, change, kind, words = EVERYWHERE[name]
    found = said(answers(cases[operator], change))
    assert (found.kind, words in str(found)) == (kind, True), str(found)


PLACES: dict[str, tuple[str, Callable[[Answer], bool], Kind, str]] = {
    "a layout": ("exp", lambda a: a.label == "transposed", Kind.LAYOUT, "transposed"),
    "the layout of the cotangent": (
        "exp",
        lambda a: a.label == "cotangent-expanded",
        Kind.LAYOUT,
        "cotangent-expanded",
    ),
    "a dtype": ("exp", lambda a: a.case.dtype == "float32", Kind.DTYPE, "wrong for float32, right for"),
    "complex numbers": ("exp", lambda a: a.case.dtype.startswith("complex"), Kind.FACTOR, "a constant factor of 3"),
    "a region": ("exp", lambda a: a.label == "tails", Kind.REGION, "region only"),
    "broadcasting": ("mul", lambda a: a.facet("shape").startswith("broadcast"), Kind.REDUCTION, "broadcast"),
    "a shape": ("exp", lambda a: a.label == "cube", Kind.SHAPE, "cube"),
    "a constant operand": ("mul", lambda a: a.label == "constant-other", Kind.CONSTANT, "constant-other"),
    "an operand of integers": ("mul", lambda a: a.label == "integer-other", Kind.DTYPE, "integer-other"),
    "a tensor twice": ("mul", lambda a: a.label == "same-tensor", Kind.REPEATED, "same-tensor"),
}


@pytest.mark.parametrize("name", PLACES)
def test_where_it_goes_wrong_is_said_before_how(cases, name):
    operator, where, kind, words = PLACES[name]
    found = said(answers(cases[operator], lambda a, x: 3 * x, where))
    assert (found.kind, words in str(found)) == (kind, True), str(found)


@pytest.mark.parametrize("groups, kind, words", [
    (("order2",), Kind.ORDER, "order 2 only: lower orders are right"),
    (("order3",), Kind.ORDER, "order 3 only"),
    (("jvp",), Kind.FORWARD, "forward mode only: reverse mode is right"),
    (("value", "vjp"), Kind.VALUE, "the value is wrong"),
    (("vjp", "order2"), Kind.FACTOR, "a constant factor of 3"),
])  # fmt: skip
def test_the_lowest_order_that_is_wrong_is_the_cause(cases, groups, kind, words):
    found = answers(cases["exp"], lambda a, x: 3 * x, groups=groups)
    highest = [a for a in found if a.is_wrong and a.facet("group") == groups[-1] and a.label == "ordinary"]
    assert diagnose(highest, found).kind is kind
    assert words in str(diagnose(highest, found))


def test_an_error_is_said_to_be_one_and_where_it_is_raised(cases):
    error = {"status": "error", "error": {"class": "TypeError", "message": "no"}}
    everywhere = [Answer(c, error) for c in cases["exp"] if c.facets["group"] == "vjp"]
    assert (said(everywhere).kind, str(said(everywhere))) == (Kind.RAISED, "it raises TypeError: no")
    right = answers(cases["exp"], lambda a, x: x)
    somewhere = [Answer(a.case, error) if a.label == "sliced" and a.facet("group") == "vjp" else a for a in right]
    assert said(somewhere).kind is Kind.LAYOUT


def test_a_shape_and_a_dtype_that_differ_are_said(cases):
    def unsummed(case):
        arrays = {e.read: np.ones((7, *e.value.shape), e.value.dtype) for e in case.expectations}
        return Answer(
            case, {"status": "done", "observations": {r: {"array": encode_array(x)} for r, x in arrays.items()}}
        )

    right = answers(cases["mul"], lambda a, x: x)
    broken = [unsummed(a.case) if a.facet("group") == "vjp" else a for a in right]
    assert said(broken).kind is Kind.REDUCTION
    assert "not summed" in str(said(broken))


def test_nothing_is_said_where_nothing_failed(cases):
    assert diagnose([], answers(cases["exp"], lambda a, x: x)) is None


def test_a_behaviour_is_looked_at_by_itself(cases):
    case = next(c for c in cases["exp"] if c.facets["group"] == "vjp")
    from dataclasses import replace

    bare = replace(case, facets=None)
    reply = {
        "status": "done",
        "observations": {e.read: {"array": encode_array(2 * e.value)} for e in case.expectations},
    }
    assert str(diagnose([Answer(bare, reply)], [Answer(bare, reply)])) == "a constant factor of 2"


@pytest.mark.parametrize("wrong, right, words", [
    ([-3.0, -2.0, -1.5], [0.5, 1.0, 2.0], "below 0.5"),
    ([3.0, 2.0, 2.5], [0.5, 1.0, -2.0, 1e9], "above 1"),
    ([3.0, -2.0, 2.5], [0.5, 1.0, -1.5], "beyond ±1.5"),
    ([0.3, -0.2, 0.1], [0.5, 1.0, -1.5], "within ±0.5"),
    ([1.0, 1.0, 1.0], [0.5, 1.5, -1.5], "equal to 1"),
    ([1.0, 2.0, -4.0], [0.5, 1.5, -1.5], "whole numbers"),
    ([1.0, 2.2, -4.0], [0.5, 1.5, -1.5], ""),
    ([3.0, -2.0, 2.5], [1e-9, 2e-9, -1e-8], ""),
    ([3.0, 2.0], [0.5, 1.0, -1.5], ""),
    ([3.0, np.nan, 4.0], [0.5, 1.0, -1.5], ""),
])  # fmt: skip
def test_what_tells_wrong_elements_from_right_ones(wrong, right, words):
    assert apart(np.array(wrong), np.array(right)) == words


def test_factors_and_their_fractions():
    x = np.array([1.0, -2.0, 3.0])
    assert factor(2 * x, x) == pytest.approx(2.0)
    assert factor(x + 1, x) is None
    assert factor(x * 0, x) is None
    assert factor(x[:0], x[:0]) is None
    assert factor(1j * x, x + 0j) == pytest.approx(1j)
    assert factor(x * 5e307, x * 5e306) == pytest.approx(10)
    assert [fraction(c) for c in (2.0, 0.5, -2 / 3, 0.1234567)] == ["2", "1/2", "-2/3", "0.123457"]


def test_what_is_alike_and_of_low_rank():
    x = np.arange(6.0).reshape(2, 3)
    assert like(x, x * (1 + 1e-8))
    assert not like(x, x * 1.01)
    assert not like(x, x.ravel())
    assert is_low_rank(np.outer([1.0, 2.0], [3.0, 4.0, 5.0]))
    assert not is_low_rank(np.array([[1.0, 2.0], [3.0, 5.0]]))
    assert not is_low_rank(np.array([[0.0, 0.0], [0.0, 1.0]]))
    assert not is_low_rank(x[0])
