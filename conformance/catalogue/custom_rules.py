"""Functions with a derivative rule of their own: what is computed, and what the gradient then is."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_close

POINTS = (3.0, [3.0], [[1.0, -2.0], [0.5, 4.0]])


def _values(p, value, function):
    """What a function of numbers gives for each number of a nested list."""
    return [_values(p, v, function) for v in value] if isinstance(value, list) else function(value)


def square(x):
    """The square, with its rule on the saved input."""
    return x * x, lambda g: 2 * x * g


@behaviour(
    "custom.forward-and-backward-are-used",
    level=MUST,
    profile=FUNCTIONAL,
    source="autograd.Function, docstring",
    kills=["function-backward-ignored"],
)
def forward_and_backward_are_used(p):
    """A Function subclass with static forward and backward is called through apply: its forward gives the value and
    its backward the gradient.
    """
    for value in POINTS:
        x = p.leaf(value)
        y = p.custom(square, x)
        p.expect(y, _values(p, value, lambda v: v * v))
        (dx,) = p.grad(y.sum(), x)
        p.expect(dx, _values(p, value, lambda v: 2 * v))


@also("custom.forward-and-backward-are-used")
def between_ordinary_operations(p):
    """The cotangent that comes in is that of the result, and what goes out is differentiated further."""
    x, w = p.leaf([1.0, -2.0]), p.leaf([3.0, 0.5])
    dx, dw = p.grad(p.custom(square, 3 * x) * w, (x, w), p.constant([1.0, 10.0]))
    p.expect(dx, [2 * 3 * 3 * 3.0, 2 * -6 * 3 * 0.5 * 10])
    p.expect(dw, [9.0, 360.0])


@behaviour(
    "custom.backward-defines-the-gradient",
    level=MUST,
    profile=FUNCTIONAL,
    source="Extending functorch with autograd.Function, example 2",
    kills=["function-backward-ignored"],
)
def backward_defines_the_gradient(p):
    """The gradient is whatever backward returns, even if it is not the derivative of forward."""
    for value, gradient in ((1.0, 100.0), ([1.0, -1.0], [100.0, 100.0]), ([[2.0]], [[100.0]])):
        x = p.leaf(value)
        (dx,) = p.grad(p.custom(lambda x: (x * 2, lambda g: g * 100), x).sum(), x)
        p.expect(dx, gradient)


@behaviour(
    "custom.several-outputs",
    level=MUST,
    profile=FUNCTIONAL,
    source="autograd.Function.backward, docstring",
    kills=["function-first-output-only", "function-backward-ignored"],
)
def several_outputs(p):
    """A forward that returns a tuple gives several outputs, and backward receives one gradient for each, in order."""
    for value in ([1.0], [2.0, -1.0], [[0.5, 3.0]]):
        x = p.leaf(value)
        double, triple = p.custom(lambda x: ((x * 2, x * 3), lambda g, h: 2 * g + 3 * h), x)
        p.expect(double, _values(p, value, lambda v: v * 2))
        p.expect(triple, _values(p, value, lambda v: v * 3))
        (dx,) = p.grad((double * 10 + triple).sum(), x)
        p.expect(dx, _values(p, value, lambda _: 23.0))


@behaviour(
    "custom.double-backward-through-saved-input",
    level=MUST,
    profile=FUNCTIONAL,
    source="Double backward tutorial, saving the inputs; Extending PyTorch, note on double backward",
    kills=["function-backward-unrecorded"],
)
def double_backward_through_saved_input(p):
    """If backward consists of differentiable operations on saved inputs, double backward works by itself."""
    for value in POINTS:
        x = p.leaf(value)
        (dx,) = p.grad(p.custom(square, x).sum(), x, create_graph=True)
        p.expect(dx, _values(p, value, lambda v: 2 * v))
        (ddx,) = p.grad(dx.sum(), x)
        p.expect(ddx, _values(p, value, lambda _: 2.0))


@behaviour(
    "custom.double-backward-through-saved-output",
    level=MUST,
    profile=FUNCTIONAL,
    source="Double backward tutorial, saving the outputs",
    kills=["function-backward-unrecorded"],
)
def double_backward_through_saved_output(p):
    """Saving an output with save_for_backward supports double backward in the same way."""

    def inverse(x):
        y = 1 / x
        return y, lambda g: -g * y * y

    for value in (0.5, [0.5, -1.0, 4.0]):
        x = p.leaf(value)
        (dx,) = p.grad(p.custom(inverse, x).sum(), x, create_graph=True)
        p.expect(dx, _values(p, value, lambda v: -1 / v**2))
        (ddx,) = p.grad(dx.sum(), x)
        p.expect(ddx, _values(p, value, lambda v: 2 / v**3))


@behaviour(
    "custom.intermediate-returned-as-output",
    level=MUST,
    profile=FUNCTIONAL,
    source="Double backward tutorial, saving intermediate results; Extending PyTorch, MyCube",
    kills=["function-backward-unrecorded", "function-first-output-only"],
    depends=["custom.several-outputs"],
)
def intermediate_returned_as_output(p):
    """Returning an intermediate as an extra output, saving it and adding its gradient in backward gives right second
    derivatives.
    """

    def cube(x):
        slope = 3 * x * x
        return (x * x * x, slope), lambda g, h: g * slope + h * 6 * x

    for value in (2.0, [2.0, -1.0]):
        x = p.leaf(value)
        y, _ = p.custom(cube, x)
        (dx,) = p.grad(y.sum(), x, create_graph=True)
        p.expect(dx, _values(p, value, lambda v: 3 * v * v))
        (ddx,) = p.grad(dx.sum(), x)
        p.expect(ddx, _values(p, value, lambda v: 6 * v))


@behaviour(
    "custom.nested-function-in-backward",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="Double backward tutorial, when backward is not tracked",
    kills=["function-backward-unrecorded"],
)
def nested_function_in_backward(p):
    """A backward that calls another custom Function gets its second derivative from that Function's backward."""

    def cube(x):
        return x * x * x, lambda g: p.custom(slope, g, x)

    def slope(g, x):  # its own rule says 100 where calculus says 6 x, so that one sees which of them was used
        return g * 3 * x * x, lambda h: (h * 3 * x * x, h * g * 100)

    for value in (2.0, [2.0, -1.0]):
        x = p.leaf(value)
        (dx,) = p.grad(p.custom(cube, x).sum(), x, create_graph=True)
        p.expect(dx, _values(p, value, lambda v: 3 * v * v))
        (ddx,) = p.grad(dx.sum(), x)
        p.expect(ddx, _values(p, value, lambda _: 100.0))


@behaviour(
    "custom.backward-mode-follows-create-graph",
    level=MUST,
    profile=IMPERATIVE,
    source="Double backward tutorial",
    kills=["function-backward-unrecorded"],
)
def backward_mode_follows_create_graph(p):
    """Operations in backward are recorded only if create_graph was given."""
    for create_graph in (False, True):

        def watched(x, recorded=create_graph):
            def rule(g):
                p.expect_mode(recorded)
                p.expect((g * 2).requires_grad, False)
                return g

            return x * 1, rule

        x = p.leaf(1.0)
        (dx,) = p.grad(p.custom(watched, x), x, create_graph=create_graph)
        p.expect(dx, 1.0)


@behaviour(
    "custom.incoming-gradient-may-track-history",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Extending PyTorch, note: the inputs of backward can track history",
    kills=["function-backward-unrecorded"],
)
def incoming_gradient_may_track_history(p):
    """The incoming gradient in backward requires grad if the user's vector does; operations on it are recorded only
    under create_graph, and then the result can be differentiated with respect to the vector.
    """
    for create_graph in (False, True):

        def watched(x, recorded=create_graph):
            def rule(g):
                p.expect(g.requires_grad, True)
                p.expect((g * 5).requires_grad, recorded)
                return g * 5

            return x * 1, rule

        x, v = p.leaf([1.0, 2.0]), p.leaf([1.0, 3.0])
        (dx,) = p.grad(p.custom(watched, x), x, v, create_graph=create_graph)
        p.expect(dx.requires_grad, create_graph)
        if create_graph:
            p.expect(p.grad(dx.sum(), v)[0], [5.0, 5.0])


@behaviour(
    "custom.func-second-order",
    level=MUST,
    profile=FUNCTIONAL,
    source="Extending functorch with autograd.Function, example 2",
    kills=["function-backward-unrecorded", "setup-context-skipped"],
    needs=["func"],
    depends=["custom.separate-setup-context"],
)
def func_second_order(torch):
    """Nested torch.func.grad through a Function with setup_context gives second derivatives (6 x for the cube
    example).
    """

    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(x):
            return x**3, 3 * x**2

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(inputs[0], output[1])

        @staticmethod
        def backward(ctx, g, h):
            x, slope = ctx.saved_tensors
            return g * slope + h * 6 * x

    for dtype in (torch.float64, torch.float32):
        for value in (2.0, -0.5, 0.0):
            second = torch.func.grad(torch.func.grad(lambda x: Cube.apply(x)[0]))
            assert_close(second(torch.tensor(value, dtype=dtype)), 6 * value)


@also("custom.func-second-order")
def nested_rules_give_second_order(p):
    x = p.leaf(-0.5)
    (dx,) = p.grad(p.custom(lambda x: (x * x * x, lambda g: 3 * x * x * g), x), x, create_graph=True)
    p.expect(p.grad(dx, x)[0], -3.0)
