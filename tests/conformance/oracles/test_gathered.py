"""At ties among what an index sends to one place, the shares of a cotangent and the mean of tangents are those by hand."""

from __future__ import annotations

import numpy as np
import pytest

from conformance.oracles.balls import Derivative
from conformance.oracles.gathered import gathered
from conformance.oracles.reading import Term
from conformance.program import Ref, Statement

LEAVES = {
    "x": np.array([1.5, 2.0, 1.0]),
    "s": np.array([1.5, 1.5, 0.5, 1.0]),
    "i": np.array([0, 0, 1, 2]),
    "t": np.array([1.0, 5.0, 2.0]),
    "u": np.array([4.0, 7.0, 9.0, 8.0]),
}
"""Three equal ones go to place 0, a lesser one to place 1, an equal one to place 2."""


def _statement(reduce: str, name: str = "index_reduce") -> Statement:
    source = "src" if name == "scatter_reduce" else "source"
    kw = {"dim": 0, "index": Ref("i"), source: Ref("s"), "reduce": reduce, "include_self": True}
    return Statement("op", ("y",), (Ref("x"),), kw, name)


def _at(term: Term, kinks: list[bool], right: list[float], left: list[float]) -> Derivative:
    value = np.where(kinks, np.nan, 0.0)
    return Derivative(term, value, np.array(right), np.array(left), np.ones(len(kinks)), np.array(kinks), 500)


@pytest.mark.parametrize("name", ["index_reduce", "scatter_reduce"])
def test_of_the_largest_each_has_an_equal_share(name: str) -> None:
    to_own = _at(Term(leaf="x", weights=(("y", "w"),)), [True, False, True], [3.0, 0, 4.0], [0.0, 0, 0])
    to_sent = _at(Term(leaf="s", weights=(("y", "w"),)), [True, True, False, True], [3.0, 3.0, 0, 4.0], [0.0] * 4)
    assert gathered(LEAVES, _statement("amax", name), to_own).tolist() == [1.0, 0.0, 2.0]
    assert gathered(LEAVES, _statement("amax", name), to_sent).tolist() == [1.0, 1.0, 0.0, 2.0]


def test_the_least_are_what_shares_in_a_minimum() -> None:
    to_own = _at(Term(leaf="x", weights=(("y", "w"),)), [True, False, True], [0.0, 0, 0], [3.0, 0, 4.0])
    assert gathered(LEAVES, _statement("amin"), to_own).tolist() == [1.0, 0.0, 2.0]


def test_a_tangent_is_the_mean_of_those_that_tie() -> None:
    pushed = _at(Term(output="y", along=((("x", "t"), ("s", "u")),)), [True, False, True], [7.0, 0, 8.0], [1.0, 0, 2.0])
    found = gathered(LEAVES, _statement("amax"), pushed)
    assert found.tolist() == pytest.approx([4.0, 0.0, 5.0])  # a third is rounded
