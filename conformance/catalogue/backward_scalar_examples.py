"""backward() of scalar functions that every textbook differentiates: the chain rule, sums, means, cross-entropy."""

from __future__ import annotations

import math

import numpy as np

from conformance.cases import FUNCTIONAL, MUST, SHOULD, also, behaviour

_VALUES = (2.0, [-3.0], [1.5, -2.0], [[0.5, -4.0], [3.0, 1.0]])
_PAIRS = ((1.0, 1.0), (2.0, -3.0), (0.5, 4.0), (-1.5, 0.0))
_ENCODES = "PyTorch notes on autograd mechanics, how autograd encodes the history"
_LEARNER = "introductory autograd notes"


@behaviour(
    "backward-scalar.chain-rule",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_ENCODES}; {_LEARNER}",
    kills=["implicit-seed-two"],
)
def chain_rule(p):
    """Gradients of composed functions follow the chain rule: 3*x**2 has gradient 6 at 1, (x**2 + 1)**2 has 8 at 1, and
    sin(x**2) has 2x cos(x**2).
    """
    for value in (1.0, 3.0, -0.5, 0.0):
        x, y, z = p.leaf([value]), p.leaf([value]), p.leaf([value])
        (3 * x**2).backward()
        ((y**2 + 1) ** 2).backward()
        (z**2).sin().backward()
        p.expect(x.grad, [6 * value])
        p.expect(y.grad, [4 * value * (value**2 + 1)])
        p.expect(z.grad, [2 * value * math.cos(value**2)], inexact=True)


@also("backward-scalar.chain-rule")
def chain_rule_by_grad(p):
    for value in (1.0, 3.0, -0.5, 0.0):
        x = p.leaf([value])
        p.expect(p.grad(3 * x**2, x)[0], [6 * value])
        p.expect(p.grad((x**2 + 1) ** 2, x)[0], [4 * value * (value**2 + 1)])
        p.expect(p.grad((x**2).sin(), x)[0], [2 * value * math.cos(value**2)], inexact=True)


@behaviour(
    "backward-scalar.several-variables",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_LEARNER}, gradients of several variables and the product rule",
    kills=["last-path-wins"],
)
def several_variables(p):
    """One backward gives the partial derivative for every leaf: 2x**2 + y**2 at (1, 1) gives 4 and 2, y*x**2 gives 2
    and 1.
    """
    for u, v in _PAIRS:
        x, y = p.leaf([u]), p.leaf([v])
        (2 * x * x + y * y).backward()
        p.expect(x.grad, [4 * u])
        p.expect(y.grad, [2 * v])
        x, y = p.leaf([u]), p.leaf([v])
        (y * x**2).backward()
        p.expect(x.grad, [2 * u * v])
        p.expect(y.grad, [u * u])


@also("backward-scalar.several-variables")
def several_variables_by_grad(p):
    for u, v in _PAIRS:
        x, y = p.leaf([u]), p.leaf([v])
        for function, (dx, dy) in ((2 * x * x + y * y, (4 * u, 2 * v)), (y * x**2, (2 * u * v, u * u))):
            gx, gy = p.grad(function, (x, y))
            p.expect(gx, [dx])
            p.expect(gy, [dy])


@behaviour(
    "backward-scalar.sum-of-squares",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_LEARNER}, gradients of vectors",
    kills=["last-path-wins", "implicit-seed-two"],
)
def sum_of_squares(p):
    """The gradient of sum(x**2) is 2x elementwise."""
    for values in ([1.0, 2.0, 3.0], *_VALUES):
        x, same = p.leaf(values), p.leaf(values)
        (x**2).sum().backward()
        (same * same).sum().backward()  # the same function with two paths to its leaf
        p.expect(x.grad, 2 * np.array(values))
        p.expect(same.grad, 2 * np.array(values))


@also("backward-scalar.sum-of-squares")
def sum_of_squares_by_grad(p):
    for values in ([1.0, 2.0, 3.0], *_VALUES):
        x = p.leaf(values)
        p.expect(p.grad((x**2).sum(), x)[0], 2 * np.array(values))
        p.expect(p.grad((x * x).sum(), x)[0], 2 * np.array(values))


@behaviour(
    "backward-scalar.sum-spreads-ones",
    level=MUST,
    profile=FUNCTIONAL,
    source=_LEARNER,
    kills=["ignores-cotangent", "implicit-seed-two"],
)
def sum_spreads_ones(p):
    """sum() passes its scalar incoming gradient to every element, so that (x + y).sum() gives all-ones gradients to
    both.
    """
    for shape in ((), (2,), (2, 3), (1, 4, 1)):
        for incoming in (None, 1.0, -2.5):
            x, y = p.leaf(np.full(shape, 2.0)), p.leaf(np.full(shape, 5.0))
            (x + y).sum().backward(None if incoming is None else p.constant(incoming))
            p.expect(x.grad, np.full(shape, incoming or 1.0))
            p.expect(y.grad, np.full(shape, incoming or 1.0))


@also("backward-scalar.sum-spreads-ones")
def sum_spreads_ones_by_grad(p):
    for shape in ((), (2,), (2, 3), (1, 4, 1)):
        x, y = p.leaf(np.full(shape, 2.0)), p.leaf(np.full(shape, 5.0))
        for gradient in p.grad((x + y).sum(), (x, y)):
            p.expect(gradient, np.ones(shape))


@behaviour(
    "backward-scalar.mean-divides",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch blitz tutorial on autograd",
    kills=["mean-gradient-undivided"],
)
def mean_divides(p):
    """For o = mean(3(x + 2)**2) over a 2x2 tensor of ones every entry of the gradient is 4.5."""
    for values in (np.ones((2, 2)), [1.0, -2.0], [[0.5, 3.0, -1.0, 2.0]], 4.0):  # 1, 2 or 4 elements: exact divisions
        x = p.leaf(values)
        (3 * (x + 2) ** 2).mean().backward()
        p.expect(x.grad, 6 * (np.array(values) + 2) / np.size(values))


@also("backward-scalar.mean-divides")
def mean_divides_by_grad(p):
    for values in (np.ones((2, 2)), [1.0, -2.0], [[0.5, 3.0, -1.0, 2.0]], 4.0):
        x = p.leaf(values)
        p.expect(p.grad((3 * (x + 2) ** 2).mean(), x)[0], 6 * (np.array(values) + 2) / np.size(values))


@behaviour(
    "backward-scalar.binary-cross-entropy-example",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_LEARNER}, how autograd works",
    kills=["implicit-seed-two"],
)
def binary_cross_entropy_example(p):
    """For binary cross-entropy of sigmoid(w*x + b) with x = 6.7, y = 0, w = 1, b = 0 the gradients are
    (p - y)*x = 6.69176 and p - y = 0.99877.
    """
    x, y, w, b = p.constant(6.7), p.constant(0.0), p.leaf(1.0), p.leaf(0.0)
    _cross_entropy((w * x + b).sigmoid(), y).backward()
    probability = 1 / (1 + math.exp(-6.7))
    p.expect(w.grad, probability * 6.7, inexact=True)
    p.expect(b.grad, probability, inexact=True)


@also("backward-scalar.binary-cross-entropy-example")
def binary_cross_entropy_by_grad(p):
    for x, y in ((6.7, 0.0), (1.5, 1.0), (-0.5, 0.0)):
        w, b = p.leaf(1.0), p.leaf(0.0)
        dw, db = p.grad(_cross_entropy((w * p.constant(x) + b).sigmoid(), p.constant(y)), (w, b))
        residual = 1 / (1 + math.exp(-x)) - y
        p.expect(dw, residual * x, inexact=True)
        p.expect(db, residual, inexact=True)


def _cross_entropy(probability, y):
    probability = probability.clamp(min=1e-8, max=1 - 1e-8)
    return -(y * probability.log() + (1 - y) * (1 - probability).log())


@behaviour(
    "backward-scalar.loss-difference-sum",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_LEARNER}, training step",
    kills=["implicit-seed-two"],
)
def loss_difference_sum(p):
    """For loss = (prediction - labels).sum() every prediction receives gradient 1 and the labels, not requiring grad,
    receive none.
    """
    for values in ([0.25, 0.875], *_VALUES):
        prediction, labels = p.leaf(values), p.constant(np.ones(np.shape(values)))
        (prediction - labels).sum().backward()
        p.expect(prediction.grad, np.ones(np.shape(values)))
        p.expect(labels.grad, None)


@also("backward-scalar.loss-difference-sum")
def loss_difference_sum_by_grad(p):
    for values in ([0.25, 0.875], *_VALUES):
        prediction, labels = p.leaf(values), p.constant(np.ones(np.shape(values)))
        p.expect(p.grad((prediction - labels).sum(), prediction)[0], np.ones(np.shape(values)))
