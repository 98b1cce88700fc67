"""Hooks on a tensor that is changed in place, hooks that return the wrong thing, and hooks under create_graph."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import leaves, raises

_HOOK = "Tensor.register_hook, docstring"
_IN_PLACE = "Autograd mechanics, behavior of tensor hooks when the tensor is modified in place"


@behaviour(
    "hooks-tensor.old-hook-stays-with-old-value",
    level=MUST,
    profile=IMPERATIVE,
    source=_IN_PLACE,
    kills=["hooks-follow-the-tensor"],
)
def old_hook_stays_with_old_value(p):
    """A hook registered before an in-place change receives the gradient with respect to the value before the
    change.
    """
    for value, factor, gradient in ((1.0, 5.0, 5.0), ([1.0, 2.0], -3.0, [-3.0, -3.0])):
        t = p.leaf(value) * 2
        t.register_hook(lambda g, gradient=gradient: p.expect(g, gradient))
        t.mul_(factor)
        t.sum().backward()


@behaviour(
    "hooks-tensor.new-hook-sees-new-value",
    level=MUST,
    profile=IMPERATIVE,
    source=_IN_PLACE,
    kills=["hooks-stay-with-first-value"],
)
def new_hook_sees_new_value(p):
    """A hook registered after all in-place changes receives the gradient with respect to the final value."""
    for value, factor, ones in ((1.0, 5.0, 1.0), ([1.0, 2.0], -3.0, [1.0, 1.0])):
        t = p.leaf(value) * 2
        t.mul_(factor)
        t.add_(1)
        t.register_hook(lambda g, ones=ones: p.expect(g, ones))
        t.sum().backward()


@behaviour(
    "hooks-tensor.wrong-shape-return-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_HOOK}: a new gradient",
    kills=["hook-result-unchecked"],
)
def wrong_shape_return_raises(p):
    """A hook that returns a tensor of another shape makes backward raise RuntimeError."""
    for value in ([1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]]):
        y = p.leaf(value) * 1
        y.register_hook(lambda g: g[:1])
        with p.raises("RuntimeError", "size"):
            y.sum().backward()


@behaviour(
    "hooks-tensor.non-tensor-return-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_HOOK}: a tensor or None",
    kills=["hook-result-unchecked"],
)
def non_tensor_return_raises(torch):
    """A hook that returns something that is neither a tensor nor None makes backward raise TypeError."""
    for wrong in (3.0, "text", [1.0]):
        for x in leaves(torch):
            x.register_hook(lambda g, wrong=wrong: wrong)
            with raises(TypeError):
                (x * 2).sum().backward()


@behaviour(
    "hooks-tensor.no-grad-mode-in-backward",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Tensor.register_post_accumulate_grad_hook, docstring, note",
    kills=["hooks-run-without-grad"],
)
def no_grad_mode_in_backward(p):
    """Hooks run with recording off unless create_graph is True."""
    for value in (2.0, [2.0, -1.0]):
        for create_graph in (False, True):
            x = p.leaf(value)
            x.register_hook(lambda g, recorded=create_graph: p.expect_mode(recorded))
            p.grad((x**2).sum(), x, create_graph=create_graph)


@behaviour(
    "hooks-tensor.differentiable-under-create-graph",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_HOOK}; create_graph",
    kills=["hooks-run-without-grad"],
    depends=["hooks-tensor.return-value-replaces"],
)
def differentiable_under_create_graph(p):
    """With create_graph=True the hook's operations are recorded, so that the modified gradient can be differentiated:
    squaring the gradient 2x of x**2 in a hook gives 4x**2 with derivative 8x.
    """
    for value, gradient, slope in ((2.0, 16.0, 16.0), ([2.0, -1.0], [16.0, 4.0], [16.0, -8.0])):
        x = p.leaf(value)
        h = x * 1
        handle = h.register_hook(lambda g: g * g)
        (dx,) = p.grad((h**2).sum(), x, create_graph=True)
        p.expect(dx, gradient)
        handle.remove()
        p.expect(p.grad(dx.sum(), x)[0], slope)
