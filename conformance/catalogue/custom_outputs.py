"""What a custom forward may return: several outputs, other things than tensors, constants, its changed inputs."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal, leaves, quiet, raises
from conformance.catalogue.functions import function

_MATERIALIZE = "FunctionCtx.set_materialize_grads, docstring"
_CONSTANT = "FunctionCtx.mark_non_differentiable, docstring"
_DIRTY = "FunctionCtx.mark_dirty, docstring"


@behaviour(
    "custom.none-for-non-tensor-outputs",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.Function.backward, docstring",
    kills=["non-tensor-output-gets-zero"],
    depends=["custom.several-outputs"],
)
def none_for_non_tensor_outputs(torch):
    """For a non-tensor output of forward, backward receives None as its gradient."""
    seen = []

    def backward(ctx, g, h):
        seen.append(h)
        return 2 * g

    for x in leaves(torch):
        for other in ("text", 3, None):
            mixed = function(torch, lambda ctx, x, other=other: (x * 2, other), backward)
            double, given = mixed.apply(x)
            assert given is other
            double.sum().backward()
            assert seen.pop() is None


@behaviour(
    "custom.grads-materialized-by-default",
    level=MUST,
    profile=IMPERATIVE,
    source=_MATERIALIZE,
    kills=["grads-not-materialized"],
    depends=["custom.several-outputs"],
)
def grads_materialized_by_default(p):
    """By default an output that got no gradient is represented in backward by a zero tensor of its shape."""
    for value, zeros, twos in (([1.0], [0.0, 0.0], [2.0]), ([1.0, 2.0], [0.0] * 4, [2.0, 2.0])):

        def two(x, expected=zeros):
            def rule(g, h):
                p.expect(h, expected)
                return 2 * g

            return (x * 2, p.op("cat", (x, x), dim=0)), rule

        x = p.leaf(value)
        p.custom(two, x)[0].sum().backward()
        p.expect(x.grad, twos)


@behaviour(
    "custom.materialize-off-gives-none",
    level=MUST,
    profile=IMPERATIVE,
    source=_MATERIALIZE,
    kills=["set-materialize-ignored"],
    depends=["custom.several-outputs"],
)
def materialize_off_gives_none(torch):
    """After ctx.set_materialize_grads(False) an output that got no gradient is represented by None."""
    seen = []

    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        return x.clone(), x.clone()

    def backward(ctx, *grads):
        seen.append([g is None for g in grads])
        return next(g for g in grads if g is not None)

    for x in leaves(torch):
        for used in (0, 1):
            function(torch, forward, backward).apply(x)[used].sum().backward()
            assert seen.pop() == [used == 1, used == 0]


@behaviour(
    "custom.mark-non-differentiable",
    level=MUST,
    profile=IMPERATIVE,
    source=_CONSTANT,
    kills=["mark-non-differentiable-ignored", "grads-not-materialized"],
)
def mark_non_differentiable(torch):
    """An output marked non-differentiable does not require grad, and backward still receives a zero tensor of its
    shape for it.
    """
    seen = []

    class Sort(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ordered, index = x.sort()
            ctx.mark_non_differentiable(index)
            ctx.save_for_backward(index)
            return ordered, index

        @staticmethod
        def backward(ctx, g, h):
            seen.append(h)
            (index,) = ctx.saved_tensors
            return torch.zeros_like(g).index_add_(0, index, g)

    for values, gradient in (([3.0, 1.0], [10.0, 1.0]), ([2.0, 0.5, 1.0], [100.0, 1.0, 10.0])):
        x = torch.tensor(values, requires_grad=True)
        ordered, index = Sort.apply(x)
        assert ordered.requires_grad
        assert not index.requires_grad
        ordered.backward(torch.tensor([1.0, 10.0, 100.0][: len(values)]))
        assert_equal(x.grad, gradient)
        assert_equal(seen.pop(), [0] * len(values))


@also("custom.mark-non-differentiable")
def floating_outputs_get_zeros_too(torch):
    """The same for an output of floats, which would have a gradient if it were not marked."""
    seen = []

    def forward(ctx, x):
        steps = x.round()
        ctx.mark_non_differentiable(steps)
        return x * 2, steps

    def backward(ctx, g, h):
        seen.append(h)
        return g * 2

    for x in leaves(torch):
        double, steps = function(torch, forward, backward).apply(x)
        assert double.requires_grad
        assert not steps.requires_grad
        assert steps.grad_fn is None
        double.sum().backward()
        assert_equal(seen.pop(), torch.zeros_like(x.detach()))


@behaviour(
    "custom.float-output-marked-non-differentiable",
    level=MUST,
    profile=IMPERATIVE,
    source=_CONSTANT,
    kills=["mark-non-differentiable-ignored"],
)
def float_output_marked_non_differentiable(torch):
    """A floating-point output can be marked non-differentiable as well and then does not require grad."""

    def forward(ctx, x):
        y = x.round()
        ctx.mark_non_differentiable(y)
        return y, x * 2

    for x in leaves(torch):
        steps, double = function(torch, forward, lambda ctx, g, h: h * 2).apply(x)
        assert not steps.requires_grad
        assert double.requires_grad
        double.sum().backward()
        assert_equal(x.grad, torch.full_like(x.detach(), 2.0))


@behaviour(
    "custom.integer-outputs-never-require-grad",
    level=MUST,
    profile=IMPERATIVE,
    source="Extending PyTorch, how to use, step 2",
    kills=["integer-outputs-tracked"],
)
def integer_outputs_never_require_grad(torch):
    """Integer outputs of a Function never require grad, without being marked, while floating-point outputs do by
    default.
    """
    for dtype in (torch.int64, torch.int32, torch.bool):
        made = function(torch, lambda ctx, x, dtype=dtype: (x * 1, x.to(dtype)), lambda ctx, g, h: g)
        for x in leaves(torch):
            y, whole = made.apply(x)
            assert y.requires_grad
            assert not whole.requires_grad


def _adds_one(ctx, x):
    ctx.mark_dirty(x)
    x.add_(1)
    return x


@behaviour(
    "custom.mark-dirty-returns-same-object",
    level=MUST,
    profile=IMPERATIVE,
    source=_DIRTY,
    kills=["mark-dirty-ignored"],
)
def mark_dirty_returns_same_object(torch):
    """A Function that changes its input in place, marks it dirty and returns it gives the same tensor object, whose
    grad_fn is then the Function's node and whose version is bumped.
    """
    added = function(torch, _adds_one, lambda ctx, g: g * 7)
    for x in leaves(torch):
        a = x.clone()
        version = a._version
        result = added.apply(a)
        assert result is a
        assert a._version > version
        assert a.grad_fn.name() == "MadeBackward"
        assert_equal(a, x.detach() + 1)
        a.sum().backward()
        assert_equal(x.grad, torch.full_like(x.detach(), 7.0))


@behaviour(
    "custom.mark-dirty-triggers-check",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_DIRTY}, example",
    kills=["mark-dirty-ignored"],
    depends=["in-place.saved-tensor-modified-raises"],
)
def mark_dirty_triggers_check(torch):
    """Marking an input dirty lets the correctness check see the change: backward of an earlier operation that saved it
    raises RuntimeError.
    """

    def forward(ctx, x):
        x.detach().numpy()[...] += 1  # which no counter sees
        ctx.mark_dirty(x)
        return x

    for x in leaves(torch):
        a = x.clone()
        b = a * a
        function(torch, forward, lambda ctx, g: g).apply(a)
        with raises(RuntimeError, "modified by an inplace operation"):
            b.sum().backward()


@behaviour(
    "custom.dirty-leaf-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_DIRTY}; rules for in-place operations",
    kills=["mark-dirty-ignored"],
)
def dirty_leaf_raises(torch):
    """Marking a leaf that requires grad dirty raises RuntimeError."""

    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x

    for x in leaves(torch):
        with raises(RuntimeError, "leaf Variable"), quiet():
            function(torch, forward, lambda ctx, g: g).apply(x)
