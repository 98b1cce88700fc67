"""Optimizers: what a step does to parameters, to their gradients and to the graph, and gradient scaling."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises

_SGD = "PyTorch documentation, torch.optim.SGD"
_ZERO = "PyTorch documentation, torch.optim.Optimizer.zero_grad"
_AMP = "PyTorch documentation, automatic mixed precision examples"
_NOTES = "introductory autograd notes"
_NEEDS = ("nn",)


def _parameter(torch, values, grad=None):
    """A float64 parameter, with a gradient if one is given."""
    q = torch.nn.Parameter(torch.tensor(values, dtype=torch.float64))
    if grad is not None:
        q.grad = torch.tensor(grad, dtype=torch.float64)
    return q


@behaviour(
    "module.optimizer-skips-none-not-zero",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_ZERO}, 3",
    kills=["optimizer-skips-zero-gradients"],
    needs=_NEEDS,
)
def optimizer_skips_none_not_zero(torch):
    """An optimizer skips parameters whose .grad is None but makes a step for a zero gradient, which with weight decay
    or momentum changes the parameter.
    """
    without, zero = _parameter(torch, [1.0, -2.0]), _parameter(torch, [1.0, -2.0], [0.0, 0.0])
    torch.optim.SGD([without, zero], lr=0.5, weight_decay=0.25).step()
    assert_equal(without, [1.0, -2.0], "the parameter without a gradient")
    assert_equal(zero, [0.875, -1.75], "the parameter with a zero gradient and weight decay")
    moving = _parameter(torch, [1.0], [2.0])
    optimizer = torch.optim.SGD([moving], lr=0.5, momentum=0.5)
    optimizer.step()
    moving.grad.zero_()
    optimizer.step()
    assert_equal(moving, [-0.5], "the parameter with a zero gradient and momentum")


@behaviour("module.zero-grad-covers-own-params-only", level=SHOULD, profile=IMPERATIVE, source=_ZERO, needs=_NEEDS)
def zero_grad_covers_own_params_only(torch):
    """An optimizer's zero_grad resets only the tensors that it optimizes."""
    a, b = _parameter(torch, [2.0], [1.0]), _parameter(torch, [3.0], [4.0])
    torch.optim.SGD([a], lr=0.1).zero_grad()
    assert a.grad is None, "the gradient of an optimized parameter is left"
    assert_equal(b.grad, [4.0], "the gradient of another parameter")


@behaviour(
    "module.sgd-update-rule",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_SGD}; {_NOTES}, optimizer",
    kills=["sgd-momentum-dampened"],
    needs=_NEEDS,
)
def sgd_update_rule(torch):
    """Plain SGD replaces w by w - lr * w.grad; with momentum 0.9 the second step with the same gradient g moves by lr *
    1.9 g.
    """
    for value, g in (([1.0], [2.0]), ([[0.5, -3.0]], [[1.0, 4.0]])):
        plain = _parameter(torch, value, g)
        torch.optim.SGD([plain], lr=0.1).step()
        assert_close(plain, (np.array(value) - 0.1 * np.array(g)).tolist(), "w after a plain step")
        moving = _parameter(torch, value, g)
        optimizer = torch.optim.SGD([moving], lr=0.1, momentum=0.9)
        for factor in (1.0, 2.9, 5.61):  # 1, then 1 + 1.9, then that + 2.71
            optimizer.step()
            expected = np.array(value) - 0.1 * factor * np.array(g)
            assert_close(moving, expected.tolist(), "w after a step with momentum")


@also("module.sgd-update-rule")
def step_written_out(p):
    """The plain rule by gradients alone."""
    for values, lr in (([1.0, -3.0], 0.5), ([[2.0], [0.25]], 0.25)):
        w = p.leaf(values)
        (g,) = p.grad((w * w).sum(), w)
        p.expect(w.detach() - lr * g, np.array(values) * (1 - 2 * lr))


@behaviour(
    "module.step-is-in-place-and-untracked",
    level=MUST,
    profile=IMPERATIVE,
    source=f"PyTorch documentation, autograd notes, no-grad mode; {_SGD}, differentiable",
    kills=["optimizer-replaces-storage"],
    needs=(*_NEEDS, "storage"),
    depends=["module.sgd-update-rule"],
)
def step_is_in_place_and_untracked(torch):
    """step() changes the parameter object in place under no_grad: same storage, still a leaf that requires grad, with
    its .grad left as it was.
    """
    for make in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW):
        w = _parameter(torch, [1.0, -2.0])
        place = w.data_ptr()
        optimizer = make([w], lr=0.1)
        (w * 2).sum().backward()
        optimizer.step()
        name = make.__name__
        assert w.tolist() != [1.0, -2.0], f"{name} changed nothing"
        assert w.data_ptr() == place, f"{name} moved the parameter to other memory"
        assert w.is_leaf, f"the parameter is no leaf after {name}"
        assert w.requires_grad, f"the parameter does not require grad after {name}"
        assert w.grad_fn is None, f"{name} was recorded as {w.grad_fn}"
        assert_equal(w.grad, [2.0, 2.0], ".grad after the step")


@behaviour(
    "module.training-step-reduces-loss",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_NOTES}, training step; PyTorch documentation, notes on modules",
    needs=_NEEDS,
    depends=["module.sgd-update-rule"],
)
def training_step_reduces_loss(torch):
    """Repeating zero_grad, forward, loss, backward and step lowers the loss of a small regression."""
    module = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [-1.0, 0.5], [0.5, -2.0]])
    target = x.sum(1, keepdim=True) + 3
    losses = []
    for _ in range(50):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(module(x), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0], f"50 steps took the loss from {losses[0]} to {losses[-1]}"


@behaviour(
    "module.non-leaf-in-optimizer-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch, torch.optim.Optimizer as observed; the rules of leaves",
    needs=_NEEDS,
)
def non_leaf_in_optimizer_raises(torch):
    """Giving an optimizer a non-leaf tensor that requires grad raises ValueError."""
    x = _parameter(torch, [1.0])
    for make in (torch.optim.SGD, torch.optim.Adam):
        with raises(ValueError, "non-leaf"):
            make([x * 2], lr=0.1)
        assert make([x], lr=0.1).param_groups[0]["params"][0] is x, "a leaf is not optimized"


@behaviour(
    "module.step-after-forward-breaks-retained-graph",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, autograd notes, in-place correctness checks",
    needs=_NEEDS,
)
def step_after_forward_breaks_retained_graph(torch):
    """A step between forward and backward changes saved parameters in place, so that backward raises RuntimeError where
    it needs them.
    """
    module = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    loss = module(torch.ones(1, 2)).sum()
    loss.backward(retain_graph=True)
    optimizer.step()
    with raises(RuntimeError, "modified by an inplace operation"):
        loss.backward()


@behaviour(
    "module.differentiable-optimizer",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_SGD}, differentiable",
    needs=_NEEDS,
)
def differentiable_optimizer(torch):
    """With differentiable=True step() is recorded, so that the updated parameter can be differentiated with respect to
    its former value.
    """
    before = _parameter(torch, [1.0, -2.0])
    w = before.clone()
    w.retain_grad()
    w.grad = torch.tensor([2.0, 4.0], dtype=torch.float64)
    optimizer = torch.optim.SGD([_parameter(torch, [1.0, 1.0])], lr=0.5, differentiable=True)
    optimizer.param_groups[0]["params"] = [w]
    optimizer.step()
    assert w.grad_fn is not None, "the step was not recorded"
    assert_equal(w, [0.0, -4.0], "the updated parameter")
    weights = torch.tensor([1.0, 10.0], dtype=torch.float64)
    assert_equal(torch.autograd.grad(w, before, weights)[0], [1.0, 10.0], "its gradient")


@behaviour(
    "module.grad-scaler-unscale-twice-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_AMP}, gradient clipping, warning",
    needs=_NEEDS,
    since="2.3",
)
def grad_scaler_unscale_twice_raises(torch):
    """Calling GradScaler.unscale_ twice for one optimizer without update in between raises RuntimeError; unscale_
    divides the gradients by the scale.
    """
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    w = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([w], lr=0.1)
    scaler.scale((w * 3).sum()).backward()
    assert_equal(w.grad, [12.0], "the gradient of the scaled loss")
    scaler.unscale_(optimizer)
    assert_equal(w.grad, [3.0], "the unscaled gradient")
    with raises(RuntimeError, "unscale_"):
        scaler.unscale_(optimizer)


@behaviour(
    "module.grad-scaler-skips-on-inf",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"PyTorch documentation, torch.GradScaler; {_AMP}",
    needs=_NEEDS,
    depends=["module.sgd-update-rule"],
    since="2.3",
)
def grad_scaler_skips_on_inf(torch):
    """GradScaler.step skips the optimizer step when a gradient is infinite or NaN, and update then lowers the scale."""
    for bad in (float("inf"), float("nan")):
        scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
        w = torch.nn.Parameter(torch.ones(1))
        optimizer = torch.optim.SGD([w], lr=0.5)
        for factor, value, scale in ((bad, 1.0, 2.0), (1.0, 0.5, 2.0)):
            optimizer.zero_grad()
            scaler.scale((w * factor).sum()).backward()
            scaler.step(optimizer)
            scaler.update()
            assert_equal(w, [value], f"the parameter after a step with the gradient {factor}")
            assert scaler.get_scale() == scale, f"the scale after a step with {factor} is {scaler.get_scale()}"


@behaviour(
    "module.truncated-bptt-by-detach",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="PyTorch documentation, frequently asked questions: hidden states are repackaged",
)
def truncated_bptt_by_detach(p):
    """Detaching the hidden state between chunks of a recurrence stops gradients at the chunk border."""
    for value in (2.0, -0.5, [1.5, 4.0]):
        w, h = p.leaf(value), p.constant(np.ones(np.shape(value)))
        h = (w * h).detach()  # the border
        (g,) = p.grad((w * h).sum(), w)
        p.expect(g, np.array(value))
        whole = w * (w * p.constant(np.ones(np.shape(value))))
        p.expect(p.grad(whole.sum(), w)[0], 2 * np.array(value))
