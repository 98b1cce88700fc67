"""Special functions agree with PyTorch; where PyTorch gives nan at a regular point, with the mathematics."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import refgrad
from tests.refgrad.ops.against_torch import agree, cases

POSITIVE = np.array([0.1, 0.5, 1.0, 2.5, 7.0, 30.0])
NEGATIVE = np.array([-0.3, -1.7, -4.2])
INSIDE = np.array([0.05, 0.3, 0.5, 0.7, 0.95])
ANY = np.array([-5.0, -1.0, -0.3, 0.2, 1.5, 4.0])


@cases(
    ("erf", lambda t, x: t.erf(x), [ANY]),
    ("erfc", lambda t, x: t.erfc(x), [ANY]),
    ("erfcx", lambda t, x: t.special.erfcx(x), [ANY]),
    ("erfinv", lambda t, x: t.erfinv(x), [INSIDE]),
    ("ndtr", lambda t, x: t.special.ndtr(x), [ANY]),
    ("ndtri", lambda t, x: t.special.ndtri(x), [INSIDE]),
    ("log_ndtr", lambda t, x: t.special.log_ndtr(x), [ANY]),
    ("lgamma", lambda t, x: t.lgamma(x), [POSITIVE]),
    ("lgamma", lambda t, x: t.lgamma(x), [NEGATIVE]),
    ("digamma", lambda t, x: t.digamma(x), [POSITIVE]),
    ("digamma", lambda t, x: t.digamma(x), [NEGATIVE]),
    ("polygamma", lambda t, x: t.polygamma(2, x), [POSITIVE]),
    ("mvlgamma", lambda t, x: t.mvlgamma(x, 3), [POSITIVE + 1]),
    ("igamma", lambda t, a, x: t.igamma(a.detach(), x), [POSITIVE, POSITIVE]),
    ("igammac", lambda t, a, x: t.igammac(a.detach(), x), [POSITIVE, POSITIVE]),
    ("i0", lambda t, x: t.i0(x), [ANY]),
    ("i1", lambda t, x: t.special.i1(x), [ANY]),
    ("i0e", lambda t, x: t.special.i0e(x), [ANY]),
    ("i1e", lambda t, x: t.special.i1e(x), [ANY]),
    ("sinc", lambda t, x: t.sinc(x), [ANY]),
    ("entr", lambda t, x: t.special.entr(x), [POSITIVE]),
    ("xlogy", lambda t, x, y: t.xlogy(x, y), [(3, 1), POSITIVE]),
    ("xlogy-zero", lambda t, x, y: t.xlogy(x, y), [np.array([0.0, 0.0, 2.0]), np.array([1.0, 3.0, 2.0])]),
    ("xlogy-number", lambda t, x: t.xlogy(2.0, x), [POSITIVE]),
    ("xlog1py", lambda t, x, y: t.special.xlog1py(x, y), [(6,), POSITIVE]),
    ("logit", lambda t, x: t.logit(x), [INSIDE]),
    ("logit-eps", lambda t, x: t.logit(x, 0.2), [INSIDE]),
    ("empty", lambda t, x: t.lgamma(x), [(0, 2)]),
    ("scalar", lambda t, x: t.erf(x), [()]),
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_special(function: Any, inputs: Any, dtype: str) -> None:
    agree(function, inputs, dtype, order=2 if dtype == "float64" else 1)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (refgrad.sinc, (1.0, 0.0, -(math.pi**2) / 3, 0.0, math.pi**4 / 5)),
        (refgrad.i0, (1.0, 0.0, 0.5, 0.0, 0.375)),
        (refgrad.special.i1, (0.0, 0.5, 0.0, 0.375, 0.0)),
    ],
)
def test_families_are_right_at_zero_to_every_order(function: Any, expected: Any) -> None:
    x = refgrad.tensor(0.0, dtype=refgrad.float64, requires_grad=True)
    y = function(x)
    for order, value in enumerate(expected):
        assert y.item() == pytest.approx(value, rel=1e-14, abs=1e-14), order
        (y,) = refgrad.autograd.grad(y, x, create_graph=True)


def test_sinc_derivatives_join_where_the_formula_changes() -> None:
    from refgrad.ops.special import sinc_derivative

    for n in range(6):
        edge = (2 + n) / math.pi
        below, above = sinc_derivative(np.array([edge * (1 - 1e-13), edge * (1 + 1e-13)]), n=n)
        assert below == pytest.approx(above, rel=1e-11, abs=1e-11)
