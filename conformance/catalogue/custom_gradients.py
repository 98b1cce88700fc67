"""What a custom backward may return: as many gradients as there were arguments, of their shape, or None."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MAY, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal, leaves, raises
from conformance.catalogue.functions import function

_RETURNED = "autograd.Function.backward, docstring"
_USE = "Extending PyTorch, how to use"


@behaviour(
    "custom.gradient-for-non-tensor-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Extending PyTorch, MulConstant example: must be None",
    kills=["gradient-count-unchecked"],
)
def gradient_for_non_tensor_raises(torch):
    """Returning a tensor as gradient of a non-tensor argument raises RuntimeError in backward."""
    wrong = function(torch, lambda ctx, t, c: t * c, lambda ctx, g: (g, g))
    for x in leaves(torch):
        y = wrong.apply(x, 5).sum()
        with raises(RuntimeError, "not a Variable"):
            y.backward()


@behaviour(
    "custom.unneeded-gradient-is-harmless",
    level=MUST,
    profile=IMPERATIVE,
    source="Extending PyTorch, Linear example",
    kills=["unneeded-gradient-refused"],
)
def unneeded_gradient_is_harmless(p):
    """Returning a gradient for an input that does not require grad is no error and is ignored."""
    for value, ones in ((1.0, 1.0), ([1.0, -2.0], [1.0, 1.0]), ([[0.5]], [[1.0]])):
        a, b = p.leaf(value), p.constant(value)
        p.custom(lambda a, b: (a + b, lambda g: (g, g * 5)), a, b).sum().backward()
        p.expect(a.grad, ones)
        p.expect(b.grad, None)


@behaviour(
    "custom.none-means-no-gradient",
    level=MUST,
    profile=IMPERATIVE,
    source=_RETURNED,
    kills=["none-gradient-is-zero"],
)
def none_means_no_gradient(p):
    """None returned for an input that requires grad means that no gradient flows to it: its .grad stays None."""
    for value, ones in ((1.0, 1.0), ([1.0, -2.0], [1.0, 1.0]), ([[0.5]], [[1.0]])):
        a, b = p.leaf(value), p.leaf(value)
        p.custom(lambda a, b: (a + b, lambda g: (g, None)), a, b).sum().backward()
        p.expect(a.grad, ones)
        p.expect(b.grad, None)


@also("custom.none-means-no-gradient")
def none_stops_at_an_intermediate(p):
    """What lies behind such an input gets nothing either."""
    x, w = p.leaf([2.0, 3.0]), p.leaf([1.0, 4.0])
    p.custom(lambda a, b: (a * b, lambda g: (None, g)), x * x, w * 3).sum().backward()
    p.expect(x.grad, None)
    p.expect(w.grad, [3.0, 3.0])


@behaviour(
    "custom.too-few-gradients-raises",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_USE}: as many tensors as there were inputs",
    kills=["gradient-count-unchecked"],
)
def too_few_gradients_raises(p):
    """A backward that returns fewer gradients than forward had arguments raises RuntimeError."""
    for count in (2, 3):
        y = p.custom(lambda *xs: (xs[0] + xs[1], lambda g: g), *(p.leaf([1.0, 2.0]) for _ in range(count)))
        with p.raises("RuntimeError", "incorrect number of gradients"):
            y.sum().backward()


@behaviour(
    "custom.surplus-nones-allowed",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_USE}: optional arguments",
    kills=["gradient-count-unchecked"],
)
def surplus_nones_allowed(p):
    """A backward may return more values than there were arguments as long as the surplus ones are None; a surplus
    tensor raises RuntimeError.
    """
    for value, ones in ((1.0, 1.0), ([1.0, -2.0], [1.0, 1.0])):
        x = p.leaf(value)
        p.custom(lambda x: (x * 1, lambda g: (g, None, None)), x).sum().backward()
        p.expect(x.grad, ones)
        y = p.custom(lambda x: (x * 1, lambda g: (g, g)), x)
        with p.raises("RuntimeError", "incorrect number of gradients"):
            y.sum().backward()


@behaviour(
    "custom.wrong-gradient-shape-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_RETURNED,
    kills=["gradient-shape-unchecked"],
)
def wrong_gradient_shape_raises(p):
    """A returned gradient whose shape can neither equal nor be reduced to its input's shape makes backward raise
    RuntimeError.
    """
    for value in ([1.0, 2.0], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]):
        y = p.custom(lambda x: (x * 1, lambda g: g[:1]), p.leaf(value))
        with p.raises("RuntimeError", "invalid gradient"):
            y.sum().backward()


@behaviour(
    "custom.expandable-gradient-is-summed",
    level=MAY,
    profile=IMPERATIVE,
    source="observed: the engine validates the shape of returned gradients",
    kills=["expanded-gradient-refused"],
)
def expandable_gradient_is_summed(p):
    """A returned gradient to whose shape the input's shape can be expanded is summed down to the input's shape."""
    for value, shape, gradient in (([1.0], (3,), [3.0]), ([[1.0], [2.0]], (2, 4), [[4.0], [4.0]]), (5.0, (2, 2), 4.0)):
        x = p.leaf(value)
        y = p.custom(lambda x, shape=shape: (x.expand(size=shape) * 1, lambda g: g), x)
        y.sum().backward()
        p.expect(x.grad, gradient)


@behaviour(
    "custom.tensors-in-containers-not-tracked",
    level=MUST,
    profile=IMPERATIVE,
    source="Extending PyTorch, how to use, step 1; Extending functorch with autograd.Function, limitations",
    kills=["containers-tracked"],
)
def tensors_in_containers_not_tracked(torch):
    """Tensors inside lists or dicts passed to apply are not tracked: without a direct tensor argument that requires
    grad the output does not require grad.
    """
    listed = function(torch, lambda ctx, xs: xs[0] * 2, lambda ctx, g: None)
    named = function(torch, lambda ctx, xs: xs["x"] * 2, lambda ctx, g: None)
    for x in leaves(torch):
        assert not listed.apply([x]).requires_grad
        assert not named.apply({"x": x}).requires_grad


@behaviour(
    "custom.apply-accepts-keywords",
    level=MAY,
    profile=IMPERATIVE,
    source="autograd.Function.forward, docstring: positional and keyword arguments",
    kills=["ctx-attributes-lost"],
)
def apply_accepts_keywords(torch):
    """apply accepts keyword arguments and default values of forward; a tensor passed by keyword is tracked like a
    positional one.
    """

    def forward(ctx, x, c=2.0):
        ctx.c = c
        return x * c

    scaled = function(torch, forward, lambda ctx, g: (g * ctx.c, None))
    for x in leaves(torch):
        for y, factor in ((scaled.apply(x), 2.0), (scaled.apply(x, c=5.0), 5.0), (scaled.apply(c=5.0, x=x), 5.0)):
            x.grad = None
            y.sum().backward()
            assert_equal(x.grad, torch.full_like(x.detach(), factor))
