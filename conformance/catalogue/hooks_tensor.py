"""Hooks on a tensor: they see its gradient and may replace it."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal, leaves, raises

_HOOK = "Tensor.register_hook, docstring"
_ORDER = "Autograd mechanics, the order in which the different hooks are fired"


@behaviour(
    "hooks-tensor.receives-gradient",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["hook-gets-ones", "tensor-hooks-ignored"],
)
def receives_gradient(p):
    """A tensor hook is called with the gradient with respect to that tensor."""
    for value, weight in ((2.0, 5.0), ([1.0, 2.0], [5.0, 6.0]), ([[1.0], [-2.0]], [[0.5], [3.0]])):
        x = p.leaf(value)
        y = x * 3
        y.register_hook(lambda g, weight=weight: p.expect(g, weight))
        (y * p.constant(weight)).sum().backward()


@also("hooks-tensor.receives-gradient")
def leaf_receives_gradient(p):
    x = p.leaf([1.0, 2.0])
    x.register_hook(lambda g: p.expect(g, [15.0, 18.0]))
    (x * 3 * p.constant([5.0, 6.0])).sum().backward()


@behaviour(
    "hooks-tensor.return-value-replaces",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["hook-result-ignored"],
)
def return_value_replaces(p):
    """A tensor returned by the hook takes the gradient's place: on a leaf it is what is accumulated, on an
    intermediate it is what flows further back.
    """
    for value, gradient, doubled in (([0.0] * 3, [1.0, 2.0, 3.0], [2.0, 4.0, 6.0]), (5.0, -1.0, -2.0)):
        v = p.leaf(value)
        v.register_hook(lambda g: g * 2)
        v.backward(p.constant(gradient))
        p.expect(v.grad, doubled)
    for value, gradient in ((2.0, 40.0), ([2.0, -1.0], [40.0, -20.0])):
        x = p.leaf(value)
        y = x * x
        y.register_hook(lambda g: g * 10)
        y.sum().backward()
        p.expect(x.grad, gradient)


@behaviour(
    "hooks-tensor.none-keeps-gradient",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["hook-none-drops-gradient"],
)
def none_keeps_gradient(p):
    """A hook that returns None leaves the gradient as it is."""
    for value, gradient in ((2.0, 3.0), ([2.0, -1.0], [3.0, 3.0])):
        x = p.leaf(value)
        y = x * 1
        for tensor in (x, y):
            tensor.register_hook(lambda g: p.expect(g.requires_grad, False))
        (y * 3).sum().backward()
        p.expect(x.grad, gradient)


@behaviour(
    "hooks-tensor.remove",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["hook-remove-ignored"],
    depends=["hooks-tensor.return-value-replaces"],
)
def remove(p):
    """register_hook returns a handle; after handle.remove() the hook is not called any more."""
    for value, doubled, plain in ((2.0, 6.0, 3.0), ([2.0, 1.0], [6.0, 6.0], [3.0, 3.0])):
        x = p.leaf(value)
        handle = x.register_hook(lambda g: g * 2)
        (x * 3).sum().backward()
        p.expect(x.grad, doubled)
        handle.remove()
        x.grad = None
        (x * 3).sum().backward()
        p.expect(x.grad, plain)


@also("hooks-tensor.remove")
def removing_one_leaves_the_other(p):
    """Of a non-leaf as well; and a handle takes away its own hook only."""
    x = p.leaf([2.0, 1.0])
    y = x * 3
    first = y.register_hook(lambda g: g * 2)
    y.register_hook(lambda g: g + 1)
    first.remove()
    y.sum().backward()
    p.expect(x.grad, [6.0, 6.0])


@behaviour(
    "hooks-tensor.registration-order",
    level=MUST,
    profile=IMPERATIVE,
    source=_ORDER,
    kills=["hooks-run-backwards"],
    depends=["hooks-tensor.return-value-replaces"],
)
def registration_order(p):
    """Several hooks of one tensor run in the order of registration, and each sees the gradient as changed by the
    earlier ones.
    """
    for value, seen, changed, gradient in ((1.0, 3.0, 4.0, 40.0), ([1.0, 2.0], [3.0] * 2, [4.0] * 2, [40.0] * 2)):
        x = p.leaf(value)

        def first(g, seen=seen):
            p.expect(g, seen)
            return g + 1

        def second(g, changed=changed):
            p.expect(g, changed)
            return g * 10

        x.register_hook(first)
        x.register_hook(second)
        (x * 3).sum().backward()
        p.expect(x.grad, gradient)


@behaviour(
    "hooks-tensor.exception-propagates",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["hook-errors-swallowed"],
)
def exception_propagates(torch):
    """An exception raised in a hook comes out of the backward call unchanged in type."""

    class Own(Exception):
        pass

    for error in (KeyError, Own):

        def bad(g, error=error):
            raise error("boom")

        for x in leaves(torch):
            for tensor in (x, x * 1):
                handle = tensor.register_hook(bad)
                with raises(error, "boom"):
                    (tensor * 2).sum().backward()
                handle.remove()
            assert x.grad is None
            (x * 2).sum().backward()
            assert_equal(x.grad, torch.full_like(x.detach(), 2.0))


@behaviour(
    "hooks-tensor.without-requires-grad-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["hooks-accept-anything"],
)
def without_requires_grad_raises(p):
    """register_hook on a tensor that does not require grad raises RuntimeError."""
    for value in (1.0, [1.0, 2.0]):
        with p.raises("RuntimeError", "doesn't require grad"):
            p.constant(value).register_hook(lambda g: g)
