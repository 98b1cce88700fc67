"""Limits at infinities: what is typed is what the functions come to, far out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from conformance.engines.refgrad import RefgradEngine
from conformance.operators import find, specs
from conformance.oracles.judged import judged
from conformance.oracles.limits import LIMITS, NAN_IS, is_special
from conformance.oracles.reasons import NoTruth
from conformance.program import Program, Ref, Statement
from conformance.recorder import Recorder

ENGINE = RefgradEngine()
FAR = 1e8


def far(name: str, x: float) -> tuple[float, float]:
    """Value and slope of an operator, as the corpus first calls it."""
    spec = find(name)
    leaf = ENGINE.leaf(np.array([x]), True)
    y = ENGINE.operator(name)(leaf, **spec.bind((leaf,), spec.sampling.calls[0].attributes)[1])
    return y.item(), ENGINE.torch.autograd.grad(y.sum(), leaf)[0].item()


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("sign", [1, -1])
def test_functions_come_to_their_limits(name: str, sign: int) -> None:
    with np.errstate(all="ignore"):
        found = far(name, sign * FAR)
    for value, limit in zip(found, LIMITS[name][:2] if sign > 0 else LIMITS[name][2:], strict=True):
        if math.isfinite(limit):
            assert value == pytest.approx(limit, rel=1e-6, abs=1e-3)
        elif math.isinf(limit) and name != "lgamma":  # which oscillates between its poles on the left
            assert value * math.copysign(1, limit) > 1


def test_operators_with_limits_are_those_that_have_infinite_classes() -> None:
    assert set(LIMITS) | set(NAN_IS) <= set(specs())


def test_finite_elements_keep_their_truth_and_infinite_ones_may_be_nan() -> None:
    p = Recorder("float64")
    y = p.op("sigmoid", p.leaf([0.5, np.inf, -np.inf], requires_grad=False))
    p._observe("value", (y,))
    assert is_special(p.program())
    (found,) = judged(p.program(), "float64", "value").expectations
    assert found.value[0] == pytest.approx(1 / (1 + math.exp(-0.5)), rel=1e-15)
    assert found.value[1:].tolist() == [1.0, 0.0]
    assert any(np.isnan(other[1:]).all() and other[0] == found.value[0] for other in found.permitted)


def test_where_no_limit_is_recorded_there_is_no_truth() -> None:
    p = Recorder("float64")
    x = p.leaf([np.inf, 1.0], requires_grad=False)
    p._observe("value", (p.op("mul", x, p.leaf([2.0, 3.0], requires_grad=False)),))
    with pytest.raises(NoTruth, match="limit"):
        judged(p.program(), "float64", "value")


def masked(mask: list[bool], *, inside: bool) -> Program:
    """A program of an operator that takes a mask, by itself or as the function of a forward pass in duals."""
    leaves = (
        Statement("leaf", ("x",), args=(np.array([1.0, np.nan, 3.0]),), kw={"requires_grad": False}),
        Statement("leaf", ("m",), args=(np.array(mask),), kw={"requires_grad": False}),
        Statement("leaf", ("t",), args=(np.ones(3),), kw={"requires_grad": False}),
    )
    applied = Statement("op", ("y",), name="masked.sum", args=(Ref("p" if inside else "x"),), kw={"mask": Ref("m")})
    if not inside:
        return Program((*leaves, applied))
    body = (Statement("parameter", ("p",)), applied, Statement("result", (), args=(Ref("y"),)))
    return Program((*leaves, Statement("jvp", ("a", "b"), args=((Ref("x"),), (Ref("t"),)), body=body)))


@pytest.mark.parametrize("inside", [False, True])
def test_what_a_mask_leaves_out_is_no_ones_business(*, inside: bool) -> None:
    assert not is_special(masked([True, False, True], inside=inside))
    assert is_special(masked([False, True, True], inside=inside))
