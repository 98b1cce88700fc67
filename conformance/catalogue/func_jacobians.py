"""torch.func.jacrev, jacfwd and hessian: shapes, arguments, chunks and agreement with one another."""

from __future__ import annotations

import math

import numpy as np

from conformance.cases import FUNCTIONAL, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises

_JACOBIANS = "PyTorch documentation, torch.func.jacrev and jacfwd"
_HESSIAN = "PyTorch documentation, torch.func.hessian"
_NEEDS = ("func", "vmap")


def _tensor(torch, values):
    return torch.tensor(values, dtype=torch.float64)


def _both(torch):
    return (torch.func.jacrev, torch.func.jacfwd)


@behaviour(
    "func.jacrev-and-jacfwd",
    level=MUST,
    profile=FUNCTIONAL,
    source=_JACOBIANS,
    kills=["func-jacobians-transposed"],
    needs=_NEEDS,
)
def jacrev_and_jacfwd(torch):
    """jacrev(f) and jacfwd(f) both give the Jacobian, with the output's shape followed by the input's: diag(cos x) for
    sin.
    """
    x = _tensor(torch, [0.1, 0.2, 0.3])
    matrix = _tensor(torch, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    for jacobian in _both(torch):
        assert_close(jacobian(torch.sin)(x), np.diag(np.cos([0.1, 0.2, 0.3])).tolist(), "the Jacobian of sin")
        assert_equal(jacobian(lambda x: matrix @ x)(x), matrix, "the Jacobian of a linear map")
        for function, shape in (
            (lambda x: x.sum() * x[:2], (2, 3)),
            (lambda x: x.sum(), (3,)),
            (lambda x: x.reshape(3, 1) * x, (3, 3, 3)),
        ):
            j = jacobian(function)(x)
            assert tuple(j.shape) == shape, f"{jacobian.__name__} has shape {tuple(j.shape)}, not {shape}"


@also("func.jacrev-and-jacfwd")
def rows_and_columns(p):
    """Row by row in reverse, column by column in forward mode."""
    a, b = 2.0, -3.0
    jacobian = np.array([[b, a], [2 * a, 0.0], [1.0, 3 * b**2]])

    def function(x):
        return p.op("stack", [x[0] * x[1], x[0] * x[0], x[0] + x[1] * x[1] * x[1]])

    x = p.constant([a, b])
    for i, row in enumerate(np.eye(3)):
        p.expect(p.vjp(function, (x,), (p.constant(row),))[1][0], jacobian[i])
    for k, column in enumerate(np.eye(2)):
        p.expect(p.jvp(function, (x,), (p.constant(column),), name="func")[1], jacobian[:, k])


@behaviour(
    "func.jac-argnums-and-aux",
    level=MUST,
    profile=FUNCTIONAL,
    source=_JACOBIANS,
    kills=["argnums-ignored", "aux-dropped"],
    needs=_NEEDS,
    depends=["func.jacrev-and-jacfwd"],
)
def jac_argnums_and_aux(torch):
    """Both take argnums (an integer or a tuple giving a tuple) and has_aux (giving (jacobian, aux))."""
    x, y = _tensor(torch, [1.0, 2.0]), _tensor(torch, [3.0, 4.0])
    for jacobian in _both(torch):
        assert_equal(jacobian(lambda x, y: x + y**2, argnums=1)(x, y), [[6.0, 0.0], [0.0, 8.0]], "argnums=1")
        found = jacobian(lambda x, y: x + y**2, argnums=(0, 1))(x, y)
        assert type(found) is tuple, f"argnums=(0, 1) gives {type(found).__name__}"
        assert_equal(found[0], [[1.0, 0.0], [0.0, 1.0]], "the first of two")
        assert_equal(found[1], [[6.0, 0.0], [0.0, 8.0]], "the second of two")
        found = jacobian(lambda x: (x**2, x + 5), has_aux=True)(x)
        assert type(found) is tuple, f"has_aux=True gives {type(found).__name__}"
        assert_equal(found[0], [[2.0, 0.0], [0.0, 4.0]], "the Jacobian beside aux")
        assert_equal(found[1], [6.0, 7.0], "aux")


@also("func.jac-argnums-and-aux")
def rows_for_both_arguments(p):
    x, y = p.constant([1.0, 2.0]), p.constant([3.0, 4.0])
    for k, row in enumerate(np.eye(2)):
        _, (dx, dy) = p.vjp(lambda x, y: x + y * y, (x, y), (p.constant(row),))
        p.expect(dx, np.eye(2)[k])
        p.expect(dy, [6.0 * row[0], 8.0 * row[1]])


@behaviour(
    "func.jacrev-chunk-size",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.func.jacrev, chunk_size",
    kills=["chunks-lose-the-last"],
    needs=_NEEDS,
    depends=["func.jacrev-and-jacfwd"],
)
def jacrev_chunk_size(torch):
    """chunk_size does not change the Jacobian; with chunk_size=1 the vmap restrictions do not apply."""
    x = _tensor(torch, [1.0, 2.0, 3.0])
    for size in (None, 1, 2, 3, 7):
        j = torch.func.jacrev(lambda x: x**2, chunk_size=size)(x)
        assert_equal(j, [[2.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 6.0]], f"the Jacobian in chunks of {size}")


@behaviour(
    "func.hessian",
    level=MUST,
    profile=FUNCTIONAL,
    source=_HESSIAN,
    kills=["func-jacrev-detached"],
    needs=_NEEDS,
    depends=["func.jacrev-and-jacfwd"],
)
def hessian_is_two_jacobians(torch):
    """hessian(f) equals jacfwd(jacrev(f)) and jacrev(jacrev(f)); for sum(sin x) it is diag(-sin x)."""
    func, x = torch.func, _tensor(torch, [0.1, 0.2])
    expected = [[-math.sin(0.1), 0.0], [0.0, -math.sin(0.2)]]
    compositions = {"hessian": func.hessian}
    for outer in _both(torch):
        for inner in _both(torch):
            compositions[f"{outer.__name__}({inner.__name__})"] = lambda f, o=outer, i=inner: o(i(f))
    for name, second in compositions.items():
        assert_close(second(lambda x: x.sin().sum())(x), expected, name)
        assert_close(second(lambda x: x[0] ** 2 * x[1])(_tensor(torch, [2.0, 3.0])), [[6.0, 4.0], [4.0, 0.0]], name)


@also("func.hessian")
def hessian_by_products(p):
    """Forward over reverse and reverse over reverse give the same columns of a symmetric matrix."""
    a, b = 2.0, 3.0
    second = np.array([[2 * b, 2 * a], [2 * a, 0.0]])
    one = p.constant(1.0)

    def gradient(x):
        return p.vjp(lambda x: x[0] * x[0] * x[1], (x,), (one,))[1][0]

    x = p.constant([a, b])
    for k, direction in enumerate(np.eye(2)):
        p.expect(p.jvp(gradient, (x,), (p.constant(direction),), name="func")[1], second[:, k])
        p.expect(p.vjp(gradient, (x,), (p.constant(direction),))[1][0], second[k])


@behaviour(
    "func.hessian-argnums",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_HESSIAN}, argnums",
    needs=_NEEDS,
    depends=["func.hessian"],
)
def hessian_argnums(torch):
    """hessian with a tuple of argnums gives a tuple of tuples of second derivatives."""
    found = torch.func.hessian(lambda x, y: (x**2 * y).sum(), argnums=(0, 1))(
        _tensor(torch, [2.0]), _tensor(torch, [3.0])
    )
    assert type(found) is tuple, f"the Hessian is {type(found).__name__}"
    for i, row in enumerate(([[6.0]], [[4.0]]), start=0):
        assert_equal(found[0][i], row, f"H[0][{i}]")
    assert_equal(found[1][0], [[4.0]], "H[1][0]")
    assert_equal(found[1][1], [[0.0]], "H[1][1]")


@also("func.hessian-argnums")
def blocks_by_products(p):
    """The rows of blocks of x**2 y, each the pull-back of one part of the gradient."""
    one = p.constant([1.0])

    def gradient(x, y):
        return p.vjp(lambda x, y: x * x * y, (x, y), (one,))[1]

    for part, blocks in enumerate(((6.0, 4.0), (4.0, 0.0))):
        points = (p.constant([2.0]), p.constant([3.0]))
        _, found = p.vjp(lambda x, y, part=part: gradient(x, y)[part] + 0 * y, points, (one,))
        for block, expected in zip(found, blocks, strict=True):
            p.expect(block, [expected])


@behaviour(
    "func.batched-jacobian",
    level=MUST,
    profile=FUNCTIONAL,
    source=_JACOBIANS,
    kills=["vmap-repeats-first-example"],
    needs=_NEEDS,
    depends=["func.jacrev-and-jacfwd", "func.vmap-basic"],
)
def batched_jacobian(torch):
    """vmap(jacrev(f)) and vmap(jacfwd(f)) give batched Jacobians of shape (batch, out, in)."""
    values = [[1.0, -2.0, 0.5], [3.0, 0.0, 1.0]]
    for jacobian in _both(torch):
        for function, expected in (
            (lambda x: x**2, [np.diag(2 * np.array(row)).tolist() for row in values]),
            (lambda x: x[:2] * x[2], [[[c, 0.0, a], [0.0, c, b]] for a, b, c in values]),
        ):
            found = torch.func.vmap(jacobian(function))(_tensor(torch, values))
            assert_equal(found, expected, f"the batch of Jacobians by {jacobian.__name__}")


@behaviour(
    "func.jacfwd-randomness",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.func.jacfwd, randomness",
    needs=_NEEDS,
    depends=["func.jacrev-and-jacfwd"],
)
def jacfwd_randomness(torch):
    """jacfwd of a function with a random operation raises RuntimeError by default and works with randomness="same" or
    "different".
    """
    jacfwd, x = torch.func.jacfwd, _tensor(torch, [1.0, 2.0])

    def noisy(x):
        return x * torch.rand((), dtype=torch.float64)

    with raises(RuntimeError, "random"):
        jacfwd(noisy)(x)
    same = jacfwd(noisy, randomness="same")(x)
    assert same[0, 1].item() == 0.0, "a Jacobian of multiples of the input is not diagonal"
    assert same[0, 0].item() == same[1, 1].item(), 'randomness="same" drew different numbers'
    different = jacfwd(noisy, randomness="different")(x)
    assert different[0, 0].item() != different[1, 1].item(), 'randomness="different" drew the same number'
