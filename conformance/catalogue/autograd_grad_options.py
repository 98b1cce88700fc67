"""The options of torch.autograd.grad: unused inputs, batches of cotangents, gradient edges, only_inputs."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, behaviour

_VALUES = ([-3.0], [1.5, -2.0], [[0.5, -4.0], [3.0, 1.0]])
_PAIRS = ((2.0, 3.0), (-0.5, 4.0), (0.0, 1.5))
_GRAD = "PyTorch documentation, torch.autograd.grad"


@behaviour(
    "autograd-grad.unused-raises",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_GRAD}, allow_unused",
    kills=["unused-gives-zeros", "unused-gives-none"],
)
def unused_raises(p):
    """An input that the outputs do not depend on raises RuntimeError by default."""
    for values in _VALUES:
        x, unused = p.leaf(values), p.leaf(values)
        elsewhere = x * unused
        for inputs in (unused, (x, unused), elsewhere):
            with p.raises("RuntimeError", "allow_unused"):
                p.grad((x * x).sum(), inputs)
            with p.raises("RuntimeError", "allow_unused"):
                p.grad((x * x).sum(), inputs, allow_unused=False)
        p.expect(x.grad, None)
        p.expect(unused.grad, None)


@behaviour(
    "autograd-grad.allow-unused-gives-none",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_GRAD}, allow_unused",
    kills=["unused-gives-zeros"],
)
def allow_unused_gives_none(p):
    """With allow_unused=True the gradient of an unused input is None."""
    for values in _VALUES:
        x, unused = p.leaf(values), p.leaf(values)
        used, none = p.grad((x * x).sum(), (x, unused), allow_unused=True)
        p.expect(used, 2 * np.array(values))
        p.expect(none, None)
        behind, reached = p.grad((unused.detach() * x).sum(), (unused, x), allow_unused=True)
        p.expect(behind, None)
        p.expect(reached, values)


@behaviour(
    "autograd-grad.materialize-gives-zeros",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_GRAD}, materialize_grads",
    kills=["materialize-ignored"],
)
def materialize_gives_zeros(p):
    """With materialize_grads=True the gradient of an unused input is a tensor of zeros of its shape, without passing
    allow_unused.
    """
    for values in _VALUES:
        x = p.leaf(2.0)
        unused = p.leaf(values)
        used, zeros = p.grad(x * x, (x, unused), materialize_grads=True)
        p.expect(used, 4.0)
        p.expect(zeros, np.zeros(np.shape(values)))
        p.expect(p.grad(x * x, unused, materialize_grads=True, allow_unused=True)[0], np.zeros(np.shape(values)))


@behaviour(
    "autograd-grad.materialize-with-allow-unused-false-raises",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_GRAD}, materialize_grads",
    kills=["materialize-ignored"],
)
def materialize_with_allow_unused_false_raises(p):
    """materialize_grads=True together with allow_unused=False raises ValueError."""
    for values in _VALUES:
        x, unused = p.leaf(values), p.leaf(values)
        for inputs in (x, unused, (x, unused)):
            with p.raises("ValueError", "allow_unused"):
                p.grad((x * x).sum(), inputs, materialize_grads=True, allow_unused=False)


@behaviour(
    "autograd-grad.batched-grads",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_GRAD}, is_grads_batched",
    kills=["batch-first-only"],
)
def batched_grads(p):
    """With is_grads_batched=True the first dimension of grad_outputs is a batch and the result stacks one
    vector-Jacobian product per entry, equal to a loop.
    """
    for values in _VALUES:
        x, size = p.leaf(values), np.size(values)
        for batch in (np.eye(size), np.arange(3.0 * size).reshape(3, size)):
            rows = batch.reshape(len(batch), *np.shape(values))
            (stacked,) = p.grad(x * x, x, p.constant(rows), is_grads_batched=True)
            looped = [p.grad(x * x, x, p.constant(row))[0] for row in rows]
            p.expect(stacked, 2 * np.array(values) * rows)
            p.expect_equal(stacked, p.op("stack", looped))


@behaviour(
    "autograd-grad.batched-create-graph",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_GRAD}, is_grads_batched",
    kills=["create-graph-detached", "batch-first-only"],
)
def batched_create_graph(p):
    """is_grads_batched composes with create_graph: the batched gradient can be differentiated again."""
    for values in ([1.0, 2.0], [-3.0], [1.5, -2.0, 0.0]):
        x, basis = p.leaf(values), p.constant(np.eye(len(values)))
        (jacobian,) = p.grad(x * x * x, x, basis, is_grads_batched=True, create_graph=True)
        p.expect(jacobian, 3 * np.diag(np.array(values) ** 2))
        p.expect(p.grad(jacobian.sum(), x)[0], 6 * np.array(values))


@behaviour(
    "autograd-grad.gradient-edge-input",
    level=MUST,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.autograd.graph.get_gradient_edge",
    kills=["intermediate-input-unused"],
)
def gradient_edge_input(torch):
    """grad(loss, input) and grad(loss, get_gradient_edge(input)) give the same result, also for an output given as
    GradientEdge.
    """
    edge = torch.autograd.graph.get_gradient_edge
    for value in (2.0, -0.5, 0.0):
        x = torch.tensor(value, dtype=torch.float64, requires_grad=True)
        h = x * x
        y = h * 3
        one = torch.tensor(1.0, dtype=torch.float64)
        for wanted, expected in ((h, 3.0), (x, 6 * value), (y, 1.0)):
            for output, given in ((y, wanted), (y, edge(wanted)), (edge(y), wanted), (edge(y), edge(wanted))):
                (gradient,) = torch.autograd.grad(output, given, one, retain_graph=True)
                assert gradient.item() == expected, f"expected {expected}, got {gradient.item()}"


@behaviour(
    "autograd-grad.only-inputs-deprecated",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_GRAD}, note on only_inputs",
    kills=["grad-accumulates"],
)
def only_inputs_deprecated(p):
    """Passing only_inputs=False issues a FutureWarning and has no effect."""
    for u, v in _PAIRS:
        x, y = p.leaf(u), p.leaf(v)
        z = x * y
        with p.warns("FutureWarning", "only_inputs"):
            (gradient,) = p.grad(z, x, only_inputs=False)
        p.expect(gradient, v)
        p.expect(x.grad, None)
        p.expect(y.grad, None)
