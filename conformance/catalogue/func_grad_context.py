"""torch.func.grad in its surroundings: grad modes, autograd outside and inside, leaks, auxiliary results."""

from __future__ import annotations

import math

from conformance.cases import FUNCTIONAL, IMPERATIVE, MAY, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises

_GRAD = "PyTorch documentation, torch.func.grad"
_LIMITS = "PyTorch documentation, torch.func, UX limitations"
_NEEDS = ("func",)


def _tensor(torch, values, **kw):
    return torch.tensor(values, dtype=torch.float64, **kw)


def _one(p):
    return p.constant(1.0)


@behaviour(
    "func.grad-has-aux",
    level=MUST,
    profile=FUNCTIONAL,
    source=_GRAD,
    kills=["aux-dropped"],
    needs=_NEEDS,
    depends=["func.grad-basic"],
)
def grad_has_aux(torch):
    """With has_aux=True f returns (output, aux) and grad returns (gradient, aux), where aux is a structure of tensors
    that is not differentiated.
    """
    for value in (3.0, -0.5):
        found = torch.func.grad(lambda x: (x**2, (x * 10, {"k": x + 1})), has_aux=True)(_tensor(torch, value))
        assert isinstance(found, tuple), f"has_aux=True gives {type(found).__name__}"
        gradient, (first, rest) = found
        assert_equal(gradient, 2 * value, "the gradient")
        assert_equal(first, 10 * value, "the first part of aux")
        assert_equal(rest["k"], value + 1, "the part of aux in a dict")


@behaviour(
    "func.aux-must-be-tensors",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_GRAD}, and vjp, jvp and jacrev, has_aux",
    discrepancy='The docstrings speak of arbitrary "other auxiliary objects"; torch accepts tensors only.',
    needs=_NEEDS,
)
def aux_must_be_tensors(torch):
    """An aux structure that contains something other than tensors, such as a string, raises RuntimeError."""
    func, x = torch.func, _tensor(torch, [1.0])
    for aux in ("s", 3, ("s",)):
        with raises(RuntimeError, "Expected tensors"):
            func.grad(lambda x, aux=aux: (x**2, aux), has_aux=True)(_tensor(torch, 3.0))
        with raises(RuntimeError, "Expected tensors"):
            func.vjp(lambda x, aux=aux: (x, aux), x, has_aux=True)
        with raises(RuntimeError, "Expected tensors"):
            func.jacrev(lambda x, aux=aux: (x, aux), has_aux=True)(x)


@behaviour(
    "func.grad-leaves-dot-grad-alone", level=SHOULD, profile=FUNCTIONAL, source=f"{_LIMITS}; {_GRAD}", needs=_NEEDS
)
def grad_leaves_dot_grad_alone(torch):
    """torch.func.grad does not need requires_grad and does not touch .grad of its arguments."""
    x, w = _tensor(torch, 2.0), _tensor(torch, 2.0, requires_grad=True)
    assert_equal(torch.func.grad(lambda x: x**2)(x), 4.0, "the gradient")
    assert_equal(torch.func.grad(lambda x: x * 3)(w), 3.0, "the gradient")
    assert x.grad is None, "an argument got a .grad"
    assert not x.requires_grad, "an argument requires grad afterwards"
    assert w.grad is None, "a leaf that requires grad got a .grad"


@behaviour(
    "func.inner-no-grad-respected",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_GRAD}, case 1",
    kills=["transforms-ignore-inner-no-grad"],
    needs=_NEEDS,
)
def inner_no_grad_respected(torch):
    """A no_grad block inside the function is respected: for x - no_grad(x**2) the gradient is 1."""

    def function(x):
        with torch.no_grad():
            c = x**2
        return x - c

    for value in (3.0, -0.5):
        x = _tensor(torch, value)
        assert_equal(torch.func.grad(function)(x), 1.0, "grad")
        assert_equal(torch.func.vjp(function, x)[1](_tensor(torch, 1.0))[0], 1.0, "vjp")
        assert_equal(torch.func.jacrev(function)(x), 1.0, "jacrev")


@also("func.inner-no-grad-respected")
def block_inside_a_pulled_back_function(p):
    def function(x):
        with p.no_grad():
            c = x * x
        return x - c

    for value in (3.0, -0.5):
        y, (g,) = p.vjp(function, (p.constant(value),), (_one(p),))
        p.expect(y, value - value**2)
        p.expect(g, 1.0)


@behaviour(
    "func.outer-no-grad-ignored",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_GRAD}, case 2",
    kills=["transforms-obey-outer-no-grad"],
    needs=_NEEDS,
)
def outer_no_grad_ignored(torch):
    """A no_grad block around the transform has no effect on it."""
    x = _tensor(torch, 0.7)
    with torch.no_grad():
        assert_close(torch.func.grad(torch.sin)(x), math.cos(0.7), "grad under no_grad")
        assert_close(torch.func.vjp(torch.sin, x)[1](_tensor(torch, 1.0))[0], math.cos(0.7), "vjp under no_grad")
        assert_close(torch.func.jacrev(torch.sin)(x), math.cos(0.7), "jacrev under no_grad")
        assert not torch.is_grad_enabled(), "the transform switched recording on outside"


@also("func.outer-no-grad-ignored")
def block_around_a_pull_back(p):
    for value in (3.0, -0.5):
        x = p.constant(value)
        with p.no_grad():
            _, (g,) = p.vjp(lambda x: x * x, (x,), (_one(p),))
        p.expect(g, 2 * value)


@behaviour(
    "func.composes-with-autograd",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.func.functional_call, note",
    needs=_NEEDS,
    depends=["func.grad-basic"],
)
def composes_with_autograd(torch):
    """The result of a transform with respect to tensors that require grad is itself tracked outside; with detached
    inputs it has no grad_fn.
    """
    for value in (3.0, -0.5):
        x = _tensor(torch, value, requires_grad=True)
        torch.func.grad(lambda x: x**3)(x).backward()
        assert_equal(x.grad, 6 * value, "the gradient of the gradient")
        plain = torch.func.grad(lambda x: x**3)(x.detach())
        assert plain.grad_fn is None, "the gradient at a detached input has a grad_fn"


@behaviour(
    "func.autograd-grad-inside-transform-raises",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_LIMITS}, torch.autograd APIs",
    needs=_NEEDS,
)
def autograd_grad_inside_transform_raises(torch):
    """Calling backward() on a tensor inside a function transformed by torch.func.grad raises RuntimeError."""

    def function(x):
        y = (x**2).sum()
        y.backward()
        return y

    for values in ([1.0], [1.0, 2.0]):
        with raises(RuntimeError):
            torch.func.grad(function)(_tensor(torch, values))


@behaviour(
    "func.leaked-intermediate-is-dead",
    level=MAY,
    profile=FUNCTIONAL,
    source=f"{_LIMITS}, general limitations",
    kills=["aux-dropped"],
    needs=_NEEDS,
)
def leaked_intermediate_is_dead(torch):
    """A function under a transform must return everything: an intermediate assigned to an outer variable is a wrapper
    of a finished level, whose value is right only through has_aux.
    """
    leaked = []

    def leaking(x):
        leaked.append(x.sin())
        return leaked[0].sin()

    torch.func.grad(leaking)(_tensor(torch, 0.3))
    assert "GradTrackingTensor" in repr(leaked[0]), f"a leaked intermediate reads {leaked[0]!r}"
    found = torch.func.grad(lambda x: (x.sin().sin(), x.sin()), has_aux=True)(_tensor(torch, 0.3))
    assert isinstance(found, tuple), "the intermediate was not returned through has_aux"
    assert_close(found[1], math.sin(0.3), "the intermediate returned through has_aux")
