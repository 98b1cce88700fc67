"""Derivatives of orders 1 to 3 in every composition, against proven enclosures by power series and against closed forms."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from flint import arb, arb_series, ctx

from conformance.oracles import balls
from conformance.oracles.judged import judged
from conformance.oracles.reading import Reading
from conformance.oracles.reasons import NoTruth
from conformance.program import Program
from conformance.recorder import Handle, Recorder
from conformance.strategies.derivatives import DIRECTIONS, needs, record

ALL = [(group, d) for group, directions in DIRECTIONS.items() for d in directions]


def derivative(
    direction: str,
    function: Callable[..., Handle],
    *inputs: object,
    tangents: Sequence[object] = (),
    cotangent: object = 1.0,
    dtype: str = "float64",
) -> Program:
    """The derivative of a function of leaves, along ones unless tangents are given for each level and input."""
    p = Recorder(dtype)
    wanted = needs(direction)
    primals = [p.leaf(x, requires_grad=wanted.requires_grad) for x in inputs]
    ones = [[np.ones(np.shape(x)) for x in inputs]] * wanted.tangents
    weights = [np.asarray(cotangent)] if wanted.cotangent else []
    record(p, direction, lambda xs: [function(*xs)], primals, list(tangents) or ones, weights)
    return p.program()


def first(program: Program) -> np.ndarray:
    return next(iter(balls.derivatives(program).values())).value


SERIES: dict[str, Callable[[arb_series], arb_series]] = {
    "exp": lambda x: x.exp(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "tan": lambda x: x.tan(),
    "atan": lambda x: x.atan(),
    "asin": lambda x: x.asin(),
    "tanh": lambda x: 1 - 2 / ((2 * x).exp() + 1),
    "log": lambda x: x.log(),
    "sqrt": lambda x: x.sqrt(),
    "reciprocal": lambda x: 1 / x,
    "erf": lambda x: x.erf(),
    "erfc": lambda x: x.erfc(),
    "lgamma": lambda x: x.lgamma(),
    "square": lambda x: x * x,
}
POINTS = {
    "exp": (0.0, 5e-324, 1e-300, -700.0, 3.5),
    "sin": (0.0, 1e-300, 1e40, -2.5),
    "cos": (0.0, 5e-324, 1e40),
    "tan": (1e-300, 1.5707963267948966),
    "atan": (0.0, 1e40, 0.3),
    "asin": (0.0, 1 - 2.0**-53, -1 + 2.0**-30),
    "tanh": (0.0, 20.0, -40.0, 300.0),
    "log": (1e-300, 1e40, 1.0),
    "sqrt": (1e-200, 2.0, 1e40),
    "reciprocal": (1e-80, -3.0, 1e40),
    "erf": (0.0, 6.0, -12.0),
    "erfc": (5.0, 20.0, -1.0),
    "lgamma": (1.0, 2.0, 1e-100, 1e40),
    "square": (0.0, 5e-324, 1e40),
}


def enclosure(operator: str, x: float, order: int) -> float:
    """The midpoint of a proven enclosure that is narrower than half an ulp."""
    for bits in (500, 4000):
        before, ctx.prec, ctx.cap = (ctx.prec, ctx.cap), bits, order + 1
        try:
            ball = SERIES[operator](arb_series([arb(x), 1], prec=order + 1))[order] * math.factorial(order)
        finally:
            ctx.prec, ctx.cap = before
        if ball.rad() <= abs(ball.mid()) * 2.0**-60 or (ball.mid() == 0 and ball.rad() == 0):
            return float(ball.mid())
    raise AssertionError(f"no enclosure of {operator} at {x}")


@pytest.mark.parametrize("operator", SERIES)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_pointwise_derivatives_lie_in_proven_enclosures(operator: str, order: int) -> None:
    for x in POINTS[operator]:
        got = first(derivative({1: "func", 2: "ff", 3: "fff"}[order], lambda t: getattr(t, operator)(), [x])).item()
        assert got == pytest.approx(enclosure(operator, x, order), rel=2.0**-52, abs=0.0), x


@pytest.mark.parametrize(("group", "direction"), ALL)
def test_every_composition_gives_the_same_derivative(group: str, direction: str) -> None:
    """d^k/dx^k of exp(2x) along ones is 2^k exp(2x), whichever way it is computed."""
    order = {"jvp": 1, "order2": 2, "order3": 3}[group]
    program = derivative(direction, lambda x: (x * 2.0).exp(), [0.25], cotangent=[1.0])
    assert first(program).item() == pytest.approx(2.0**order * math.exp(0.5), rel=1e-15)


def cubic(x: Handle, y: Handle) -> Handle:
    """x²y: D² has one mixed entry of 2x and one pure one of 2y; D³ is 2 in every order of x, x, y."""
    return x * x * y


@pytest.mark.parametrize("x", [1.0, -1.0])
def test_a_zero_between_signs_is_exactly_zero(x: float) -> None:
    """The third derivative of the normal distribution function is (x² - 1) times its density."""
    assert first(derivative("fff", lambda t: t._p.op("special.ndtr", t), [x])).tolist() == [0.0]


MIXED = [
    ("dual", [2 * 3 * 5.0 * 7.0 + 9 * 11.0]),
    ("func", [2 * 3 * 5.0 * 7.0 + 9 * 11.0]),
    ("rr", [2 * 5 * 7.0 + 2 * 3 * 11.0, 2 * 3 * 7.0, 2 * 3 * 5 * 7.0 + 9 * 11.0]),
    ("fr", [2 * 5 * 7.0 + 2 * 3 * 11.0, 2 * 3 * 7.0]),
    ("rf", [2 * 5 * 7.0 + 2 * 3 * 11.0, 2 * 3 * 7.0, 2 * 3 * 5.0, 9.0]),
    ("ff", [2 * 5 * 7 * 13.0 + 2 * 3 * (7 * 17.0 + 11 * 13.0)]),
    ("rrr", [2 * (7 * 17.0 + 11 * 13.0), 2 * 7 * 13.0, 2 * 5 * 7 * 13.0 + 2 * 3 * (7 * 17.0 + 11 * 13.0)]),
    ("ffr", [2 * (7 * 17.0 + 11 * 13.0), 2 * 7 * 13.0]),
    ("fff", [2 * (7 * 13 * 23.0 + 7 * 17 * 19.0 + 11 * 13 * 19.0)]),
]
"""At (x, y) = (3, 5), along (7, 11), (13, 17) and (19, 23): by leaf, and then by cotangent or tangent."""


@pytest.mark.parametrize(("direction", "expected"), MIXED)
def test_mixed_derivatives_of_a_polynomial(direction: str, expected: list[float]) -> None:
    levels = [[[7.0], [11.0]], [[13.0], [17.0]], [[19.0], [23.0]]][: needs(direction).tangents]
    program = derivative(direction, cubic, [3.0], [5.0], tangents=levels, cotangent=[1.0])
    assert [float(d.value[0]) for d in balls.derivatives(program).values()] == expected


def test_a_gradient_of_several_outputs_counts_them_all() -> None:
    p = Recorder()
    x = p.leaf([2.0], requires_grad=False)
    record(p, "fr", lambda xs: [xs[0] * xs[0], xs[0].exp()], [x], [[[3.0]]], [[5.0], [7.0]])
    assert float(first(p.program())[0]) == pytest.approx(3 * (5 * 2 + 7 * math.exp(2.0)), rel=1e-15)


@pytest.mark.parametrize("direction", [d for _, d in ALL if d not in ("dual", "func")])
def test_what_vanishes_is_exactly_zero(direction: str) -> None:
    """The second derivative of 3x is 0, and so is that of sin(x) - sin(x), at any size."""
    for x in (0.0, 1e-300, 1e40):
        for function in (lambda t: t * 3.0, lambda t: t.sin() - t.sin()):
            assert first(derivative(direction, function, [x], cotangent=[1.0])).tolist() == [0.0]


@pytest.mark.parametrize(("group", "direction"), ALL)
def test_what_is_detached_is_constant_at_every_order(group: str, direction: str) -> None:
    """Of x³·stop(x)² only the cube is differentiated."""
    order = {"jvp": 1, "order2": 2, "order3": 3}[group]
    program = derivative(direction, lambda x: x * x * x * (x.detach() * x.detach()), [2.0], cotangent=[1.0])
    assert float(first(program)[0]) == {1: 12.0, 2: 12.0, 3: 6.0}[order] * 4.0


KINKED: dict[str, Callable[[Handle], Handle]] = {
    "a kink": lambda x: x.relu(),
    "a kink of the slope": lambda x: x.relu() * x.relu(),
    "a jump of the second derivative": lambda x: x.abs() * x,
    "a jump": lambda x: x.floor() * x,
}


@pytest.mark.parametrize("function", KINKED.values(), ids=KINKED)
@pytest.mark.parametrize("direction", DIRECTIONS["order2"])
def test_a_kink_of_the_slope_is_noticed_at_order_two(function: Callable[[Handle], Handle], direction: str) -> None:
    program = derivative(direction, function, [0.0, 1.5], cotangent=[1.0, 1.0])
    assert any(d.kinks.any() for d in balls.derivatives(program).values())
    with pytest.raises(NoTruth, match="kink"):
        judged(program, "float64", "order2")


def test_a_kink_that_a_joint_direction_crosses_is_noticed() -> None:
    """Along (1, 1) both arguments of maximum grow alike; only other sides of the grid differ."""
    program = derivative("rr", lambda x, y: x.maximum(y) * x.maximum(y), [1.0], [1.0], cotangent=[1.0])
    assert any(d.kinks.any() for d in balls.derivatives(program).values())


def test_one_smooth_neighbour_of_a_kink_has_a_truth() -> None:
    (found,) = balls.derivatives(derivative("ff", lambda x: x.relu() * x.relu(), [0.0, 3.0, -2.0])).values()
    assert found.kinks.tolist() == [True, False, False]
    assert found.value[1:].tolist() == [2.0, 0.0]


@pytest.mark.parametrize("direction", ["dual", "func"])
def test_the_documented_slope_at_a_kink_holds_for_tangents_too(direction: str) -> None:
    def pushed(function: Callable[..., Handle], *xs: object, tangents: Sequence[object]) -> list[float]:
        program = derivative(direction, function, *xs, tangents=[tangents])
        (e,) = judged(program, "float64", "jvp").expectations
        return e.value.tolist()

    assert pushed(lambda x: x.relu(), [0.0, 2.0], tangents=[[3.0, 5.0]]) == [0.0, 5.0]
    assert pushed(lambda x: x.clamp(min=-1.0, max=1.5), [1.5, -1.0], tangents=[[3.0, 5.0]]) == [3.0, 5.0]
    assert pushed(lambda x, y: x.maximum(y), [1.0], [1.0], tangents=[[3.0], [5.0]]) == [4.0]
    assert pushed(lambda x: x.amax(dim=(1,)), [[2.0, 1.0, 2.0]], tangents=[[[3.0, 7.0, 8.0]]]) == [5.5]


@pytest.mark.parametrize(("operator", "x"), [("sqrt", 0.0), ("log", -1.0), ("asin", 1.0)])
@pytest.mark.parametrize("direction", ["func", "ff", "fff"])
def test_the_edge_of_a_domain_has_no_truth_at_any_order(operator: str, x: float, direction: str) -> None:
    with pytest.raises(NoTruth, match="domain"):
        balls.derivatives(derivative(direction, lambda t: getattr(t, operator)(), [x]))


def test_truths_are_rounded_to_the_dtype() -> None:
    found = first(derivative("ff", lambda x: x.exp(), [1.0, 100.0], dtype="float32"))
    assert found.dtype == np.float32
    assert found.tolist() == [np.float32(math.e), np.inf]


@pytest.mark.parametrize(("group", "direction"), ALL)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_tolerances_cover_refgrad_and_pytorch_and_little_more(group: str, direction: str, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    from conformance.compare import judge
    from conformance.engines.refgrad import RefgradEngine
    from conformance.engines.torch import TorchEngine

    program = derivative(
        direction, lambda x, y: (x * y).sin() / y, [0.5, -1.5], [2.0, 0.7], cotangent=[1.0, -2.0], dtype=dtype
    )
    found = judged(program, dtype, group)
    assert torch is not None
    for engine in (RefgradEngine(), TorchEngine()):
        assert judge(found.expectations, engine.run(program)).status == "pass"
    for e in found.expectations:
        assert np.all(e.tolerance < {"float64": 1e-12, "float32": 1e-3}[dtype])


def test_a_derivative_that_is_computed_with_is_not_guessed_at() -> None:
    p = Recorder()
    x = p.leaf([2.0])
    (g,) = p.grad(x * x, x, p.constant([1.0]), create_graph=True)
    p.expect(g * 3.0, [0.0])
    with pytest.raises(NoTruth, match="catalogue"):
        Reading(p.program())
