"""What one backward stores in each leaf: the sum over paths and roots, in the shape of the leaf."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour


@behaviour(
    "accumulation.first-backward-stores-gradient",
    level=MUST,
    profile=FUNCTIONAL,
    source="Tensor.grad, docstring; learner example y = x**2",
    kills=["last-path-wins"],
)
def first_backward_stores_gradient(p):
    """The first backward stores exactly d(root)/d(leaf) in the leaf's .grad; for y = x**2 at x = 1 that is 2."""
    for value, gradient in ((1.0, 2.0), ([1.0], [2.0]), ([[-3.0]], [[-6.0]])):
        x = p.leaf(value)
        (x * x).backward()
        p.expect(x.grad, gradient)


@also("accumulation.first-backward-stores-gradient")
def pull_back_of_a_square(p):
    """The pull-back of the sum of squares is twice the point, in any shape."""
    for value, gradient in ((1.0, 2.0), ([-3.0, 0.0, 2.5], [-6.0, 0.0, 5.0]), ([[1.0], [4.0]], [[2.0], [8.0]])):
        x = p.leaf(value)
        (g,) = p.grad((x**2).sum(), x)
        p.expect(g, gradient)


@behaviour(
    "accumulation.leaf-used-many-times-sums",
    level=MUST,
    profile=FUNCTIONAL,
    source="Autograd notes, how autograd encodes the history: the chain rule over the graph",
    kills=["last-path-wins"],
)
def leaf_used_many_times_sums(p):
    """When a leaf reaches the root along several paths its gradient is the sum of the contributions of all paths."""
    for value, gradient in ((3.0, 10.0), ([3.0, -0.5], [10.0, 3.0])):
        x = p.leaf(value)
        (x * x + 4 * x).sum().backward()
        p.expect(x.grad, gradient)


@also("accumulation.leaf-used-many-times-sums")
def diamonds_pull_back_to_a_sum(p):
    """Two diamonds in a row: y = x² + 3x reaches z = y² + xy twice, and x reaches it three times."""
    x = p.leaf([1.0, -2.0])
    y = x * x + 3 * x
    (g,) = p.grad((y * y + x * y).sum(), x)
    p.expect(g, [4.0 + (8.0 + 1.0) * 5.0, -2.0 + (-4.0 - 2.0) * -1.0])


@also("accumulation.leaf-used-many-times-sums")
def contributions_of_one_operand_used_twice_cancel(p):
    """A tensor divided by itself is constant: both of its uses contribute, and the sum is zero."""
    x = p.leaf([2.0, -4.0])  # powers of two, whose quotients are exact
    (g,) = p.grad((x / x).sum(), x)
    p.expect(g, [0.0, 0.0])


@behaviour(
    "accumulation.several-roots-sum",
    level=MUST,
    profile=FUNCTIONAL,
    source="autograd.backward, docstring: the sum of gradients of the given tensors",
    kills=["first-root-only"],
)
def several_roots_sum(p):
    """Calling backward on a sequence of roots accumulates into each leaf the sum of the gradients of all the roots."""
    x, w = p.leaf(2.0), p.leaf(-3.0)
    p.backward([x * x, 5 * x, x * w])
    p.expect(x.grad, 4.0 + 5.0 - 3.0)
    p.expect(w.grad, 2.0)


@also("accumulation.several-roots-sum")
def several_roots_pull_back_to_a_sum(p):
    """The pull-back of several outputs of different shapes, each with a cotangent of its own, is the sum."""
    x = p.leaf([2.0, -1.0])
    cotangents = (p.constant([1.0, -2.0]), p.constant(3.0))
    (g,) = p.grad((x * x, (5 * x).sum()), x, cotangents)
    p.expect(g, [4.0 + 15.0, 4.0 + 15.0])


@behaviour(
    "accumulation.unreached-leaf-stays-none",
    level=MUST,
    profile=IMPERATIVE,
    source="Optimizer.zero_grad, docstring: with set_to_none, .grad is None for parameters without a gradient",
    kills=["grad-starts-at-zero"],
)
def unreached_leaf_stays_none(p):
    """A leaf that took no part in computing the root keeps .grad None after backward."""
    a, b, c = p.leaf([1.0, 2.0]), p.leaf([3.0, 4.0]), p.leaf(5.0)
    aside = b * c
    (a * 2).sum().backward()
    p.expect(a.grad, [2.0, 2.0])
    p.expect(b.grad, None)
    p.expect(c.grad, None)
    p.expect(aside.requires_grad, True)


@behaviour(
    "accumulation.reached-leaf-with-zero-derivative-gets-zero",
    level=SHOULD,
    profile=IMPERATIVE,
    source="autograd.functional docstrings: zeros are the mathematical value of an independent input; Tensor.grad",
    kills=["zero-derivative-is-none"],
)
def reached_leaf_with_zero_derivative_gets_zero(p):
    """A leaf that took part in the computation but whose derivative is zero gets a zero tensor, not None."""
    a, b, c = p.leaf([1.0, 2.0]), p.leaf([[-3.0]]), p.leaf(5.0)
    p.backward([(a * 0).sum(), (b - b).sum(), c**0])
    p.expect(a.grad, [0.0, 0.0])
    p.expect(b.grad, [[0.0]])
    p.expect(c.grad, 0.0)


@behaviour(
    "accumulation.grad-shape-equals-leaf-shape",
    level=MUST,
    profile=FUNCTIONAL,
    source="Tensor.backward, docstring: gradients with respect to the leaves",
    kills=["no-unbroadcast"],
)
def grad_shape_equals_leaf_shape(p):
    """The accumulated .grad has the shape of the leaf."""
    x, row, column = p.leaf([[1.0, 2.0, 3.0]]), p.leaf([[1.0, -1.0]]), p.leaf([[2.0], [0.0], [1.0]])
    (x.t() @ x).sum().backward()
    (row * column).sum().backward()
    for leaf, shape in ((x, (1, 3)), (row, (1, 2)), (column, (3, 1))):
        p.expect(leaf.grad.shape, shape)
    p.expect(x.grad, [[12.0, 12.0, 12.0]])


@also("accumulation.grad-shape-equals-leaf-shape")
def broadcast_leaves_pull_back_to_their_shape(p):
    """A leaf that was broadcast gets the sum over the positions that it was repeated to, in its own shape."""
    matrix = p.constant([[1.0, -2.0, 4.0], [0.5, 3.0, 8.0]])
    for gradient in (14.5, [14.5], [[14.5]], [1.5, 1.0, 12.0], [[1.5, 1.0, 12.0]], [[3.0], [11.5]]):
        x = p.leaf(np.ones_like(gradient))
        (g,) = p.grad((x * matrix).sum(), x)
        p.expect(g, gradient)


@behaviour(
    "accumulation.seed-cubic-minus-square",
    level=MUST,
    profile=FUNCTIONAL,
    source="A Gentle Introduction to torch.autograd, differentiation in autograd; learner example",
    kills=["ignores-cotangent", "last-path-wins"],
)
def seed_cubic_minus_square(p):
    """For Q = 3a**3 - b**2 with a = [2, 3], b = [6, 4] and an all-ones incoming gradient, a.grad is 9a**2 = [36, 81]
    and b.grad is -2b = [-12, -8].
    """
    a, b = p.leaf([2.0, 3.0]), p.leaf([6.0, 4.0])
    q = 3 * a**3 - b**2
    p.expect(q, [-12.0, 65.0])
    q.backward(gradient=p.constant([1.0, 1.0]))
    p.expect(a.grad, [36.0, 81.0])
    p.expect(b.grad, [-12.0, -8.0])


@also("accumulation.seed-cubic-minus-square")
def cubic_minus_square_pulls_back(p):
    """The pull-back of Q scales with each entry of the cotangent."""
    a, b = p.leaf([2.0, 3.0]), p.leaf([6.0, 4.0])
    for cotangent in ([1.0, 1.0], [2.0, -0.5]):
        q = 3 * a * a * a - b * b
        ga, gb = p.grad(q, (a, b), p.constant(cotangent))
        p.expect(ga, [36.0 * cotangent[0], 81.0 * cotangent[1]])
        p.expect(gb, [-12.0 * cotangent[0], -8.0 * cotangent[1]])
