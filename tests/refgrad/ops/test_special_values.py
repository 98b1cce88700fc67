"""Values and gradients where intermediates overflow, underflow or cancel, at zeros and at infinities, by calculus."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import refgrad
from refgrad.nn import functional as F

INF, NAN = math.inf, math.nan
GELU_TAIL = -1.1014360483133466e-86  # of the error function, at -20
GELU_TANH_TAIL = -2.9424328724946188e-259  # of its approximation by tanh

# name, function of its arguments, arguments, gradient of the sum by each: to 16 digits, or to the last bit where exact
GRADIENTS = [
    ("acosh far out", lambda x: x.acosh(), [[1e300]], [[1e-300]]),
    ("sinc near zero", lambda x: x.sinc(), [[1e-300, -1e-300, 0.0]], [[-math.pi**2 / 3 * 1e-300, math.pi**2 / 3 * 1e-300, 0.0]]),
    ("atan2 near the origin", refgrad.atan2, [[1e-300, 0.0], [0.0, 1e-300]], [[0.0, 1e300], [-1e300, 0.0]]),
    ("atan2 far out", refgrad.atan2, [[1e200, 0.0], [1e200, 1e200]], [[5e-201, 1e-200], [-5e-201, 0.0]]),
    ("atan2 at the origin", refgrad.atan2, [[0.0], [0.0]], [[0.0], [0.0]]),
    ("logaddexp of infinity", refgrad.logaddexp, [[INF, 0.0], [0.0, -INF]], [[1.0, 1.0], [0.0, 0.0]]),
    ("logaddexp far out", refgrad.logaddexp, [[1e8, -1e300], [1e8, -1e300]], [[0.5, 0.5], [0.5, 0.5]]),
    ("logsumexp far out", lambda x: x.logsumexp(0), [[1e300, 1e300, 1e8]], [[0.5, 0.5, 0.0]]),
    ("logsumexp of infinity", lambda x: x.logsumexp(0), [[INF, 1.0, INF]], [[0.5, 0.0, 0.5]]),
    ("logsumexp with no probability", lambda x: x.logsumexp(0), [[-INF, 3.0]], [[0.0, 1.0]]),
    ("logaddexp2 of infinity", refgrad.logaddexp2, [[INF], [3.0]], [[1.0], [0.0]]),
    ("power of nothing", lambda x: x**0, [[INF, -INF, NAN, 0.0]], [[0.0, 0.0, 0.0, 0.0]]),
    ("xlogy of nothing", refgrad.xlogy, [[0.0], [0.0]], [[0.0], [0.0]]),
    ("gelu far out", F.gelu, [[-20.0]], [[GELU_TAIL]]),
    ("gelu by tanh far out", lambda x: F.gelu(x, approximate="tanh"), [[-20.0]], [[GELU_TANH_TAIL]]),
    ("softsign far out", F.softsign, [[1e200, -INF]], [[0.0, 0.0]]),
    ("tanhshrink near zero", F.tanhshrink, [[1e-20]], [[1e-40]]),
    ("std of equal elements", lambda x: x.std(), [[0.1, 0.1, 0.1]], [[0.0, 0.0, 0.0]]),
    ("norm of a negative order with a zero", lambda x: refgrad.linalg.vector_norm(x, -2), [[0.0, 1.0, 2.0]], [[0.0, 0.0, 0.0]]),
    ("norm whose square overflows", lambda x: refgrad.linalg.vector_norm(x), [[3e200, 4e200]], [[0.6, 0.8]]),
    ("norm whose square underflows", lambda x: x.norm(), [[3e-200, -4e-200]], [[0.6, -0.8]]),
    ("norm whose cube overflows", lambda x: x.norm(3), [[1e200, 1e200]], [[2 ** (-2 / 3), 2 ** (-2 / 3)]]),
    ("norm of zeros", lambda x: refgrad.linalg.vector_norm(x, 0.5), [[0.0, 0.0]], [[0.0, 0.0]]),
    ("product that overflows", lambda x: x.prod(), [[1e300, 1.0, -1e300]], [[-1e300, -INF, 1e300]]),
    ("product with an infinity", lambda x: x.prod(), [[INF, 1.0, 2.0]], [[2.0, INF, INF]]),
    ("product of zeros", lambda x: x.cumprod(0), [[2.0, 0.0, 3.0, 0.0]], [[1.0, 8.0, 0.0, 0.0]]),
    ("running sum of no probability", lambda x: x.logcumsumexp(0), [[-INF, 1.0]], [[0.0, 1.0]]),
    ("loss of an infinite difference", lambda x: F.huber_loss(x, refgrad.zeros_like(x), reduction="sum"), [[INF, 1.0]], [[1.0, 1.0]]),
    ("division by zero", lambda x: x / 0, [[1.0, -1.0]], [[INF, INF]]),
    ("maximum with nan", refgrad.maximum, [[NAN, 1.0], [1.0, NAN]], [[1.0, 1.0], [1.0, 1.0]]),
    ("absolute value of nan", lambda x: x.abs(), [[NAN]], [[0.0]]),
    ("remainder of far apart", refgrad.fmod, [[1.0], [5e-324]], [[1.0], [-INF]]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "arguments", "expected"), [c[1:] for c in GRADIENTS], ids=[c[0] for c in GRADIENTS]
)
def test_gradients_are_those_of_calculus(function: Any, arguments: Any, expected: Any) -> None:
    xs = [refgrad.tensor(x, dtype=refgrad.float64, requires_grad=True) for x in arguments]
    with np.errstate(all="ignore"):
        found = refgrad.autograd.grad(function(*xs).sum(), xs)
    for g, w in zip(found, expected, strict=True):
        np.testing.assert_allclose(g.numpy(), w, rtol=4e-15, atol=0)


# name, function, argument, value
VALUES = [
    ("norm whose square overflows", lambda x: x.norm(), [3e200, 4e200], 5e200),
    ("norm whose square underflows", lambda x: x.norm(), [3e-200, 4e-200], 5e-200),
    ("norm of subnormal numbers", lambda x: x.norm(keepdim=True), [3e-320, 4e-320], [5e-320]),
    (
        "product added to nothing",
        lambda x: refgrad.addmm(x, refgrad.ones(1, 1, dtype=x.dtype), 2 * refgrad.ones(1, 1, dtype=x.dtype), beta=0),
        [[NAN]],
        [[2.0]],
    ),
    ("lgamma near one", lambda x: x.lgamma(), [1 - 1e-12, 1 + 1e-10], [5.7720289589896652e-13, -5.772157125783245e-11]),
    ("lgamma near two", lambda x: x.lgamma(), [1.9999999999], [-4.2278437004755294e-11]),
    ("angle of a negative zero", lambda x: x.angle(), [-0.0, -1.0], [0.0, math.pi]),
    ("sign of nan", lambda x: x.sign(), [NAN, -2.0], [0.0, -1.0]),
    ("remainder of far apart", lambda x: refgrad.fmod(x, refgrad.tensor(5e-324, dtype=x.dtype)), [1e300], [0.0]),
]


@pytest.mark.parametrize(("function", "argument", "expected"), [c[1:] for c in VALUES], ids=[c[0] for c in VALUES])
def test_values_are_right_to_the_last_digits(function: Any, argument: Any, expected: Any) -> None:
    found = function(refgrad.tensor(argument, dtype=refgrad.float64))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-15, atol=0)


@pytest.mark.parametrize("create_graph", [False, True])
def test_an_integer_operand_is_as_exact_as_the_other(create_graph: bool) -> None:
    three = refgrad.tensor([3])
    cases = (
        (lambda x: x / three, 1 / 3),
        (lambda x: three**x, 3 * math.log(3)),
        (lambda x: x.xlogy(three), math.log(3)),
    )
    for function, slope in cases:
        x = refgrad.ones(1, dtype=refgrad.float64, requires_grad=True)
        (g,) = refgrad.autograd.grad(function(x).sum(), x, create_graph=create_graph)
        assert g.item() == pytest.approx(slope, rel=1e-15)


def test_the_gradient_of_prelu_is_linear_in_the_cotangent_at_zero_too() -> None:
    x, w = refgrad.zeros(1, requires_grad=True), refgrad.full((1,), 0.25, requires_grad=True)
    g = refgrad.ones(1, requires_grad=True)
    (slope,) = refgrad.autograd.grad(F.prelu(x, w), x, g, create_graph=True)
    assert refgrad.autograd.grad(slope, g)[0].item() == slope.item() == 0.25
