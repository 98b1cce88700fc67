"""torch.autograd.functional: Jacobians and Hessians, in every structure and strategy."""

from __future__ import annotations

import math

import numpy as np

from conformance.cases import FUNCTIONAL, MUST, also, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises

_JACOBIAN = "PyTorch documentation, torch.autograd.functional.jacobian"
_HESSIAN = "PyTorch documentation, torch.autograd.functional.hessian"
_NEEDS = ("functional-api",)


def _tensor(torch, values):
    return torch.tensor(values, dtype=torch.float64)


@behaviour(
    "functional.jacobian-single",
    level=MUST,
    profile=FUNCTIONAL,
    source=_JACOBIAN,
    kills=["functional-jacobian-transposed"],
    needs=_NEEDS,
)
def jacobian_single(torch):
    """For one input and one output jacobian returns a tensor whose shape is the output's shape followed by the input's
    shape.
    """
    jacobian = torch.autograd.functional.jacobian
    j = jacobian(lambda x: x.exp().sum(1), _tensor(torch, [[1.0, 2.0], [3.0, 4.0]]))
    assert_close(j[0], [[math.e, math.exp(2)], [0.0, 0.0]], "the first row")
    assert_close(j[1], [[0.0, 0.0], [math.exp(3), math.exp(4)]], "the second row")
    matrix = _tensor(torch, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert_equal(jacobian(lambda x: matrix @ x, _tensor(torch, [1.0, 1.0, 1.0])), matrix, "of a linear map")
    for values, function, shape in (
        ([1.0, 2.0, 3.0], lambda x: x.sum() * x[:2], (2, 3)),
        ([[1.0, 2.0]], lambda x: x.sum(), (1, 2)),
        (2.0, lambda x: x * _tensor(torch, [1.0, 5.0, 7.0]), (3,)),
    ):
        j = jacobian(function, _tensor(torch, values))
        assert tuple(j.shape) == shape, f"the Jacobian has shape {tuple(j.shape)}, not {shape}"


@also("functional.jacobian-single")
def rows_of_a_linear_map(p):
    matrix = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    a, x = p.constant(matrix), p.constant([1.0, -1.0, 0.5])
    for k, row in enumerate(np.eye(2)):
        p.expect(p.vjp(lambda x: a @ x, (x,), (p.constant(row),))[1][0], matrix[k])


@behaviour(
    "functional.jacobian-tuples",
    level=MUST,
    profile=FUNCTIONAL,
    source=_JACOBIAN,
    kills=["functional-jacobian-blocks-swapped"],
    needs=_NEEDS,
    depends=["functional.jacobian-single"],
)
def jacobian_tuples(torch):
    """With a tuple of inputs or outputs the Jacobian is a tuple over it; with both it is a tuple of tuples with J[i][j]
    for output i and input j.
    """
    jacobian = torch.autograd.functional.jacobian
    inputs = (_tensor(torch, [2.0]), _tensor(torch, [5.0, 7.0]))
    j = jacobian(lambda x, y: 2 * x + 3 * y, inputs)
    assert type(j) is tuple, f"for two inputs jacobian gives {type(j).__name__}"
    assert_equal(j[0], [[2.0], [2.0]], "J for x")
    assert_equal(j[1], [[3.0, 0.0], [0.0, 3.0]], "J for y")
    j = jacobian(lambda x: (x * 2, x.sum()), inputs[1])
    assert type(j) is tuple, f"for two outputs jacobian gives {type(j).__name__}"
    assert_equal(j[1], [1.0, 1.0], "J of the second output")
    j = jacobian(lambda x, y: (x * y, x * 10), inputs)
    expected = ([[[5.0], [7.0]], [[2.0, 0.0], [0.0, 2.0]]], [[[10.0]], [[0.0, 0.0]]])
    for i in range(2):
        for k in range(2):
            assert_equal(j[i][k], expected[i][k], f"J[{i}][{k}]")


@also("functional.jacobian-tuples")
def blocks_for_two_outputs_and_inputs(p):
    """The rows of J[i][k] for (xy, 10x), the other output's cotangent being zero."""
    for i, expected in enumerate((([5.0], [2.0]), ([10.0], [0.0]))):
        cotangents = tuple(p.constant([1.0 if k == i else 0.0]) for k in range(2))
        _, found = p.vjp(lambda x, y: (x * y, x * 10), (p.constant([2.0]), p.constant([5.0])), cotangents)
        for block, row in zip(found, expected, strict=True):
            p.expect(block, row)


@behaviour(
    "functional.jacobian-vectorize",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_JACOBIAN}, vectorize",
    kills=["functional-vectorize-flattens"],
    needs=_NEEDS,
    depends=["functional.jacobian-single"],
)
def jacobian_vectorize(torch):
    """vectorize=True gives the same Jacobian as the loop; for x @ W.T + b with x of shape (4, 2) its shape is (4, 2, 4,
    2).
    """
    jacobian = torch.autograd.functional.jacobian
    weight, bias = _tensor(torch, [[2.0, -1.0], [0.0, 1.0]]), _tensor(torch, [1.0, 0.5])
    x = _tensor(torch, [[1.0, 2.0], [0.0, -1.0], [3.0, 0.5], [2.0, 2.0]])
    j = jacobian(lambda x: x @ weight.T + bias, x, vectorize=True)
    assert tuple(j.shape) == (4, 2, 4, 2), f"the Jacobian has shape {tuple(j.shape)}"
    assert_equal(j, jacobian(lambda x: x @ weight.T + bias, x), "the vectorized Jacobian")
    for function in (lambda x: x**3, lambda x: (x * x.sum()).sum(0)):
        assert_close(jacobian(function, x, vectorize=True), jacobian(function, x), "the vectorized Jacobian")


@also("functional.jacobian-vectorize")
def rows_of_a_batch(p):
    """Row k of x W^T + b depends on row k of x only."""
    weight = np.array([[2.0, -1.0], [0.0, 1.0]])
    w, b, x = p.constant(weight.T), p.constant([1.0, 0.5]), p.constant([[1.0, 2.0], [0.0, -1.0]])
    for k, i in np.ndindex(2, 2):
        unit, expected = np.zeros((2, 2)), np.zeros((2, 2))
        unit[k, i], expected[k] = 1.0, weight[i]
        p.expect(p.vjp(lambda x: x @ w + b, (x,), (p.constant(unit),))[1][0], expected)


@behaviour(
    "functional.jacobian-forward-mode",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_JACOBIAN}, strategy",
    kills=["functional-strategy-unchecked"],
    needs=(*_NEEDS, "forward-mode"),
    depends=["functional.jacobian-single"],
)
def jacobian_forward_mode(torch):
    """strategy="forward-mode" with vectorize=True gives the same Jacobian, and without vectorize=True raises
    NotImplementedError.
    """
    jacobian = torch.autograd.functional.jacobian
    for function in (lambda x: x**2, lambda x: x * x.sum(), lambda x: x.prod()):
        x = _tensor(torch, [1.0, 2.0, -3.0])
        forward = jacobian(function, x, strategy="forward-mode", vectorize=True)
        assert_close(forward, jacobian(function, x), "the Jacobian in forward mode")
        with raises(NotImplementedError, "vectorize"):
            jacobian(function, x, strategy="forward-mode")


@also("functional.jacobian-forward-mode")
def columns_of_a_product(p):
    x, jacobian = p.constant([1.0, 2.0, -3.0]), [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0], [-3.0, -3.0, -3.0]]
    for k, column in enumerate(np.eye(3)):
        _, t = p.jvp(lambda x: x * x.sum(), (x,), (p.constant(column),), name="func")
        p.expect(t, np.array(jacobian)[:, k])  # the sum of the elements is 0


@behaviour(
    "functional.hessian-single",
    level=MUST,
    profile=FUNCTIONAL,
    source=_HESSIAN,
    kills=["functional-hessian-detached"],
    needs=_NEEDS,
)
def hessian_single(torch):
    """hessian of a scalar function of one input has the input's shape twice: for sum(x**3) it is diagonal with 6x."""
    hessian = torch.autograd.functional.hessian
    h = hessian(lambda x: x.pow(3).sum(), _tensor(torch, [[1.0, 2.0]]))
    assert_equal(h, [[[[6.0, 0.0]], [[0.0, 12.0]]]], "the Hessian of a sum of cubes")
    h = hessian(lambda x: x[0] * x[1] * x[2], _tensor(torch, [2.0, 3.0, 5.0]))
    assert_equal(h, [[0.0, 5.0, 3.0], [5.0, 0.0, 2.0], [3.0, 2.0, 0.0]], "the Hessian of a product")
    assert_equal(hessian(lambda x: x**4, _tensor(torch, 2.0)), 48.0, "the second derivative of a number")


@also("functional.hessian-single")
def second_derivatives_of_a_product(p):
    one, x = p.constant(1.0), p.constant([2.0, 3.0, 5.0])
    second = np.array([[0.0, 5.0, 3.0], [5.0, 0.0, 2.0], [3.0, 2.0, 0.0]])

    def gradient(x):
        return p.vjp(lambda x: x[0] * x[1] * x[2], (x,), (one,))[1][0]

    for k, row in enumerate(np.eye(3)):
        p.expect(p.vjp(gradient, (x,), (p.constant(row),))[1][0], second[k])


@behaviour(
    "functional.hessian-tuple",
    level=MUST,
    profile=FUNCTIONAL,
    source=_HESSIAN,
    kills=["functional-hessian-diagonal-blocks"],
    needs=_NEEDS,
    depends=["functional.hessian-single"],
)
def hessian_tuple(torch):
    """With several inputs the Hessian is a tuple of tuples with H[i][j] for inputs i and j."""
    inputs = (_tensor(torch, [2.0]), _tensor(torch, [3.0, 5.0]))
    h = torch.autograd.functional.hessian(lambda x, y: (2 * x**2 * y + 3 * y**2).sum(), inputs)
    assert type(h) is tuple, f"the Hessian is {type(h).__name__}"
    assert type(h[0]) is tuple, f"the first row of the Hessian is {type(h[0]).__name__}"
    assert_equal(h[0][0], [[32.0]], "H[0][0]")
    assert_equal(h[0][1], [[8.0, 8.0]], "H[0][1]")
    assert_equal(h[1][0], [[8.0], [8.0]], "H[1][0]")
    assert_equal(h[1][1], [[6.0, 0.0], [0.0, 6.0]], "H[1][1]")


@also("functional.hessian-tuple")
def second_derivatives_in_two_inputs(p):
    """The pull-back of the gradient of 2x**2 y + 3y**2 in x, and of that in y."""
    one = p.constant([1.0])

    def gradient(x, y):
        return p.vjp(lambda x, y: 2 * x * x * y + 3 * y * y, (x, y), (one,))[1]

    for part, expected in enumerate(((12.0, 8.0), (8.0, 6.0))):
        _, found = p.vjp(lambda x, y, k=part: gradient(x, y)[k], (p.constant([2.0]), p.constant([3.0])), (one,))
        for block, value in zip(found, expected, strict=True):
            p.expect(block, [value])


@behaviour(
    "functional.hessian-non-scalar-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_HESSIAN}, hvp and vhp",
    kills=["functional-hessian-sums-output"],
    needs=_NEEDS,
)
def hessian_non_scalar_raises(torch):
    """hessian, hvp and vhp raise RuntimeError for a function whose output has more than one element."""
    functional = torch.autograd.functional
    for values in ([1.0, 2.0], [[1.0, 2.0]]):
        x = _tensor(torch, values)
        with raises(RuntimeError, "single"):
            functional.hessian(lambda x: x**2, x)
        for product in (functional.hvp, functional.vhp):
            with raises(RuntimeError, "single"):
                product(lambda x: x**2, x, x)


@behaviour(
    "functional.hessian-outer-forward",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_HESSIAN}, outer_jacobian_strategy",
    kills=["functional-strategy-unchecked"],
    needs=(*_NEEDS, "forward-mode"),
    depends=["functional.hessian-single"],
)
def hessian_outer_forward(torch):
    """outer_jacobian_strategy="forward-mode" with vectorize=True gives the same Hessian, and without vectorize raises
    NotImplementedError.
    """
    hessian = torch.autograd.functional.hessian
    for function in (lambda x: x.pow(3).sum(), lambda x: (x * x.sum()).sum(), lambda x: x[0] ** 2 * x[1]):
        x = _tensor(torch, [1.0, 2.0])
        forward = hessian(function, x, vectorize=True, outer_jacobian_strategy="forward-mode")
        assert_close(forward, hessian(function, x), "the Hessian in forward mode")
        with raises(NotImplementedError):
            hessian(function, x, outer_jacobian_strategy="forward-mode")


@also("functional.hessian-outer-forward")
def forward_over_reverse(p):
    one, x = p.constant(1.0), p.constant([1.0, 2.0])
    second = np.array([[4.0, 2.0], [2.0, 0.0]])

    def gradient(x):
        return p.vjp(lambda x: x[0] * x[0] * x[1], (x,), (one,))[1][0]

    for k, column in enumerate(np.eye(2)):
        p.expect(p.jvp(gradient, (x,), (p.constant(column),), name="func")[1], second[:, k])
