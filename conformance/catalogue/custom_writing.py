"""The ways to write a custom function: with and without ctx in forward, vjp for backward, boxed gradients."""

from __future__ import annotations

import os
import time
import types

from conformance.cases import IMPERATIVE, MAY, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, leaves, raises, warns
from conformance.catalogue.functions import function, square


@behaviour(
    "custom.separate-setup-context",
    level=MUST,
    profile=IMPERATIVE,
    source="Extending PyTorch, combined or separate forward and setup_context",
    kills=["setup-context-skipped"],
)
def separate_setup_context(torch):
    """forward without ctx plus a setup_context(ctx, inputs, output) is an equivalent way to define a Function; inputs
    is the tuple of all arguments.
    """
    seen = []

    class Scaled(torch.autograd.Function):
        @staticmethod
        def forward(x, c):
            return x * c

        @staticmethod
        def setup_context(ctx, inputs, output):
            seen.append((type(inputs), len(inputs), inputs[1], output.tolist()))
            ctx.c = inputs[1]

        @staticmethod
        def backward(ctx, g):
            return g * ctx.c, None

    for x in leaves(torch):
        Scaled.apply(x, 5).sum().backward()
        assert_equal(x.grad, torch.full_like(x.detach(), 5.0))
        assert seen.pop() == (tuple, 2, 5, (x.detach() * 5).tolist())


@behaviour(
    "custom.setup-context-output-structure",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Extending functorch with autograd.Function, example 1",
    kills=["setup-context-skipped"],
    depends=["custom.separate-setup-context"],
)
def setup_context_output_structure(torch):
    """setup_context receives output as forward returned it: a tensor for a single tensor, a tuple for several, and a
    one-element tuple stays one.
    """
    seen = []

    def setup_context(ctx, inputs, output):
        seen.append((isinstance(output, torch.Tensor), len(output) if isinstance(output, tuple) else 0))

    for forward, structure in (
        (lambda x: x * 1, (True, 0)),
        (lambda x: (x * 1, x * 2), (False, 2)),
        (lambda x: (x * 1,), (False, 1)),
    ):
        made = function(torch, forward, lambda ctx, *g: g[0], setup_context=setup_context)
        made.apply(torch.tensor(1.0, requires_grad=True))
        assert seen.pop() == structure


@behaviour(
    "custom.vjp-is-alias-of-backward",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.Function.vjp, docstring",
    kills=["vjp-ignored"],
)
def vjp_is_alias_of_backward(torch):
    """Defining vjp instead of backward is equivalent; defining both raises RuntimeError when backward runs."""

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def vjp(ctx, g):
            return g * 2

    class Both(Double):
        @staticmethod
        def backward(ctx, g):
            return g

    for x in leaves(torch):
        Double.apply(x).sum().backward()
        assert_equal(x.grad, torch.full_like(x.detach(), 2.0))
        y = Both.apply(x).sum()
        with raises(RuntimeError, "vjp"):
            y.backward()


@behaviour(
    "custom.missing-backward-raises",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.Function, docstring",
    kills=["missing-backward-gives-none"],
)
def missing_backward_raises(torch):
    """A Function without backward can be applied, but backward through it raises NotImplementedError."""

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    for x in leaves(torch):
        y = Double.apply(x)
        assert_equal(y, x.detach() * 2)
        with raises(NotImplementedError):
            y.sum().backward()


@behaviour(
    "custom.instantiation-warns-or-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source="autograd.Function, docstring: use apply",
    kills=["function-instances-work"],
)
def instantiation_warns_or_raises(torch):
    """Calling an instance of a Function instead of apply raises RuntimeError; making one warns of it."""
    with warns(DeprecationWarning, "instantiated"):
        made = square(torch)()
    with raises(RuntimeError, "non-static forward"):
        made(torch.tensor(1.0, requires_grad=True))


@behaviour(
    "custom.boxed-grads-call",
    level=MUST,
    profile=IMPERATIVE,
    source="Extending PyTorch, boxed_grads_call",
    kills=["boxed-grads-ignored"],
    depends=["custom.several-outputs"],
)
def boxed_grads_call(torch):
    """With boxed_grads_call = True backward receives all incoming gradients as one mutable list."""
    seen = []

    def backward(ctx, grads):
        seen.append((type(grads), len(grads)))
        first, second = grads
        grads.clear()
        return first * 2 + second * 3

    for x in leaves(torch):
        a, b = function(torch, lambda ctx, x: (x * 2, x * 3), backward, boxed_grads_call=True).apply(x)
        (a + b * 10).sum().backward()
        assert_equal(x.grad, torch.full_like(x.detach(), 32.0))
        assert seen.pop() == (list, 2)


@behaviour(
    "custom.register-autograd-for-custom-op",
    level=SHOULD,
    profile=IMPERATIVE,
    source="torch.library.register_autograd, docstring",
    needs=["library"],
)
def register_autograd_for_custom_op(torch):
    """register_autograd gives a custom operator a backward formula with setup_context and saved tensors; without one,
    backward through the operator raises RuntimeError.
    """
    name = f"conformance_{os.getpid()}_{time.time_ns()}::sine"  # a name can be registered once in a process
    sine = types.FunctionType(_sine.__code__, {"torch": torch}, "sine")
    sine.__annotations__ = {"x": torch.Tensor, "return": torch.Tensor}
    operator = torch.library.custom_op(name, sine, mutates_args=())
    x = torch.tensor([0.5, -1.0], dtype=torch.float64, requires_grad=True)
    with raises(RuntimeError):
        operator(x).sum().backward()

    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(inputs[0])

    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * x.cos()

    torch.library.register_autograd(name, backward, setup_context=setup_context)
    operator(x).sum().backward()
    assert_close(x.grad, x.detach().cos())


def _sine(x):
    return torch.from_numpy(x.detach().numpy().copy()).sin()  # noqa: F821 - the engine's module, when it is run


@behaviour(
    "custom.autocast-decorators-noop-outside",
    level=MAY,
    profile=IMPERATIVE,
    source="torch.amp.custom_fwd, docstring; mixed precision examples",
    needs=["autocast"],
)
def autocast_decorators_noop_outside(torch):
    """custom_fwd and custom_bwd around forward and backward change nothing outside autocast."""

    class Square(torch.autograd.Function):
        @staticmethod
        @torch.amp.custom_fwd(device_type="cpu")
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @torch.amp.custom_bwd(device_type="cpu")
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 2 * x * g

    for x in leaves(torch):
        y = Square.apply(x)
        assert_equal(y, x.detach() ** 2)
        y.sum().backward()
        assert_equal(x.grad, 2 * x)
