"""Gradients at points where there is none: kinks, poles, values outside the domain, and NaN on either side."""

from __future__ import annotations

import math

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MAY, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal, submodule

_RULES = "PyTorch documentation, autograd notes, gradients for non-differentiable functions"
_DIVISION = "PyTorch documentation, autograd notes, division by zero in autograd"
_INF, _NAN = math.inf, math.nan


def _slope(p, name, values, *args, weights=None, **kw):
    """The gradient of a pointwise operator at these values, weighted with ones or otherwise."""
    x = p.leaf(values)
    y = p.op(name, x, *args, **kw)
    return p.grad(y, x, p.constant(np.ones(np.shape(values)) if weights is None else weights))[0]


@behaviour(
    "nondiff.relu-at-zero", level=MUST, profile=FUNCTIONAL, source=f"{_RULES}, rule 2", kills=["relu-slope-one-at-zero"]
)
def relu_at_zero(p):
    """relu has gradient 0 at 0 (the subgradient of least norm), 0 below and 1 above."""
    p.expect(_slope(p, "relu", [-1.0, 0.0, 1.0]), [0.0, 0.0, 1.0])
    p.expect(_slope(p, "relu", [[0.0, -0.0], [1e-30, -1e-30]]), [[0.0, 0.0], [1.0, 0.0]])
    p.expect(_slope(p, "relu", 0.0, weights=5.0), 0.0)


@behaviour(
    "nondiff.abs-at-zero", level=MUST, profile=FUNCTIONAL, source=f"{_RULES}, rule 2", kills=["abs-slope-one-at-zero"]
)
def abs_at_zero(p):
    """abs has gradient 0 at 0 and sign(x) elsewhere."""
    p.expect(_slope(p, "abs", [-2.0, 0.0, 3.0]), [-1.0, 0.0, 1.0])
    p.expect(_slope(p, "abs", [[-0.0, 1e-30]], weights=[[7.0, -2.0]]), [[0.0, -2.0]])
    p.expect(_slope(p, "abs", 0.0), 0.0)


@behaviour(
    "nondiff.sqrt-at-zero", level=MUST, profile=FUNCTIONAL, source=f"{_RULES}, rule 4", kills=["infinite-slopes-zeroed"]
)
def sqrt_at_zero(p):
    """sqrt has gradient inf at 0, by continuity."""
    p.expect(_slope(p, "sqrt", [0.0, 4.0]), [_INF, 0.25])
    p.expect(_slope(p, "sqrt", [[0.0], [16.0]], weights=[[-2.0], [4.0]]), [[-_INF], [0.5]])
    p.expect(_slope(p, "sqrt", 0.0), _INF)


@behaviour("nondiff.log-at-zero", level=SHOULD, profile=FUNCTIONAL, source=f"{_RULES}, rule 4")
def log_at_zero(p):
    """log and the reciprocal have infinite gradients at 0: +inf and -inf."""
    for values, ones in (([0.0], [1.0]), (0.0, 1.0), ([[0.0, 0.0]], [[1.0, 1.0]])):
        p.expect(_slope(p, "log", values), _INF * np.array(ones))
        p.expect(_slope(p, "reciprocal", values), -_INF * np.array(ones))


@behaviour("nondiff.pow-half-at-zero", level=SHOULD, profile=FUNCTIONAL, source=f"{_RULES}, rule 4")
def pow_half_at_zero(p):
    """x ** 0.5 has gradient inf at 0 as sqrt has, and x ** 0 has gradient 0 there."""
    for values in ([0.0], 0.0, [[0.0, 0.0]]):
        p.expect(_slope(p, "pow", values, 0.5), np.full(np.shape(values), _INF))
        p.expect(_slope(p, "pow", values, 0), np.zeros(np.shape(values)))


@behaviour("nondiff.undefined-points-are-arbitrary", level=MAY, profile=FUNCTIONAL, source=f"{_RULES}, rule 5")
def undefined_points_are_arbitrary(p):
    """Outside a function's domain the gradient is arbitrary: sqrt(-1) gives nan and log(-1) gives 1/x = -1, without an
    error.
    """
    p.expect(_slope(p, "sqrt", [-1.0]), [_NAN])
    p.expect(_slope(p, "log", [-1.0, -4.0]), [-1.0, -0.25])


@behaviour("nondiff.nan-input-need-not-propagate", level=MAY, profile=FUNCTIONAL, source=_RULES)
def nan_input_need_not_propagate(p):
    """A NaN input may give any gradient: the gradient of abs at NaN is 0, and the value itself is NaN."""
    x = p.leaf([_NAN, -2.0])
    y = x.abs()
    p.expect(y, [_NAN, 2.0])
    p.expect(p.grad(y.sum(), x)[0], [0.0, -1.0])


@behaviour("nondiff.nan-incoming-gradient-propagates", level=SHOULD, profile=FUNCTIONAL, source=_RULES)
def nan_incoming_gradient_propagates(p):
    """A NaN in the incoming gradient reaches the input gradient where that contribution is used."""
    for name, args, slope in (("mul", (3.0,), 3.0), ("square", (), 2.0), ("neg", (), -1.0)):
        p.expect(_slope(p, name, [0.5, 1.0], *args, weights=[_NAN, 1.0]), [_NAN, slope])


@also("nondiff.nan-incoming-gradient-propagates")
def through_transcendental_functions(torch):
    for function in (torch.sin, torch.exp, torch.tanh):
        x = torch.tensor([0.5, 1.0], dtype=torch.float64, requires_grad=True)
        (g,) = torch.autograd.grad(function(x), x, torch.tensor([_NAN, 1.0], dtype=torch.float64))
        assert torch.isnan(g).tolist() == [True, False], f"an incoming [nan, 1] gives {g.tolist()}"


@behaviour("nondiff.nan-incoming-inactive-does-not-contaminate", level=SHOULD, profile=FUNCTIONAL, source=_RULES)
def nan_incoming_inactive_does_not_contaminate(p):
    """A NaN incoming gradient does not contaminate an inactive contribution: with relu at a negative input and with the
    untaken branch of where the gradient stays 0.
    """
    for bad in (_NAN, _INF):
        p.expect(_slope(p, "relu", [-1.0, 1.0], weights=[bad, 1.0]), [0.0, 1.0])
        a, b = p.leaf([1.0, 3.0]), p.leaf([2.0, 4.0])
        y = p.op("where", p.constant([True, False], dtype="bool"), a, b)
        da, db = p.grad(y, (a, b), p.constant([bad, bad]))
        p.expect(da, [bad, 0.0])
        p.expect(db, [0.0, bad])


@behaviour(
    "nondiff.division-by-zero-masked-later-is-nan",
    level=MUST,
    profile=FUNCTIONAL,
    source=_DIVISION,
    kills=["gradients-cleaned-of-nan"],
)
def division_by_zero_masked_later_is_nan(p):
    """Dividing by zero and masking the result afterwards leaves NaN in the gradient: x / [0, 1] with only the second
    element used gives [nan, 1].
    """
    for divisor, expected in (([0.0, 1.0], [_NAN, 1.0]), ([4.0, 0.0], [0.25, _NAN]), ([0.0, 0.0], [_NAN, _NAN])):
        x, d = p.leaf([1.0, 1.0]), p.constant(divisor)
        y = p.op("masked_select", x / d, p.constant(np.array(divisor) != 0, dtype="bool"))
        p.expect(p.grad(y.sum(), x)[0], expected)


@behaviour(
    "nondiff.mask-before-division-is-safe",
    level=MUST,
    profile=FUNCTIONAL,
    source=_DIVISION,
    kills=["selection-gradient-everywhere"],
)
def mask_before_division_is_safe(p):
    """Masking before the division keeps the gradient finite: [0, 1]."""
    for divisor, expected in (([0.0, 1.0], [0.0, 1.0]), ([4.0, 0.0], [0.25, 0.0]), ([0.0, 2.0, 0.0], [0.0, 0.5, 0.0])):
        mask = np.array(divisor) != 0
        x, d, m = p.leaf(np.ones(len(divisor))), p.constant(divisor), p.constant(mask, dtype="bool")
        y = p.op("masked_select", x, m) / p.op("masked_select", d, m)
        p.expect(p.grad(y.sum(), x)[0], expected)


@also("nondiff.mask-before-division-is-safe", needs=["in-place"])
def masked_assignment(torch):
    x = torch.tensor([1.0, 1.0], dtype=torch.float64, requires_grad=True)
    d = torch.tensor([0.0, 1.0], dtype=torch.float64)
    mask, safe = d != 0, torch.zeros(2, dtype=torch.float64)
    safe[mask] = x[mask] / d[mask]
    safe.sum().backward()
    assert_equal(x.grad, [0.0, 1.0], "the gradient")


@behaviour("nondiff.where-does-not-hide-nan", level=SHOULD, profile=FUNCTIONAL, source=f"{_DIVISION}, key principle")
def where_does_not_hide_nan(p):
    """where(mask, f(x), 0) does not protect from a NaN gradient of f in the untaken positions: where(x > 0, sqrt(x), 0)
    has gradient nan at 0.
    """
    for values, expected in (([0.0, 4.0], [_NAN, 0.25]), ([[16.0, 0.0]], [[0.125, _NAN]])):
        x, zero = p.leaf(values), p.constant(np.zeros(np.shape(values)))
        y = p.op("where", x > 0, x.sqrt(), zero)
        p.expect(y, np.sqrt(values))
        p.expect(p.grad(y.sum(), x)[0], expected)


@behaviour(
    "nondiff.masked-tensor-division",
    level=MAY,
    profile=IMPERATIVE,
    source=f"{_DIVISION}, MaskedTensor",
    needs=["masked"],
)
def masked_tensor_division(torch):
    """With as_masked_tensor(x / d, mask).sum() the leaf's .grad is a MaskedTensor that is masked out where the mask is
    False and holds 1 where it is True, so that no nan is exposed.
    """
    x = torch.tensor([1.0, 1.0], dtype=torch.float64, requires_grad=True)
    d = torch.tensor([0.0, 1.0], dtype=torch.float64)
    submodule(torch, "masked").as_masked_tensor(x / d, d != 0).sum().backward()
    assert type(x.grad).__name__ == "MaskedTensor", f"the gradient is a {type(x.grad).__name__}"
    assert x.grad.get_mask().tolist() == [False, True], f"its mask is {x.grad.get_mask().tolist()}"
    assert x.grad.get_data()[1].item() == 1.0, f"where it is not masked it holds {x.grad.get_data()[1].item()}"


@behaviour(
    "nondiff.clamp-boundary",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_RULES}, example of a maximum with a number",
    discrepancy="By rule 2 the least-norm subgradient of clamp(min=c) at x = c is 0, and the note's max(x, Scalar) "
    "example says so; torch gives 1 (hardtanh and relu6 give 0 at their bounds).",
)
def clamp_boundary(p):
    """clamp with number bounds passes the gradient fully where the input equals a bound, and 0 outside the bounds."""
    p.expect(_slope(p, "clamp", [-1.0, 0.0, 0.5, 1.0, 2.0], min=0.0, max=1.0), [0.0, 1.0, 1.0, 1.0, 0.0])
    p.expect(_slope(p, "clamp", [[-2.0, -2.5, 0.0]], min=-2.0), [[1.0, 0.0, 1.0]])
    p.expect(_slope(p, "clamp", 3.0, max=3.0, weights=2.0), 2.0)


@behaviour(
    "nondiff.clamp-tensor-boundary",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_RULES}, functions of several tensors",
    discrepancy="By the note's joint rule the least-norm choice would be (1/2, 1/2); torch gives (1, 0).",
)
def clamp_tensor_boundary(torch):
    """clamp with a tensor bound equal to the input gives the whole gradient to the input and none to the bound."""
    for values in ([0.0], [1.5, -2.0]):
        for bound in ("min", "max"):
            x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
            b = torch.tensor(values, dtype=torch.float64, requires_grad=True)
            torch.clamp(x, **{bound: b}).sum().backward()
            assert_equal(x.grad, np.ones(len(values)).tolist(), "the gradient of the input")
            assert_equal(b.grad, np.zeros(len(values)).tolist(), f"the gradient of {bound}")


@behaviour("nondiff.hardtanh-boundary", level=SHOULD, profile=FUNCTIONAL, source=f"{_RULES}, rules 2 and 3")
def hardtanh_boundary(p):
    """hardtanh and relu6 have gradient 0 exactly at their bounds."""
    p.expect(_slope(p, "hardtanh", [-1.0, 0.0, 1.0, -3.0]), [0.0, 1.0, 0.0, 0.0])
    p.expect(_slope(p, "hardtanh", [[-2.0, 0.5, 3.0]], min_val=-2.0, max_val=3.0), [[0.0, 1.0, 0.0]])
    p.expect(_slope(p, "relu6", [0.0, 3.0, 6.0, 7.0]), [0.0, 1.0, 0.0, 0.0])


@behaviour("nondiff.leaky-relu-at-zero", level=SHOULD, profile=FUNCTIONAL, source=f"{_RULES}, rule 2")
def leaky_relu_at_zero(p):
    """leaky_relu with slope s between 0 and 1 has gradient s at 0, the subgradient of least norm."""
    for s in (0.125, 0.5):
        p.expect(_slope(p, "leaky_relu", [0.0, 2.0, -2.0], negative_slope=s), [s, 1.0, s])
        p.expect(_slope(p, "leaky_relu", 0.0, negative_slope=s, weights=4.0), 4 * s)


@behaviour(
    "nondiff.step-functions-zero",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_RULES}, rule 1",
    kills=["step-functions-unrecorded"],
)
def step_functions_zero(p):
    """sign, floor, ceil, round and trunc have gradient 0 everywhere as tensors of zeros, not None."""
    for name in ("sign", "floor", "ceil", "round", "trunc"):
        p.expect(_slope(p, name, [-0.5, 0.0, 2.0]), [0.0, 0.0, 0.0])
        p.expect(_slope(p, name, [[1.5]], weights=[[3.0]]), [[0.0]])
