"""Gradients of gradients: what create_graph=True records, and what is missing without it."""

from __future__ import annotations

import math

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour

_VALUES = (2.0, [-3.0], [1.5, -2.0], [[0.5, -4.0], [3.0, 1.0]])  # powers of these up to the fourth are exact
_POINTS = ((1.0, 2.0), (-3.0, 0.5), (0.0, 4.0))
_GRAD = "PyTorch documentation, torch.autograd.grad, create_graph"
_BACKWARD = "PyTorch documentation, torch.Tensor.backward, create_graph"
_UNUSED = "PyTorch documentation, torch.autograd.grad, allow_unused and materialize_grads"


@behaviour(
    "create-graph.gradient-requires-grad",
    level=MUST,
    profile=FUNCTIONAL,
    source=_GRAD,
    kills=["create-graph-detached", "grad-has-history"],
)
def gradient_requires_grad(p):
    """With create_graph=True the returned gradient requires grad and has a grad_fn; by default it does neither."""
    for values in _VALUES:
        x = p.leaf(values)
        (recorded,) = p.grad((x * x * x).sum(), x, create_graph=True)
        p.expect(recorded.requires_grad, True)
        p.expect(recorded.is_leaf, False)  # it has a grad_fn
        (plain,) = p.grad((x * x * x).sum(), x)
        p.expect(plain.requires_grad, False)
        p.expect(plain.grad_fn, None)


@also("create-graph.gradient-requires-grad")
def gradient_can_be_part_of_a_function(p):
    for values in _VALUES:
        x = p.leaf(values)
        (g,) = p.grad((x * x * x).sum(), x, create_graph=True)
        p.expect(p.grad((g * x).sum(), x)[0], 9 * np.array(values) ** 2)  # 3x²·x, differentiated as a whole


@behaviour(
    "create-graph.second-derivative",
    level=MUST,
    profile=FUNCTIONAL,
    source=_GRAD,
    kills=["create-graph-detached"],
)
def second_derivative(p):
    """Differentiating a gradient obtained with create_graph=True gives the second derivative: 6x for x**3."""
    for values in _VALUES:
        x = p.leaf(values)
        (g,) = p.grad((x**3).sum(), x, create_graph=True)
        p.expect(g, 3 * np.array(values) ** 2)
        p.expect(p.grad(g.sum(), x)[0], 6 * np.array(values))


@behaviour(
    "create-graph.third-derivative",
    level=MUST,
    profile=FUNCTIONAL,
    source=_GRAD,
    kills=["create-graph-detached"],
)
def third_derivative(p):
    """The procedure can be repeated to any order: the third derivative of x**4 at 2 is 48 and the fourth derivative of
    sin is sin.
    """
    for value in (2.0, -0.5, 0.0):
        x = p.leaf(value)
        g = x * x * x * x
        for expected in (4 * value**3, 12 * value**2, 24 * value, 24.0):
            (g,) = p.grad(g, x, create_graph=True)
            p.expect(g, expected)


@also("create-graph.third-derivative")
def fourth_derivative_of_sine(p):
    for value in (0.75, -2.0, 0.0):
        x = p.leaf(value)
        g = x.sin()
        for expected in (math.cos(value), -math.sin(value), -math.cos(value), math.sin(value)):
            (g,) = p.grad(g, x, create_graph=True)
            p.expect(g, expected, inexact=True)


@behaviour(
    "create-graph.mixed-partials",
    level=MUST,
    profile=FUNCTIONAL,
    source=_GRAD,
    kills=["create-graph-detached"],
)
def mixed_partials(p):
    """Mixed second derivatives are available: for x**2 * y**3 the derivative first in x and then in y is 6 x y**2."""
    for u, v in ((2.0, 3.0), *_POINTS):
        x, y = p.leaf(u), p.leaf(v)
        gx, gy = p.grad(x**2 * y**3, (x, y), create_graph=True)
        p.expect(p.grad(gx, y, retain_graph=True)[0], 6 * u * v**2)
        p.expect(p.grad(gy, x)[0], 6 * u * v**2)  # the order of differentiation does not matter


@behaviour(
    "create-graph.gradient-penalty",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch examples of mixed precision training, gradient penalty",
    kills=["create-graph-detached"],
)
def gradient_penalty(p):
    """A loss may contain a norm of gradients obtained with create_graph=True; backward then accumulates the derivative
    of the penalty as well.
    """
    for values in ([1.0, 2.0], *_VALUES):
        w = p.leaf(values)
        loss = (w * w * w).sum()
        (g,) = p.grad(loss, w, create_graph=True)
        (loss + (g * g).sum()).backward()
        p.expect(w.grad, 3 * np.array(values) ** 2 + 36 * np.array(values) ** 3)


@also("create-graph.gradient-penalty")
def norm_penalty_by_grad(p):
    for values in ([3.0, 4.0], [-5.0, 12.0], [0.0, 2.0]):  # whose norms are whole
        w = p.leaf(values)
        loss = (w * w).sum()
        (g,) = p.grad(loss, w, create_graph=True)
        expected = 2 * np.array(values) + 2 * np.array(values) / math.hypot(*values)
        p.expect(p.grad(loss + (g * g).sum().sqrt(), w)[0], expected, inexact=True)


@behaviour(
    "create-graph.backward-populates-differentiable-grad",
    level=MUST,
    profile=IMPERATIVE,
    source=_BACKWARD,
    kills=["create-graph-detached"],
)
def backward_populates_differentiable_grad(p):
    """After backward(create_graph=True) the leaf's .grad requires grad and can itself be differentiated."""
    for values in _VALUES:
        x = p.leaf(values)
        (x * x * x).sum().backward(create_graph=True)
        g = x.grad
        p.expect(g.requires_grad, True)
        p.expect(g, 3 * np.array(values) ** 2)
        p.expect(p.grad(g.sum(), x)[0], 6 * np.array(values))
        x.grad = None  # undoes the reference cycle


@behaviour(
    "create-graph.backward-warns-reference-cycle",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.autograd.backward, note on create_graph",
)
def backward_warns_reference_cycle(p):
    """backward(create_graph=True) issues a UserWarning about a reference cycle between parameter and gradient."""
    for values in _VALUES:
        x = p.leaf(values)
        y = (x * x * x).sum()
        with p.warns("UserWarning", "reference cycle"):
            y.backward(create_graph=True)
        p.expect(x.grad, 3 * np.array(values) ** 2)
        x.grad = None


@behaviour(
    "create-graph.grad-outputs-get-gradient",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.autograd.gradgradcheck",
    kills=["create-graph-detached"],
)
def grad_outputs_get_gradient(p):
    """With create_graph=True the gradient is differentiable with respect to the vector as well: d(J^T v)/dv applied to
    u is J u.
    """
    for values in _VALUES:
        x, v = p.leaf(values), p.leaf(np.ones(np.shape(values)))
        u = 10.0 ** np.arange(np.size(values)).reshape(np.shape(values))
        (g,) = p.grad(x * x, x, v, create_graph=True)
        p.expect(p.grad(g, v, p.constant(u))[0], 2 * np.array(values) * u)


@also("create-graph.grad-outputs-get-gradient")
def matrix_applied_from_the_other_side(p):
    for matrix in map(np.array, ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[1.0, -2.0, 0.5]])):
        m, n = matrix.shape
        x, v, u = p.leaf(np.ones(n)), p.leaf(np.arange(1.0, m + 1)), 10.0 ** np.arange(n)
        (g,) = p.grad(p.constant(matrix) @ x, x, v, create_graph=True)
        p.expect(g, matrix.T @ np.arange(1.0, m + 1))
        p.expect(p.grad(g, v, p.constant(u))[0], matrix @ u)


@behaviour(
    "create-graph.double-backward-trick-is-jvp",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.autograd.functional.jvp, note on the double backward trick",
    kills=["create-graph-detached"],
)
def double_backward_trick_is_jvp(p):
    """The backward of the backward with respect to a dummy vector gives the Jacobian-vector product."""
    for a, b, c in ((1.0, 2.0, 3.0), (-0.5, 4.0, 0.0)):
        x, dummy = p.leaf([a, b, c]), p.leaf([0.0, 0.0])
        y = p.op("stack", [x[0] * x[1], x[2] * x[2]])
        (g,) = p.grad(y, x, dummy, create_graph=True)
        p.expect(g, [0.0, 0.0, 0.0])
        for r, s, t in ((1.0, 0.0, 2.0), (3.0, -1.0, 0.5)):
            (jvp,) = p.grad(g, dummy, p.constant([r, s, t]), retain_graph=True)
            p.expect(jvp, [b * r + a * s, 2 * c * t])


@behaviour(
    "create-graph.second-derivative-of-linear-is-unused",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_UNUSED,
    kills=["unused-gives-zeros"],
)
def second_derivative_of_linear_is_unused(p):
    """The gradient of a linear function does not depend on its input: differentiating it again raises RuntimeError,
    gives None with allow_unused=True and zeros with materialize_grads=True.
    """
    for values in _VALUES:
        x, factor = p.leaf(values), p.leaf(np.ones(np.shape(values)))
        (g,) = p.grad((3 * x * factor).sum(), x, create_graph=True)
        with p.raises("RuntimeError", "allow_unused"):
            p.grad(g.sum(), x)
        p.expect(p.grad(g.sum(), x, allow_unused=True, retain_graph=True)[0], None)
        p.expect(p.grad(g.sum(), x, materialize_grads=True)[0], np.zeros(np.shape(values)))


@behaviour(
    "create-graph.no-graph-second-grad-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source=_GRAD,
    kills=["grad-has-history", "backward-on-constant-silent"],
)
def no_graph_second_grad_raises(p):
    """Without create_graph a second differentiation of the returned gradient raises RuntimeError."""
    for values in _VALUES:
        x = p.leaf(values)
        (g,) = p.grad((x * x * x).sum(), x)
        p.expect(g, 3 * np.array(values) ** 2)
        with p.raises("RuntimeError", "does not require grad"):
            p.grad(g.sum(), x)


@behaviour(
    "create-graph.values-unchanged",
    level=MUST,
    profile=FUNCTIONAL,
    source=_GRAD,
    kills=["last-path-wins"],
)
def values_unchanged(p):
    """create_graph does not change the value of the gradient."""
    for values in _VALUES:
        x = p.leaf(values)
        for create_graph in (False, True):
            (g,) = p.grad((x * x * x - 2 * x * x).sum(), x, create_graph=create_graph)
            p.expect(g, 3 * np.array(values) ** 2 - 4 * np.array(values))


@also("create-graph.values-unchanged")
def transcendental_values_unchanged(p):
    for values in (0.25, [0.5, 0.875], [[-1.5, 2.0]]):
        x = p.leaf(values)
        for create_graph in (False, True):
            (g,) = p.grad((x.exp() * 2).sum(), x, create_graph=create_graph)
            p.expect(g, 2 * np.exp(np.array(values)), inexact=True)


@behaviour(
    "create-graph.hessian-by-rows",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.autograd.functional.hessian",
    kills=["create-graph-detached"],
)
def hessian_by_rows(p):
    """A Hessian can be assembled row by row from grad of grad and is symmetric for smooth functions."""
    for u, v in _POINTS:
        x = p.leaf([u, v])
        (g,) = p.grad(x[0] ** 2 * x[1], x, create_graph=True)
        rows = [p.grad(g[i], x, retain_graph=True)[0] for i in range(2)]
        p.expect(p.op("stack", rows), [[2 * v, 2 * u], [2 * u, 0.0]])


@also("create-graph.hessian-by-rows")
def hessian_of_cubed_sum(p):
    for values in ([2.0], [1.0, -2.0, 4.0], [0.5, 0.25, -1.0, 8.0]):
        x, total = p.leaf(values), sum(values)
        s = x.sum()
        (g,) = p.grad(s * s * s, x, create_graph=True)
        for i in range(len(values)):
            p.expect(p.grad(g[i], x, retain_graph=True)[0], np.full(len(values), 6 * total))
