"""Masks in programs: drawn for what is finite, and only what they define is read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conformance.codec import decode_array
from conformance.engines.refgrad import RefgradEngine
from conformance.operators.sampling import Call, Choice, calls, points
from conformance.operators.spec import OperatorSpec
from conformance.recorder import Recorder
from conformance.strategies.invariants import invariant
from conformance.strategies.operators import _draw_inputs
from conformance.strategies.variations import VALUE, Variation

MASK = np.array([[True, False, True], [False, False, False]])


def read(values: Any, kind: str, call: Call, masks: dict[str, np.ndarray]) -> np.ndarray:
    p = Recorder("float64")
    (y,) = invariant(p, (p.leaf(values),), kind, call, {name: p.constant(mask) for name, mask in masks.items()})
    p._observe("value", (y,))
    (observed,) = RefgradEngine().run(p.program())["observations"].values()
    return decode_array(observed["array"])


def test_elements_that_do_not_count_are_read_as_zero() -> None:
    found = read(np.full((2, 3), 5.0), "counting", Call({"input": (2, 3), "mask": (2, 3)}), {"mask": MASK})
    np.testing.assert_array_equal(found, 5.0 * MASK)


def test_of_two_operands_either_may_count() -> None:
    call = Call({"input": (2, 3), "other": (2, 3), "input_mask": (2, 3), "other_mask": (3,)})
    masks = {"input_mask": MASK, "other_mask": np.array([False, True, False])}
    found = read(np.full((2, 3), 5.0), "counting", call, masks)
    np.testing.assert_array_equal(found, 5.0 * (MASK | masks["other_mask"]))
    whole = read(np.full((2, 3), 5.0), "counting", call, {"input_mask": MASK})
    np.testing.assert_array_equal(whole, np.full((2, 3), 5.0))


@pytest.mark.parametrize(
    ("attributes", "values", "expected"),
    [
        ({"dim": (1,)}, [5.0, np.nan], [5.0, 0.0]),
        ({"dim": (0,), "keepdim": True}, [[5.0, np.inf, 6.0]], [[5.0, 0.0, 6.0]]),
        ({}, 7.0, 7.0),
        ({"dim": ()}, 7.0, 7.0),
    ],
)
def test_reductions_of_nothing_are_read_as_zero(attributes: dict[str, Any], values: Any, expected: Any) -> None:
    call = Call({"input": (2, 3), "mask": (2, 3)}, attributes)
    np.testing.assert_array_equal(read(np.array(values), "counted", call, {"mask": MASK}), expected)


def test_a_mask_may_be_of_what_is_finite() -> None:
    wild = {"input": points(1.0, float("nan"), float("inf"), 2.0)}
    given = calls(
        ("regular", (2, 3), (2, 3), {"ranges": wild}), arguments=("input", "mask"), choices={"mask": Choice("finite")}
    )
    spec = OperatorSpec("masked.sum", ("input",), {"mask": None}, sampling=given)

    def first(strategy: Any) -> Any:
        from tests.conformance.operators.test_sampling import one

        return one(strategy)

    drawn = _draw_inputs(first, Variation(spec, given.calls[0], VALUE, "ordinary"), "float64")
    np.testing.assert_array_equal(drawn["mask"], np.isfinite(drawn["input"]))
    assert 0 < drawn["mask"].sum() < 6
