"""The second bound: computed always alike, narrow where the first is wide for no reason, and only ever a grade."""

from __future__ import annotations

import numpy as np
import pytest

from conformance.codec import encode_array
from conformance.compare import Expectation, judge
from conformance.oracles import balls
from conformance.oracles.judged import judged
from conformance.oracles.reasons import NoTruth
from conformance.oracles.sensitivity import moved_inputs, second_bounds
from conformance.oracles.tolerance import radii
from conformance.program import Program
from conformance.recorder import Recorder

from .test_balls import vjp


def bounds(program: Program, dtype: str = "float64") -> np.ndarray:
    truths = {r: d.value for r, d in balls.derivatives(program).items()}
    scales = {r: d.scale for r, d in balls.derivatives(program).items()}
    return next(iter(second_bounds(program, dtype, truths, scales).values()))


def test_inputs_move_by_one_ulp_and_zeros_and_integers_stay() -> None:
    p = Recorder()
    x, _ = p.leaf([0.0, 1.0, -3.0]), p.constant([2], dtype="int64")
    p.expect(x, 0.0)
    original = [s.args[0] for s in p.program().statements[:2]]
    for program in moved_inputs(p.program()):
        x, n = (s.args[0] for s in program.statements[:2])
        assert x[0] == 0.0
        assert n.tolist() == [2]
        assert np.all(np.isin(np.abs(x[1:] - original[0][1:]) / np.spacing(original[0][1:]), [0.5, 1.0, -0.5, -1.0]))


def test_the_choices_are_always_the_same() -> None:
    program = vjp("sin", [0.5, 1.5, 2.5])
    assert bounds(program).tolist() == bounds(program).tolist()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_well_conditioned_gradient_has_a_bound_of_some_units_of_roundoff(dtype: str) -> None:
    p = Recorder(dtype)
    x = p.leaf([0.5, 1.5])
    (g,) = p.grad((x * x).exp(), x, p.constant([1.0, -1.0]))
    p.expect(g, 0.0)
    truth = next(iter(balls.derivatives(p.program()).values())).value
    ulps = bounds(p.program(), dtype) / np.spacing(np.abs(truth))
    assert np.all((ulps > 16) & (ulps < 2000))


def test_it_grows_with_the_condition_and_with_what_cancels() -> None:
    assert bounds(vjp("sin", [1e6]))[0] > 1e4 * bounds(vjp("sin", [1.0]))[0]

    p = Recorder()
    x = p.leaf([0.3])
    (g,) = p.grad((x + 1e8) * x - x * 1e8, x, p.constant([1.0]))
    p.expect(g, 0.0)
    assert bounds(p.program())[0] > 1e-9  # the products are of size 1e8


def test_an_input_beside_the_edge_of_the_domain_has_no_second_bound() -> None:
    program = vjp("asin", [np.nextafter(1.0, 0.0)])
    with pytest.raises(NoTruth, match="domain"):
        bounds(program)


def overestimated() -> Program:
    """A quotient whose two parts are nearly the same ball: the radius of the gradient is far above any error."""
    p = Recorder("float64")
    x = p.leaf([0.7])
    y = x
    for _ in range(14):
        y = y * y / y * y / y
    (g,) = p.grad(y, x, p.constant([1.0]))
    p.expect(g, 0.0)
    return p.program()


def test_a_wide_case_is_decided_by_the_second_bound() -> None:
    program = overestimated()
    (radius,) = radii(program, "float64").values()
    assert radius[0] > 1e-6
    (e,) = judged(program, "float64", "vjp").expectations
    assert e.second is not None
    assert e.second[0] < 1e-6 < e.tolerance[0]


def test_what_fails_by_the_second_bound_alone_is_inaccurate() -> None:
    e = Expectation("r1", "array", np.array([1.0]), np.array([1e-3]), second=np.array([1e-9]))

    def graded(value: float) -> tuple[str, str]:
        reply = {"status": "done", "observations": {"r1": {"array": encode_array(np.array([value]))}}}
        judgement = judge([e], reply)
        return judgement.status, judgement.grade

    assert graded(1.0) == ("pass", "exact")
    assert graded(1.0 + 1e-10) not in (("pass", "inaccurate"), ("fail", ""))
    assert graded(1.0 + 1e-6) == ("pass", "inaccurate")
    assert graded(1.01) == ("fail", "")


def test_a_better_formula_than_the_textbooks_decides_what_is_zero() -> None:
    """The product of one element is the element: the textbook's quotient y / x has a radius, other formulas have none."""
    p = Recorder("float64")
    x = p.leaf([0.7], requires_grad=False)
    v = p.constant([1.3])
    once = lambda z: p.jvp(lambda t: p.op("prod", t, dim=0), [z], [v], name="func")[1]  # noqa: E731
    p.expect(p.jvp(once, [x], [v], name="func")[1], 0.0)
    (e,) = judged(p.program(), "float64", "order2").expectations
    assert e.value.item() == 0.0
    assert e.second.item() < 1e-300 < e.tolerance.item() < 1e-13


def test_a_gradient_that_is_zero_everywhere_is_held_against_its_cotangent():
    p = Recorder("float64")
    x = p.leaf([0.1, 3.0])
    (g,) = p.grad(p.op("sub", p.op("mul", x, x), p.op("mul", x, x)), [x], p.constant([1e10, -1e10]))
    p._observe("value", (g,))
    (e,) = judged(p.program(), "float64", "vjp").expectations
    assert not e.value.any()
    assert (e.second <= 1e-3).all()
