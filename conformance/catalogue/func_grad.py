"""torch.func.grad and grad_and_value: of which argument, in which structure, in which mode, and with what beside it."""

from __future__ import annotations

import math

import numpy as np

from conformance.cases import FUNCTIONAL, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises

_GRAD = "PyTorch documentation, torch.func.grad"
_NEEDS = ("func",)


def _tensor(torch, values, **kw):
    return torch.tensor(values, dtype=torch.float64, **kw)


def _one(p):
    return p.constant(1.0)


@behaviour(
    "func.grad-basic",
    level=MUST,
    profile=FUNCTIONAL,
    source=_GRAD,
    kills=["func-differentiates-all-arguments"],
    needs=_NEEDS,
)
def grad_basic(torch):
    """torch.func.grad(f) returns a function that gives the gradient of f with respect to its first argument."""
    grad = torch.func.grad
    for value in (0.7, -2.0, 0.0):
        assert_close(grad(torch.sin)(_tensor(torch, value)), math.cos(value), "the derivative of sin")
    assert_equal(grad(lambda x, y: x * y)(_tensor(torch, 2.0), _tensor(torch, 5.0)), 5.0, "d(xy)/dx")
    for values in ([1.0, -2.0], [[0.5], [3.0]]):
        g = grad(lambda x, k: (x**k).sum())(_tensor(torch, values), 3)
        assert_close(g, (3 * np.array(values) ** 2).tolist(), "the gradient of a sum of cubes")


@also("func.grad-basic")
def pulled_back_from_one(p):
    for values in (2.0, [1.5, -2.0], [[0.5, -4.0]]):
        x = p.constant(values)
        y, (g,) = p.vjp(lambda x: (x * x * x).sum(), (x,), (_one(p),))
        p.expect(y, (np.array(values) ** 3).sum())
        p.expect(g, 3 * np.array(values) ** 2)


@behaviour(
    "func.grad-nested",
    level=MUST,
    profile=FUNCTIONAL,
    source=_GRAD,
    kills=["func-gradients-detached"],
    needs=_NEEDS,
    depends=["func.grad-basic"],
)
def grad_nested(torch):
    """grad can be nested for higher orders: grad(grad(sin)) is -sin."""
    grad = torch.func.grad
    for value in (0.7, -1.5):
        x = _tensor(torch, value)
        assert_close(grad(grad(torch.sin))(x), -math.sin(value), "the second derivative of sin")
        assert_close(grad(grad(grad(lambda x: x**4)))(x), 24 * value, "the third derivative of x**4")


@also("func.grad-nested")
def pulled_back_twice(p):
    def gradient(x):
        _, (g,) = p.vjp(lambda x: x * x * x, (x,), (_one(p),))
        return g

    for value in (2.0, -0.5, 0.0):
        g, (second,) = p.vjp(gradient, (p.constant(value),), (_one(p),))
        p.expect(g, 3 * value**2)
        p.expect(second, 6 * value)


@behaviour(
    "func.grad-argnums",
    level=MUST,
    profile=FUNCTIONAL,
    source=_GRAD,
    kills=["argnums-ignored"],
    needs=_NEEDS,
    depends=["func.grad-basic"],
)
def grad_argnums(torch):
    """argnums chooses the argument, and a tuple of argnums gives a tuple of gradients."""

    def function(x, y):
        return x**2 * y

    for a, b in ((3.0, 5.0), (-1.0, 0.5)):
        x, y = _tensor(torch, a), _tensor(torch, b)
        assert_equal(torch.func.grad(function, argnums=1)(x, y), a**2, "argnums=1")
        for argnums, expected in (((0, 1), (2 * a * b, a**2)), ((1, 0), (a**2, 2 * a * b)), ((1,), (a**2,))):
            found = torch.func.grad(function, argnums=argnums)(x, y)
            assert type(found) is tuple, f"argnums={argnums} gives {type(found).__name__}"
            assert_equal(found, expected, f"argnums={argnums}")


@also("func.grad-argnums")
def pulled_back_to_both(p):
    for a, b in ((3.0, 5.0), (-1.0, 0.5)):
        _, (dx, dy) = p.vjp(lambda x, y: x * x * y, (p.constant(a), p.constant(b)), (_one(p),))
        p.expect(dx, 2 * a * b)
        p.expect(dy, a**2)


@behaviour(
    "func.grad-non-scalar-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_GRAD}: a single-element output",
    kills=["func-grad-sums-output"],
    needs=_NEEDS,
)
def grad_non_scalar_raises(torch):
    """grad of a function whose output has more than one element, or is no tensor, raises RuntimeError."""
    for values in ([1.0, 2.0], [[1.0, 2.0]]):
        with raises(RuntimeError, "scalar"):
            torch.func.grad(lambda x: x * 2)(_tensor(torch, values))
    for other in (3.0, "text", None):
        with raises(RuntimeError, "Tensor"):
            torch.func.grad(lambda x, other=other: other)(_tensor(torch, 1.0))


@behaviour(
    "func.grad-one-element-output",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_GRAD}: a single-element Tensor",
    discrepancy="The docstring asks for a single-element Tensor; torch accepts 0-dimensional outputs only.",
    needs=_NEEDS,
)
def grad_one_element_output(torch):
    """grad accepts a 0-d output but raises RuntimeError for an output of shape (1,)."""
    assert_equal(torch.func.grad(lambda x: x.sum())(_tensor(torch, [1.0, 2.0])), [1.0, 1.0], "the gradient of a sum")
    for values in ([1.0], [[1.0]]):
        with raises(RuntimeError, "scalar"):
            torch.func.grad(lambda x: x * 2)(_tensor(torch, values))


@behaviour(
    "func.grad-and-value",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.func.grad_and_value",
    kills=["value-before-gradient"],
    needs=_NEEDS,
    depends=["func.grad-basic"],
)
def grad_and_value(torch):
    """grad_and_value returns the pair (gradient, value), with has_aux the pair (gradient, (value, aux))."""
    for value in (3.0, -0.5):
        x = _tensor(torch, value)
        gradient, output = torch.func.grad_and_value(lambda x: x**3)(x)
        assert_close(gradient, 3 * value**2, "the gradient")
        assert_close(output, value**3, "the value")
        gradient, (output, aux) = torch.func.grad_and_value(lambda x: (x**2, x + 1), has_aux=True)(x)
        assert_equal([gradient, output, aux], [2 * value, value**2, value + 1], "gradient, value and aux")


@also("func.grad-and-value")
def value_beside_what_is_pulled_back(p):
    for value in (3.0, -0.5):
        y, (g,) = p.vjp(lambda x: x * x * x, (p.constant(value),), (_one(p),))
        p.expect(y, value**3)
        p.expect(g, 3 * value**2)


@behaviour(
    "func.grad-pytree",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.func.functional_call",
    kills=["func-grad-flattens"],
    needs=_NEEDS,
    depends=["func.grad-basic"],
)
def grad_pytree(torch):
    """A differentiated argument may be a dict or other structure of tensors, and the gradient has the same
    structure.
    """
    for a, b in ((2.0, 5.0), (-1.0, 0.5)):
        found = torch.func.grad(lambda p: p["a"] * p["b"][0])({"a": _tensor(torch, a), "b": [_tensor(torch, b)]})
        assert type(found) is dict, f"the gradient of a dict is {type(found).__name__}"
        assert type(found["b"]) is list, f"the gradient of a list is {type(found['b']).__name__}"
        assert_equal([found["a"], found["b"][0]], [b, a], "the gradient")
        found = torch.func.grad(lambda p: p[0] * p[1])((_tensor(torch, a), _tensor(torch, b)))
        assert type(found) is tuple, f"the gradient of a tuple is {type(found).__name__}"
