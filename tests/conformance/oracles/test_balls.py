"""The oracle on its own: derivatives that are known, at ordinary and at hostile points, without any engine's rules."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from conformance.oracles import balls
from conformance.oracles.reasons import NoTruth
from conformance.program import Program
from conformance.recorder import Recorder


def vjp(operator: str, *inputs: Any, weights: Any = None, **attributes: Any) -> Program:
    """The program of the gradient of one operator in float64; cotangents of ones unless given."""
    p = Recorder("float64")
    leaves = [p.leaf(x) for x in inputs]
    y = p.op(operator, *leaves, **attributes)
    cotangent = p.constant(np.ones(np.shape(inputs[0])) if weights is None else weights)
    for g in p.grad(y, leaves, cotangent):
        p.expect(g, 0.0)
    return p.program()


def gradient(program: Program, which: int = 0) -> np.ndarray:
    return list(balls.gradients(program).values())[which].value


KNOWN = [
    ("exp", 0.0, 1.0),
    ("exp", 1.0, math.e),
    ("exp", -1000.0, 0.0),
    ("exp", 1000.0, math.inf),
    ("sin", 0.0, 1.0),
    ("sin", 1e40, -0.7626727320243791),
    ("cos", 1e-300, -1e-300),
    ("cos", 5e-324, -5e-324),
    ("cos", 0.0, 0.0),
    ("square", 1e40, 2e40),
    ("square", 0.0, 0.0),
    ("square", 5e-324, 1e-323),
    ("log", 5e-324, math.inf),
    ("log", 1e300, 1e-300),
    ("sqrt", 1e-300, 5e149),
    ("tanh", 20.0, 1.6993417021166355e-17),
    ("tanh", 400.0, 0.0),
    ("reciprocal", -2.0, -0.25),
    ("atan", 1e40, 1e-80),
    ("floor", 2.5, 0.0),
    ("neg", 5e-324, -1.0),
]


@pytest.mark.parametrize(("operator", "x", "slope"), KNOWN)
def test_known_derivatives(operator: str, x: float, slope: float) -> None:
    assert gradient(vjp(operator, [x])).tolist() == [slope]


def test_a_polynomial_has_no_derivative_left_at_zero() -> None:
    p = Recorder("float64")
    x = p.leaf([0.0])
    (g,) = p.grad(x * x * x * x * x, x, p.constant([1.0]))
    p.expect(g, 0.0)
    assert gradient(p.program()).tolist() == [0.0]


def test_a_gradient_is_that_of_the_weighted_sum() -> None:
    program = vjp("mul", [[1.0, 2.0]], [[3.0], [4.0]], weights=[[1.0, -2.0], [0.5, 3.0]])
    assert gradient(program).tolist() == [[5.0, 6.0]]
    assert gradient(program, 1).tolist() == [[-3.0], [6.5]]


def test_cancellation_is_exactly_zero() -> None:
    p = Recorder("float64")
    x = p.leaf([0.1, 0.7])
    (g,) = p.grad(x.sin() - x.sin(), x, p.constant([1.0, 1.0]))
    p.expect(g, 0.0)
    assert gradient(p.program()).tolist() == [0.0, 0.0]


def test_what_is_detached_is_constant() -> None:
    p = Recorder("float64")
    x = p.leaf([3.0])
    (g,) = p.grad(x * x.detach(), x, p.constant([1.0]))
    p.expect(g, 0.0)
    assert gradient(p.program()).tolist() == [3.0]


def test_what_no_grad_computes_is_constant() -> None:
    p = Recorder("float64")
    x = p.leaf([3.0])
    with p.no_grad():
        c = x * x
        with p.enable_grad():
            d = x * 2
    (g,) = p.grad(x * c + d, x, p.constant([1.0]))
    p.expect(g, 0.0)
    assert gradient(p.program()).tolist() == [11.0]


@pytest.mark.parametrize(
    ("operator", "left", "right"), [("abs", -1.0, 1.0), ("maximum", 0.0, 1.0), ("nn.functional.relu", 0.0, 1.0)]
)
def test_a_kink_is_noticed_though_the_central_difference_is_smooth(operator: str, left: float, right: float) -> None:
    inputs = ([0.0, 1.0], [0.0, 0.5]) if operator == "maximum" else ([0.0, 1.0],)
    found = next(iter(balls.gradients(vjp(operator, *inputs)).values()))
    assert found.kinks.tolist() == [True, False]
    assert (found.left[0], found.right[0]) == (left, right)


@pytest.mark.parametrize(("operator", "x"), [("sign", 0.0), ("floor", 2.0), ("round", 0.5)])
def test_a_jump_is_noticed(operator: str, x: float) -> None:
    assert next(iter(balls.gradients(vjp(operator, [x])).values())).kinks.all()


def test_a_smooth_point_of_zero_slope_is_no_kink() -> None:
    assert not next(iter(balls.gradients(vjp("square", [0.0])).values())).kinks.any()


@pytest.mark.parametrize(("operator", "x"), [("sqrt", 0.0), ("log", 0.0), ("log", -1.0), ("atanh", 1.0)])
def test_the_edge_of_a_domain_has_no_truth(operator: str, x: float) -> None:
    with pytest.raises(NoTruth, match="domain"):
        balls.gradients(vjp(operator, [x]))


def test_an_unknown_function_is_a_reason_and_no_crash() -> None:
    p = Recorder("float64")
    x = p.leaf([1.0])
    x.add_(1.0)
    (g,) = p.grad(x * 2, x, p.constant([1.0]))
    p.expect(g, 0.0)
    with pytest.raises(NoTruth, match="catalogue"):
        balls.gradients(p.program())


def test_values_are_rounded_to_the_dtype() -> None:
    p = Recorder("float32")
    p.expect(p.leaf([1.0, 100.0]).exp(), [0.0, 0.0])
    (found,) = balls.values(p.program()).values()
    assert found.dtype == np.float32
    assert found.tolist() == [np.float32(math.e), np.inf]


def test_float32_inputs_are_taken_as_they_are() -> None:
    p = Recorder("float32")
    x = p.leaf([0.1])
    (g,) = p.grad(x * x, x, p.constant([1.0]))
    p.expect(g, 0.0)
    assert gradient(p.program())[0] == np.float32(0.1) * 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"padding_idx": 1}, [[2.0], [0.0], [6.0]]),
        ({"padding_idx": -2}, [[2.0], [0.0], [6.0]]),
        ({"scale_grad_by_freq": True}, [[2.0], [4.0], [6.0]]),
        ({}, [[2.0], [8.0], [6.0]]),
    ],
)
def test_the_documented_gradient_of_an_embedding(options: dict, expected: list[list[float]]) -> None:
    p = Recorder("float64")
    indices, w = p.constant([0, 1, 2, 1], dtype="int64"), p.leaf([[1.0], [2.0], [3.0]])
    y = p.op("nn.functional.embedding", indices, w, **options)
    (g,) = p.grad(y * y, w, p.constant([[1.0], [1.0], [1.0], [1.0]]))
    p.expect(g, 0.0)
    assert gradient(p.program()).tolist() == expected
