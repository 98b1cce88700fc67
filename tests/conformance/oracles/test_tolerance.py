"""Tolerances: computed from the program, reproducible, wide enough for right engines and no wider than needed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from conformance.oracles.balls import derivatives, gradients
from conformance.oracles.conventions import documented
from conformance.oracles.judged import judged
from conformance.oracles.reasons import NoTruth
from conformance.oracles.tolerance import is_loose, is_wide, radii, tolerance, tolerances_of_program, up_to_three_digits
from conformance.program import Program
from conformance.recorder import Recorder

from .test_balls import vjp


def test_rounding_up_keeps_three_digits_and_never_rounds_down() -> None:
    for v in (1.2345e-16, 9.996e-5, 1.0, 1.23e-300, 4.9e-324):
        (rounded,) = up_to_three_digits(np.array([v]))
        assert v <= rounded <= v * 1.01 + 5e-324
        assert float(f"{rounded:.2e}") == rounded


def test_an_exact_operation_allows_its_own_rounding_only() -> None:
    (limit,) = (e.tolerance for e in judged(vjp("mul", [3.0], [5.0]), "float64", "vjp").expectations[:1])
    assert 0 < limit[0] < 16 * 2.0**-53 * 5


def test_the_tolerance_grows_with_the_condition_of_the_input() -> None:
    small, large = radii(vjp("sin", [1.0, 1e6]), "float64")["r5"]
    assert large > 1e4 * small


def test_decisions_of_many_bits_are_replayed_at_few() -> None:
    found = judged(vjp("clamp", [1.5, 0.3], min=-1.0, max=1.5), "float32", "vjp")
    assert found.expectations[0].value.tolist() == [1.0, 1.0]


def nearly_tied(dtype: str = "float32") -> Program:
    """Two numbers one ulp apart, made by steps that each round: which is the greater one, an engine may get wrong."""
    p = Recorder(dtype)
    x, y = p.leaf([1.0]), p.leaf([1.0 + 2.0**-23])
    third = x / 3.0 * 3.0 / 7.0 * 7.0
    for g in p.grad(p.op("maximum", third, y / 3.0 * 3.0 / 7.0 * 7.0), [x, y], p.constant([1.0])):
        p.expect(g, 0.0)
    return p.program()


def test_a_comparison_that_working_precision_cannot_take_has_no_tolerance_by_itself() -> None:
    with pytest.raises(NoTruth, match="branch"):
        radii(nearly_tied(), "float32")


def test_the_gradient_of_any_branch_is_permitted() -> None:
    found = judged(nearly_tied(), "float32", "vjp").expectations
    assert [e.value.tolist() for e in found] == [[0.0], [1.0]]
    assert [[p.tolist() for p in e.permitted] for e in found] == [[[1.0]], [[0.0]]]


def test_wide_and_loose_go_by_the_largest_entry_and_not_by_underflow() -> None:
    truth, limit = np.array([1.0, 1e-9]), np.array([1e-5, 1e-5])
    assert is_wide(truth, limit, "float64")
    assert not is_wide(truth, limit, "float32")
    assert not is_loose(truth, limit, "float64")
    assert is_loose(truth, np.array([1e-2, 0.0]), "float64")
    assert not is_loose(np.zeros(2), np.full(2, 4.5e-308), "float64")


def test_one_ulp_is_that_of_the_dtype() -> None:
    assert tolerance(np.array([1.0], np.float32), np.zeros(1), "float32")[0] >= 2.0**-23


def test_a_whole_imperative_program_has_tolerances() -> None:
    p = Recorder("float64")
    x = p.leaf([0.5, 1.5])
    y = (x.sin() * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    p.expect(x.grad, [0.0, 0.0])
    (found,) = tolerances_of_program(p.program(), "float64").values()
    assert np.all((found > 0) & (found < 1e-13))


CONVENTIONS = [
    ("nn.functional.relu", [0.0], {}, [0.0]),
    ("abs", [0.0], {}, [0.0]),
    ("clamp", [-1.0, 1.5], {"min": -1.0, "max": 1.5}, [1.0, 1.0]),
    ("sign", [0.0], {}, [0.0]),
    ("nn.functional.leaky_relu", [0.0], {"negative_slope": 0.25}, [0.25]),
    ("nn.functional.hardtanh", [-1.0, 1.0], {}, [0.0, 0.0]),
    ("floor", [3.0], {}, [0.0]),
]


@pytest.mark.parametrize(("operator", "x", "attributes", "slopes"), CONVENTIONS)
def test_documented_conventions_at_kinks(operator: str, x: list[float], attributes: dict, slopes: list[float]) -> None:
    program = vjp(operator, x, **attributes)
    (found,) = documented(program, "float64", gradients(program)).values()
    assert found.value.tolist() == slopes


def test_each_element_may_lie_between_its_one_sided_derivatives() -> None:
    program = vjp("abs", [0.0, 2.0])
    (found,) = documented(program, "float64", gradients(program)).values()
    low, high = found.between
    assert np.allclose(low, [-1.0, 1.0])
    assert np.allclose(high, [1.0, 1.0])
    assert low[0] < -1
    assert high[0] > 1
    assert low[1] == high[1] == 1.0
    assert found.total is None


def test_what_shares_a_cotangent_comes_to_it() -> None:
    p = Recorder("float64")
    x = p.leaf([[3.0, 1.0, 3.0]])
    (g,) = p.grad(p.op("amax", x, dim=(1,)), x, p.constant([1.0]))
    p._observe("value", (g,))
    (found,) = documented(p.program(), "float64", derivatives(p.program())).values()
    assert found.total.tolist() == [1.0]
    assert found.partner == ""


def test_two_arguments_that_tie_come_to_the_cotangent_together() -> None:
    p = Recorder("float64")
    x, y = p.leaf([1.0, 2.0]), p.leaf([1.0, 0.0])
    for g in p.grad(p.op("maximum", x, y), [x, y], p.constant([3.0, 5.0])):
        p._observe("value", (g,))
    found = documented(p.program(), "float64", derivatives(p.program()))
    first, second = found
    assert (found[first].partner, found[second].partner) == (second, first)
    assert found[first].total.tolist() == found[second].total.tolist() == [3.0, 5.0]


def test_the_tip_of_a_norm_has_no_interval_for_each_element() -> None:
    p = Recorder("float64")
    x = p.leaf([0.0, 0.0])
    (g,) = p.grad(p.op("linalg.vector_norm", x), x, p.constant(1.0))
    p._observe("value", (g,))
    (found,) = documented(p.program(), "float64", derivatives(p.program())).values()
    assert found.value.tolist() == [0.0, 0.0]
    assert found.between == ()


def test_equal_maxima_share_the_gradient_evenly() -> None:
    program = vjp("amax", [[3.0, 1.0, 3.0]], weights=[2.0], dim=(1,))
    (found,) = documented(program, "float64", gradients(program)).values()
    assert found.value.tolist() == [[1.0, 0.0, 1.0]]


TIPS = [
    ("norm", [0.0, 0.0], 3.0, {}, [0.0, 0.0]),
    ("linalg.vector_norm", [[0.0, 0.0], [3.0, 4.0]], [2.0, 5.0], {"dim": (1,)}, [[0.0, 0.0], [3.0, 4.0]]),
    ("linalg.vector_norm", [0.0, -2.0], 1.0, {"ord": 1.0}, [0.0, -1.0]),
    ("special.i0e", [0.0], [2.0], {}, [0.0]),
]


@pytest.mark.parametrize(("operator", "x", "weights", "attributes", "slopes"), TIPS)
def test_the_subgradient_of_minimum_norm_is_documented_at_a_tip(
    operator: str, x: object, weights: object, attributes: dict, slopes: object
) -> None:
    (e,) = judged(vjp(operator, x, weights=weights, **attributes), "float64", "vjp").expectations
    assert e.value.tolist() == slopes


def test_a_kink_without_a_convention_is_undecided() -> None:
    with pytest.raises(NoTruth, match="kink"):
        judged(vjp("linalg.vector_norm", [3.0, 3.0], weights=1.0, ord=math.inf), "float64", "vjp")


def test_a_formula_that_divides_by_zero_has_the_radius_of_one_that_does_not() -> None:
    """The textbook rule of a product divides by its element; engines that multiply the others get zeros right."""
    (e,) = judged(vjp("prod", [[2.0, 0.0, 3.0]], weights=[1.0], dim=1), "float64", "vjp").expectations
    assert e.value.tolist() == [[0.0, 6.0, 0.0]]
    assert np.all(e.tolerance < 1e-14)


def test_a_formula_that_raises_has_the_radius_of_one_that_does_not() -> None:
    """The gradient of det by the inverse has none at singular matrices, where that by cofactors is finite."""
    (found,) = judged(vjp("linalg.det", [[1.0, 2.0], [2.0, 4.0]], weights=1.0), "float64", "vjp").expectations
    assert found.value.tolist() == [[4.0, -2.0], [-2.0, 1.0]]
    assert (found.tolerance < 1e-14).all()
