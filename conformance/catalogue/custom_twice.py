"""Custom functions that may be differentiated once only, and those that silently lose the second derivative."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, leaves, raises
from conformance.catalogue.functions import function

_STEP = "Extending PyTorch, how to use, step 3"
_PROMISE = f"{_STEP}; save_for_backward, docstring"


def _once(torch):
    """The square, which may be differentiated once."""

    class Once(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 2 * x * g

    return Once


@behaviour(
    "custom.once-differentiable-single-backward-works",
    level=MUST,
    profile=IMPERATIVE,
    source=_STEP,
    kills=["once-differentiable-refuses"],
)
def once_differentiable_single_backward_works(torch):
    """A Function whose backward is decorated by once_differentiable supports a single backward, with and without
    create_graph.
    """
    once = _once(torch)
    for x in leaves(torch):
        for create_graph in (False, True):
            (g,) = torch.autograd.grad(once.apply(x).sum(), x, create_graph=create_graph)
            assert_equal(g, 2 * x)


@behaviour(
    "custom.once-differentiable-blocks-double-backward",
    level=MUST,
    profile=IMPERATIVE,
    source=_PROMISE,
    kills=["once-differentiable-ignored"],
    depends=["custom.once-differentiable-single-backward-works"],
)
def once_differentiable_blocks_double_backward(torch):
    """When the gradient that came into a once_differentiable backward itself requires grad, calling backward() on the
    resulting gradient raises RuntimeError.
    """
    once = _once(torch)
    for x in leaves(torch):
        (g,) = torch.autograd.grad((once.apply(x) * x).sum(), x, create_graph=True)
        assert_close(g, 3 * x**2, tolerance=1e-6)
        with raises(RuntimeError, "once_differentiable"):
            g.sum().backward()


@behaviour(
    "custom.once-differentiable-silent-under-autograd-grad",
    level=MUST,
    profile=IMPERATIVE,
    source=_PROMISE,
    kills=["once-differentiable-ignored"],
    discrepancy="The documentation promises an error for any attempt at double backward through a once_differentiable "
    "function; torch.autograd.grad prunes the node that raises, since it does not lead to the input, and returns a "
    "wrong value.",
    depends=["custom.once-differentiable-single-backward-works"],
)
def once_differentiable_silent_under_autograd_grad(torch):
    """In the same situation torch.autograd.grad(g, x) raises nothing and silently leaves the contribution of the
    once_differentiable function out: for d/dx of the gradient of x**2 * x at 3 it returns 6 instead of 18 or an error.
    """
    once = _once(torch)
    for value in (3.0, [3.0], [[3.0, 3.0]]):
        x = torch.tensor(value, requires_grad=True)
        (g,) = torch.autograd.grad((once.apply(x) * x).sum(), x, create_graph=True)
        assert_equal(torch.autograd.grad(g.sum(), x)[0], torch.full_like(x.detach(), 6.0))


@behaviour(
    "custom.once-differentiable-silent-for-constant-vector",
    level=MUST,
    profile=IMPERATIVE,
    source=_PROMISE,
    kills=["once-differentiable-ignored"],
    discrepancy="The documentation promises an error for any attempt at double backward; here the gradient taken with "
    "create_graph=True has no grad_fn, and backward of a loss built from it silently misses its derivative.",
    depends=["custom.once-differentiable-single-backward-works"],
)
def once_differentiable_silent_for_constant_vector(torch):
    """When the incoming gradient does not require grad, the gradient that a once_differentiable backward gives under
    create_graph is a constant: it does not require grad, so that a loss built from it silently misses its derivative.
    """
    once = _once(torch)
    for x in leaves(torch):
        (g,) = torch.autograd.grad(once.apply(x), x, torch.ones_like(x.detach()), create_graph=True)
        assert not g.requires_grad
        (g + x).sum().backward()
        assert_equal(x.grad, torch.ones_like(x.detach()))


@behaviour(
    "custom.intermediate-on-ctx-loses-double-backward",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Double backward tutorial, what not to do",
    kills=["function-forward-recorded"],
)
def intermediate_on_ctx_loses_double_backward(torch):
    """If backward uses only intermediates kept on ctx, the gradient does not depend on the input for double backward:
    with a constant incoming gradient it does not require grad even under create_graph.
    """

    def forward(ctx, x):
        ctx.up, ctx.down = x.exp(), (-x).exp()
        return (ctx.up - ctx.down) / 2

    sinh = function(torch, forward, lambda ctx, g: g * (ctx.up + ctx.down) / 2)
    for x in leaves(torch):
        (g,) = torch.autograd.grad(sinh.apply(x), x, torch.ones_like(x.detach()), create_graph=True)
        assert_close(g, torch.cosh(x.detach()), tolerance=1e-6)
        assert not g.requires_grad
