"""The gradient argument of backward: what a vector-Jacobian product is."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, MUST, SHOULD, also, behaviour

_VALUES = ([-3.0], [1.5, -2.0], [[0.5, -4.0], [3.0, 1.0]])
_WEIGHTS = ([0.5], [10.0, -0.25], [[1.0, 0.0], [-2.0, 8.0]])  # of the shapes of _VALUES; products stay exact
_MATRICES = ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[1.0, -2.0, 0.0], [0.5, 4.0, -1.0]], [[2.0, -3.0]], [[2.0], [-1.0]])
_BACKWARD = "PyTorch documentation, torch.Tensor.backward, gradient"
_BLITZ = "PyTorch blitz tutorial on autograd"


@behaviour(
    "backward-arg.vector-jacobian-product",
    level=MUST,
    profile=FUNCTIONAL,
    source=_BACKWARD,
    kills=["ignores-cotangent"],
)
def vector_jacobian_product(p):
    """For a non-scalar root y, y.backward(v) accumulates the transposed Jacobian times v into the leaves."""
    for matrix in map(np.array, _MATRICES):
        m, n = matrix.shape
        x, v = p.leaf(np.arange(1.0, n + 1)), 10.0 ** np.arange(m)
        (p.constant(matrix) @ x).backward(p.constant(v))
        p.expect(x.grad, matrix.T @ v)
        (p.constant(matrix) @ (x * x)).backward(p.constant(-v))
        p.expect(x.grad, matrix.T @ v - 2 * np.arange(1.0, n + 1) * (matrix.T @ v))


@also("backward-arg.vector-jacobian-product")
def vector_jacobian_product_by_grad(p):
    for matrix in map(np.array, _MATRICES):
        m, n = matrix.shape
        x, v = p.leaf(np.arange(1.0, n + 1)), 10.0 ** np.arange(m)
        p.expect(p.grad(p.constant(matrix) @ (x * x), x, p.constant(v))[0], 2 * np.arange(1.0, n + 1) * (matrix.T @ v))


@behaviour(
    "backward-arg.equals-weighted-sum",
    level=MUST,
    profile=FUNCTIONAL,
    source=_BACKWARD,
    kills=["ignores-cotangent"],
)
def equals_weighted_sum(p):
    """y.backward(v) gives the same gradients as (y * v).sum().backward()."""
    for values, weights in zip(_VALUES, _WEIGHTS, strict=True):
        a, b, v = p.leaf(values), p.leaf(values), p.constant(weights)
        (a * a * a).backward(v)
        (b * b * b * v).sum().backward()
        p.expect(a.grad, 3 * np.array(values) ** 2 * np.array(weights))
        p.expect_equal(a.grad, b.grad)


@also("backward-arg.equals-weighted-sum")
def equals_weighted_sum_by_grad(p):
    for values, weights in zip(_VALUES, _WEIGHTS, strict=True):
        x, v = p.leaf(values), p.constant(weights)
        (by_argument,) = p.grad(x * x * x, x, v)
        (by_sum,) = p.grad((x * x * x * v).sum(), x)
        p.expect(by_argument, 3 * np.array(values) ** 2 * np.array(weights))
        p.expect_equal(by_argument, by_sum)


@behaviour(
    "backward-arg.ones-equals-sum",
    level=MUST,
    profile=FUNCTIONAL,
    source="introductory autograd notes",
    kills=["implicit-seed-two"],
)
def ones_equals_sum(p):
    """y.backward(ones_like(y)) equals y.sum().backward()."""
    for values in _VALUES:
        a, b = p.leaf(values), p.leaf(values)
        (a * a * a).backward(p.constant(np.ones(np.shape(values))))
        (b * b * b).sum().backward()
        p.expect(a.grad, 3 * np.array(values) ** 2)
        p.expect_equal(a.grad, b.grad)


@also("backward-arg.ones-equals-sum")
def ones_equals_sum_by_grad(p):
    for values in _VALUES:
        x = p.leaf(values)
        (by_ones,) = p.grad(x * x * x, x, p.constant(np.ones(np.shape(values))))
        (by_sum,) = p.grad((x * x * x).sum(), x)
        p.expect(by_ones, 3 * np.array(values) ** 2)
        p.expect_equal(by_ones, by_sum)


@behaviour(
    "backward-arg.scales-linearly",
    level=MUST,
    profile=FUNCTIONAL,
    source=_BACKWARD,
    kills=["ignores-cotangent"],
)
def scales_linearly(p):
    """The result is linear in the gradient argument; on a scalar root gradient=5 gives five times the plain
    gradient.
    """
    for factor in (5.0, 1.0, 0.0, -0.5):
        x = p.leaf(3.0)
        (x * x).backward(p.constant(factor))
        p.expect(x.grad, factor * 6.0)


@also("backward-arg.scales-linearly")
def scales_linearly_by_grad(p):
    for values, weights in zip(_VALUES, _WEIGHTS, strict=True):
        x, v, w = p.leaf(values), p.constant(weights), p.constant(values)
        (along_v,) = p.grad(x * x, x, v)
        (along_w,) = p.grad(x * x, x, w)
        (along_both,) = p.grad(x * x, x, 3 * v - 0.5 * w)
        p.expect_equal(along_both, 3 * along_v - 0.5 * along_w)
        p.expect(along_both, 2 * np.array(values) * (3 * np.array(weights) - 0.5 * np.array(values)))


@behaviour(
    "backward-arg.argument-not-modified",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=_BACKWARD,
    kills=["grad-aliases-cotangent"],
)
def argument_not_modified(p):
    """backward leaves the gradient argument's values unchanged."""
    for values, weights in zip(_VALUES, _WEIGHTS, strict=True):
        x, leaf, v = p.leaf(values), p.leaf(values), p.constant(weights)
        for _ in range(2):  # a .grad that is the argument itself would be added into
            (x * x).backward(v)
            leaf.backward(v)
            p.expect(v, weights)
        p.expect(leaf.grad, 2 * np.array(weights))


@also("backward-arg.argument-not-modified")
def argument_not_modified_by_grad(p):
    for values, weights in zip(_VALUES, _WEIGHTS, strict=True):
        x, v = p.leaf(values), p.constant(weights)
        p.expect(p.grad(x * x + x, x, v)[0], (2 * np.array(values) + 1) * np.array(weights))
        p.expect(v, weights)


@behaviour(
    "backward-arg.zero-gradient-gives-zero",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=_BACKWARD,
    kills=["ignores-cotangent"],
)
def zero_gradient_gives_zero(p):
    """A zero gradient argument gives zero gradients for smooth functions, as tensors and not None."""
    for values in _VALUES:
        x, zeros = p.leaf(values), np.zeros(np.shape(values))
        for y in (x * x, x.exp(), x.sin(), 3 * x):
            y.backward(p.constant(zeros))
            p.expect(x.grad, zeros)


@also("backward-arg.zero-gradient-gives-zero")
def zero_gradient_gives_zero_by_grad(p):
    for values in _VALUES:
        x, zeros = p.leaf(values), np.zeros(np.shape(values))
        for y in (x * x, x.exp(), x.sin(), 3 * x):
            p.expect(p.grad(y, x, p.constant(zeros))[0], zeros)


@behaviour(
    "backward-arg.norm-doubling-example",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=_BLITZ,
    kills=["ignores-cotangent"],
)
def norm_doubling_example(torch):
    """For y = 2**k * x built by a data-dependent loop, y.backward(v) gives 2**k * v."""
    v = torch.tensor([0.1, 1.0, 0.0001], dtype=torch.float64)
    for values in ([0.3, -0.7, 1.1], [100.0, 1.0, -1.0], [999.0, 0.0, 0.0]):
        x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
        y, k = x * 2, 1
        while y.detach().norm() < 1000:
            y, k = y * 2, k + 1
        y.backward(v)
        assert bool((x.grad == v * 2**k).all()), f"expected 2**{k} times {v}, got {x.grad}"


@also("backward-arg.norm-doubling-example")
def norm_doubling_by_grad(p):
    v = np.array([0.1, 1.0, 0.0001])  # doubling is exact, whatever the rounding of v
    for values, rounds in (([0.3, -0.7, 1.1], 10), ([100.0, 1.0, -1.0], 4), ([999.0, 0.0, 0.0], 1)):
        x = p.leaf(values)
        y = x
        for _ in range(rounds):
            y = y * 2
        p.expect(p.grad(y, x, p.constant(v))[0], v * 2**rounds)
