"""What a custom function saves for backward: how it comes back, is checked, and is freed."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MAY, MUST, also, behaviour
from conformance.catalogue.assertions import assert_equal, leaves, raises
from conformance.catalogue.functions import function

_SAVING = "FunctionCtx.save_for_backward, docstring"


@behaviour(
    "custom.saved-tensors-roundtrip",
    level=MUST,
    profile=IMPERATIVE,
    source=_SAVING,
    kills=["saved-order-lost"],
)
def saved_tensors_roundtrip(torch):
    """Tensors given to save_for_backward come back in order from ctx.saved_tensors in backward, with None kept as
    None.
    """

    def forward(ctx, x, y):
        ctx.save_for_backward(x, None, y)
        return x * y

    def backward(ctx, g):
        x, nothing, y = ctx.saved_tensors
        assert nothing is None
        return g * y, g * x

    for a in leaves(torch):
        b = (a.detach() * 4 + 1).requires_grad_()
        function(torch, forward, backward).apply(a, b).sum().backward()
        assert_equal(a.grad, b)
        assert_equal(b.grad, a)


@also("custom.saved-tensors-roundtrip")
def saved_in_order(p):
    a, b, c = p.leaf([2.0, 1.0]), p.leaf([3.0, 5.0]), p.leaf([7.0, -1.0])
    y = p.custom(lambda a, b, c: (a * b * c, lambda g: (g * b * c, g * a * c, g * a * b)), a, b, c)
    y.sum().backward()
    p.expect(a.grad, [21.0, -5.0])
    p.expect(b.grad, [14.0, -1.0])
    p.expect(c.grad, [6.0, 5.0])


@behaviour(
    "custom.save-non-tensor-raises",
    level=MUST,
    profile=IMPERATIVE,
    source="Extending PyTorch, how to use, step 2",
    kills=["save-anything"],
)
def save_non_tensor_raises(torch):
    """Passing something that is neither a tensor nor None to save_for_backward raises TypeError."""
    for wrong in (3, "text", [1.0], {}):

        def forward(ctx, x, wrong=wrong):
            ctx.save_for_backward(wrong)
            return x * 1

        with raises(TypeError):
            function(torch, forward, lambda ctx, g: g).apply(torch.tensor(1.0, requires_grad=True))


@behaviour(
    "custom.save-for-backward-last-call-wins",
    level=MAY,
    profile=IMPERATIVE,
    source=_SAVING,
    kills=["saved-order-lost"],
)
def save_for_backward_last_call_wins(torch):
    """A second call of save_for_backward replaces what the first one saved."""
    seen = []

    def forward(ctx, x):
        ctx.save_for_backward(x)
        ctx.save_for_backward(x * 2, x * 3)
        return x * 1

    def backward(ctx, g):
        seen.append([t.tolist() for t in ctx.saved_tensors])
        return g

    x = torch.tensor([1.0, -2.0], requires_grad=True)
    function(torch, forward, backward).apply(x).sum().backward()
    assert seen == [[[2.0, -4.0], [3.0, -6.0]]]


@behaviour(
    "custom.saved-tensor-version-check",
    level=MUST,
    profile=IMPERATIVE,
    source="save_for_backward, docstring; Autograd mechanics, in-place correctness checks",
    kills=["version-check-skipped"],
    depends=["in-place.saved-tensor-modified-raises"],
)
def saved_tensor_version_check(p):
    """Reading ctx.saved_tensors raises RuntimeError if a saved tensor was changed in place after it was saved."""
    for value in (1.0, [1.0, 2.0], [[3.0], [4.0]]):
        x = p.leaf(value) * 1
        y = p.custom(lambda x: (x * x, lambda g: 2 * x * g), x)
        x.add_(1)
        with p.raises("RuntimeError", "modified by an inplace operation"):
            y.sum().backward()


@behaviour(
    "custom.saved-tensors-freed-after-backward",
    level=MUST,
    profile=IMPERATIVE,
    source="Extending PyTorch, how to use, step 2",
    kills=["freed-graph-not-detected"],
)
def saved_tensors_freed_after_backward(p):
    """After a backward without retain_graph the saved tensors are freed: a second backward raises RuntimeError."""
    for value in (1.0, [1.0, 2.0]):
        y = p.custom(lambda x: (x * x, lambda g: 2 * x * g), p.leaf(value)).sum()
        y.backward(retain_graph=True)
        y.backward()
        with p.raises("RuntimeError", "second time"):
            y.backward()


@behaviour(
    "custom.clear-saved-on-access",
    level=MUST,
    profile=IMPERATIVE,
    source="Extending PyTorch, clear_saved_tensors_on_access",
    kills=["clear-on-access-ignored"],
)
def clear_saved_on_access(torch):
    """With clear_saved_tensors_on_access = True the first read of ctx.saved_tensors in backward works and a second one
    raises RuntimeError.
    """

    class Cleared(torch.autograd.Function):
        clear_saved_tensors_on_access = True

        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            with raises(RuntimeError):
                assert ctx.saved_tensors is None, "the second access gave something"
            return 2 * x * g

    for x in leaves(torch):
        Cleared.apply(x).sum().backward()
        assert_equal(x.grad, 2 * x)
