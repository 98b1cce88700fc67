"""The first examples of every introduction to autograd, as cases with ids of their own."""

from __future__ import annotations

import math

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, also, behaviour

_NOTES = "introductory autograd notes"


@behaviour(
    "learner.vector-root-with-ones",
    level=MUST,
    profile=FUNCTIONAL,
    source=_NOTES,
    kills=["ignores-cotangent", "last-path-wins"],
)
def vector_root_with_ones(p):
    """For Q = 3a**3 - b**2 at a = (2, 3), b = (6, 4), backward with gradient=[1, 1] gives (36, 81) and (-12, -8)."""
    a, b = p.leaf([2.0, 3.0]), p.leaf([6.0, 4.0])
    q = 3 * a**3 - b**2
    p.expect(q, [-12.0, 65.0])
    q.backward(gradient=p.constant([1.0, 1.0]))
    p.expect(a.grad, [36.0, 81.0])
    p.expect(b.grad, [-12.0, -8.0])


@also("learner.vector-root-with-ones")
def vector_root_by_grad(p):
    for weights in ([1.0, 1.0], [2.0, -0.5]):
        a, b = p.leaf([2.0, 3.0]), p.leaf([6.0, 4.0])
        da, db = p.grad(3 * a * a * a - b * b, (a, b), p.constant(weights))
        p.expect(da, np.array([36.0, 81.0]) * weights)
        p.expect(db, np.array([-12.0, -8.0]) * weights)


@behaviour(
    "learner.logistic-neuron",
    level=MUST,
    profile=FUNCTIONAL,
    source=_NOTES,
    kills=["implicit-seed-two"],
)
def logistic_neuron(p):
    """For one logistic neuron with x = 6.7, y = 0, w = 1, b = 0 and cross-entropy clamped at 1e-8, the chain rule by
    hand and backward both give dw = 6.6918 and db = 0.99877.
    """
    x, y, w, b = p.constant(6.7), p.constant(0.0), p.leaf(1.0), p.leaf(0.0)
    prediction = (w * x + b).sigmoid()
    _cross_entropy(prediction, y).backward()
    by_hand = prediction.detach() - y  # dL/dz
    probability = 1 / (1 + math.exp(-6.7))
    for dw, db in ((by_hand * x, by_hand), (w.grad, b.grad)):
        p.expect(dw, probability * 6.7, inexact=True)
        p.expect(db, probability, inexact=True)


@also("learner.logistic-neuron")
def logistic_neuron_by_grad(p):
    x, y, w, b = p.constant(6.7), p.constant(0.0), p.leaf(1.0), p.leaf(0.0)
    dw, db = p.grad(_cross_entropy((w * x + b).sigmoid(), y), (w, b))
    p.expect(dw, 6.7 / (1 + math.exp(-6.7)), inexact=True)
    p.expect(db, 1 / (1 + math.exp(-6.7)), inexact=True)


def _cross_entropy(prediction, y):
    prediction = prediction.clamp(min=1e-8, max=1 - 1e-8)
    return -(y * prediction.log() + (1 - y) * (1 - prediction).log())


@behaviour("learner.accumulation", level=MUST, profile=IMPERATIVE, source=_NOTES, kills=["overwrite-grad"])
def accumulation(p):
    """Backward of x**2 at x = 2, three times without clearing, leaves 4, then 8, then 12 in x.grad."""
    x = p.leaf([2.0])
    for total in (4.0, 8.0, 12.0):
        (x**2).backward()
        p.expect(x.grad, [total])


@also("learner.accumulation")
def cleared_between_steps(p):
    x = p.leaf([2.0])
    for _ in range(3):
        (x**2).backward()
        p.expect(x.grad, [4.0])
        x.grad = None


@behaviour("learner.chain-rule", level=MUST, profile=FUNCTIONAL, source=_NOTES, kills=["implicit-seed-two"])
def chain_rule(p):
    """The gradient of (x**2 + 1)**2 at x = 1 is 8."""
    x = p.leaf([1.0])
    ((x**2 + 1) ** 2).backward()
    p.expect(x.grad, [8.0])


@also("learner.chain-rule")
def chain_rule_by_grad(p):
    x = p.leaf([1.0])
    y = x * x + 1
    p.expect(p.grad(y * y, x)[0], [8.0])


@behaviour("learner.product-rule", level=MUST, profile=FUNCTIONAL, source=_NOTES, kills=["implicit-seed-two"])
def product_rule(p):
    """For z = y * x**2 at x = y = 1 the gradients are 2 for x and 1 for y."""
    x, y = p.leaf([1.0]), p.leaf([1.0])
    (y * x**2).backward()
    p.expect(x.grad, [2.0])
    p.expect(y.grad, [1.0])


@also("learner.product-rule")
def product_rule_by_grad(p):
    x, y = p.leaf([1.0]), p.leaf([1.0])
    dx, dy = p.grad(y * x * x, (x, y))
    p.expect(dx, [2.0])
    p.expect(dy, [1.0])


@behaviour("learner.detached-summand", level=MUST, profile=FUNCTIONAL, source=_NOTES, kills=["detach-leaks"])
def detached_summand(p):
    """For y = x**2 and w = y + y.detach() at x = 1 only the first summand is differentiated, so that x.grad is 2."""
    x = p.leaf([1.0])
    y = x**2
    w = y + y.detach()
    p.expect(w, [2.0])
    w.backward()
    p.expect(x.grad, [2.0])


@also("learner.detached-summand")
def detached_summand_by_grad(p):
    x = p.leaf([1.0])
    y = x * x
    p.expect(p.grad(y + y.detach(), x)[0], [2.0])


@behaviour("learner.no-grad-block", level=MUST, profile=IMPERATIVE, source=_NOTES, kills=["no-grad-leaks"])
def no_grad_block(p):
    """What is computed inside no_grad does not require grad, is constant to a later backward, and recording resumes
    after the block.
    """
    x = p.leaf([2.0, -1.0])
    before = x * 3
    with p.no_grad():
        p.expect_mode(False)
        inside = x * 3
    p.expect_mode(True)
    after = x * 3
    for tensor, recorded in ((before, True), (inside, False), (after, True)):
        p.expect(tensor.requires_grad, recorded)
        p.expect(tensor, [6.0, -3.0])
    (inside * after).sum().backward()
    p.expect(x.grad, [18.0, -9.0])


@behaviour("learner.freezing", level=MUST, profile=IMPERATIVE, source=_NOTES, kills=["set-requires-grad-ignored"])
def freezing(p):
    """A parameter frozen by requires_grad = False gets no gradient, while the others still do, through it as well."""
    first, last, x = p.leaf([2.0, 3.0]), p.leaf([4.0, -1.0]), p.constant([1.0, 5.0])
    first.requires_grad = False
    p.expect(first.requires_grad, False)
    hidden = first * x
    p.expect(hidden.requires_grad, False)
    (last * hidden).sum().backward()
    p.expect(first.grad, None)
    p.expect(last.grad, [2.0, 15.0])


@also("learner.freezing")
def frozen_last_layer(p):
    first, last, x = p.leaf([2.0, 3.0]), p.leaf([4.0, -1.0]), p.constant([1.0, 5.0])
    last.requires_grad = False
    (last * (first * x)).sum().backward()
    p.expect(last.grad, None)
    p.expect(first.grad, [4.0, -5.0])
