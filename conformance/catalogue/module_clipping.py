"""Clipping: by the norm of all gradients together, and element by element."""

from __future__ import annotations

import math

from conformance.cases import IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises

_UTILS = "PyTorch documentation, torch.nn.utils"
_NEEDS = ("nn",)


def _with_gradients(torch, *gradients):
    """Float64 parameters with these gradients; None is none."""
    made = []
    for g in gradients:
        q = torch.nn.Parameter(torch.zeros(1 if g is None else len(g), dtype=torch.float64))
        q.grad = None if g is None else torch.tensor(g, dtype=torch.float64)
        made.append(q)
    return made


@behaviour(
    "module.clip-grad-norm",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_UTILS}.clip_grad_norm_ and clip_grads_with_norm_",
    kills=["clip-each-by-its-own-norm"],
    needs=_NEEDS,
)
def clip_grad_norm(torch):
    """clip_grad_norm_ scales all gradients in place by min(1, max_norm / (total + 1e-6)), where total is the norm of all
    gradients as one vector, and returns that total from before clipping.
    """
    for gradients, total, limit in ((([3.0], [4.0]), 5.0, 1.0), (([1.0, -2.0], [2.0, 0.0, 4.0]), 5.0, 2.5)):
        parameters = _with_gradients(torch, *gradients)
        before = [q.grad for q in parameters]
        found = torch.nn.utils.clip_grad_norm_(parameters, limit)
        assert_close(found, total, "the returned norm")
        factor = min(1.0, limit / (total + 1e-6))
        for q, old, g in zip(parameters, before, gradients, strict=True):
            assert q.grad is old, "clipping replaced a gradient"
            assert_close(q.grad, [x * factor for x in g], "a clipped gradient")
    (alone,) = _with_gradients(torch, [6.0, 8.0])
    assert_close(torch.nn.utils.clip_grad_norm_(alone, 5.0), 10.0, "the norm of a single tensor")
    assert_close(alone.grad, [3.0, 4.0], "the clipped gradient of a single tensor", tolerance=1e-6)


@behaviour(
    "module.clip-grad-norm-never-amplifies",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_UTILS}.clip_grads_with_norm_",
    kills=["clip-amplifies"],
    needs=_NEEDS,
    depends=["module.clip-grad-norm"],
)
def clip_grad_norm_never_amplifies(torch):
    """Gradients whose total norm is below max_norm are left as they are."""
    for gradients in (([0.5],), ([3.0], [-4.0]), ([0.0, 0.0],)):
        parameters = _with_gradients(torch, *gradients)
        torch.nn.utils.clip_grad_norm_(parameters, 10.0)
        for q, g in zip(parameters, gradients, strict=True):
            assert_equal(q.grad, g, "a gradient within the limit")


@behaviour(
    "module.clip-grad-norm-nonfinite",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_UTILS}.clip_grad_norm_, error_if_nonfinite",
    kills=["nonfinite-norm-unreported"],
    needs=_NEEDS,
)
def clip_grad_norm_nonfinite(torch):
    """With error_if_nonfinite=True a NaN or infinite total norm raises RuntimeError; by default it does not."""
    for bad in (math.nan, math.inf, -math.inf):
        parameters = _with_gradients(torch, [1.0, bad], [2.0])
        with raises(RuntimeError, "non-finite"):
            torch.nn.utils.clip_grad_norm_(parameters, 1.0, error_if_nonfinite=True)
        assert_equal(parameters[1].grad, [2.0], "a gradient after a refused clipping")
        total = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        assert not math.isfinite(total.item()), f"the norm of a gradient with {bad} is {total.item()}"


@behaviour(
    "module.clip-grad-norm-inf-and-none",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_UTILS}.clip_grad_norm_, norm_type",
    kills=["clip-norm-type-ignored"],
    needs=_NEEDS,
    depends=["module.clip-grad-norm"],
)
def clip_grad_norm_inf_and_none(torch):
    """norm_type inf uses the greatest magnitude, and parameters without .grad are ignored."""
    first, second = _with_gradients(torch, [3.0, -4.0], None)
    total = torch.nn.utils.clip_grad_norm_([first, second], 2.0, norm_type=math.inf)
    assert_close(total, 4.0, "the greatest magnitude")
    assert_close(first.grad, [1.5, -2.0], "the clipped gradient", tolerance=1e-6)
    assert second.grad is None, "a parameter without a gradient got one"
    (one,) = _with_gradients(torch, [3.0, -4.0])
    assert_close(torch.nn.utils.clip_grad_norm_([one], 70.0, norm_type=1), 7.0, "the sum of magnitudes")


@behaviour(
    "module.clip-grad-value",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_UTILS}.clip_grad_value_",
    kills=["clip-value-from-above-only"],
    needs=_NEEDS,
)
def clip_grad_value(torch):
    """clip_grad_value_ clamps every gradient element in place to [-v, v]."""
    for limit in (1.0, 0.25):
        parameters = _with_gradients(torch, [-5.0, 0.5, 5.0], [0.125], None)
        before = [q.grad for q in parameters]
        torch.nn.utils.clip_grad_value_(parameters, limit)
        assert_equal(parameters[0].grad, [-limit, min(0.5, limit), limit], "a clamped gradient")
        assert_equal(parameters[1].grad, [0.125], "a gradient within the limits")
        assert all(q.grad is g for q, g in zip(parameters, before, strict=True)), "clamping replaced a gradient"


@behaviour(
    "module.get-total-norm",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_UTILS}.get_total_norm",
    needs=_NEEDS,
    depends=["module.clip-grad-norm"],
    since="2.6",
)
def get_total_norm(torch):
    """get_total_norm of a list of tensors is the norm of their concatenation, and clip_grads_with_norm_ with it equals
    clip_grad_norm_.
    """
    utils = torch.nn.utils
    parameters, twins = (_with_gradients(torch, [1.0, -2.0], [2.0, 4.0]) for _ in range(2))
    total = utils.get_total_norm([q.grad for q in parameters])
    assert_close(total, 5.0, "the total norm")
    utils.clip_grads_with_norm_(parameters, 1.0, total)
    utils.clip_grad_norm_(twins, 1.0)
    for q, twin in zip(parameters, twins, strict=True):
        assert_close(q.grad, twin.grad, "a gradient clipped in two steps")
