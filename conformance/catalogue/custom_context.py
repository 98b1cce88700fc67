"""What a custom function leaves in its context for backward, and what it finds there."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal, leaves
from conformance.catalogue.functions import function, square

_SAVING = "FunctionCtx.save_for_backward, docstring"


@behaviour(
    "custom.forward-not-recorded",
    level=MUST,
    profile=IMPERATIVE,
    source="Extending PyTorch, how to use; double backward tutorial",
    kills=["function-forward-recorded"],
)
def forward_not_recorded(p):
    """Operations inside forward are not recorded: recording is off there, and the outputs' grad_fn is the Function's
    own node.
    """
    for value in (1.0, [2.0, -1.0], [[0.5]]):

        def watched(x):
            p.expect_mode(False)
            y = x * 3
            p.expect(y.requires_grad, False)
            return y, lambda g: g * 7

        x = p.leaf(value)
        y = p.custom(watched, x)
        p.expect(y.grad_fn, "RuleBackward")
        y.sum().backward()
        p.expect(x.grad, _full(value, 7.0))


def _full(value, number):
    return [_full(v, number) for v in value] if isinstance(value, list) else number


@behaviour(
    "custom.forward-inputs-keep-flag",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Extending PyTorch, how to use, step 1",
    kills=["function-inputs-detached"],
    discrepancy="The page says that tensor arguments that track history are converted to ones that do not before the "
    "call; in PyTorch 2.13.0 forward gets the same tensors, and only recording is off.",
)
def forward_inputs_keep_flag(torch):
    """The tensors that forward receives still read requires_grad True and keep their grad_fn, although nothing done
    with them in forward is recorded.
    """
    seen = []

    def forward(ctx, x):
        seen.append((x.requires_grad, x.grad_fn is not None))
        return x * 1

    for x in leaves(torch):
        function(torch, forward, lambda ctx, g: g).apply(x * 2)
    assert set(seen) == {(True, True)}


@behaviour(
    "custom.ctx-carries-non-tensors",
    level=MUST,
    profile=IMPERATIVE,
    source="Extending PyTorch, MulConstant example",
    kills=["ctx-attributes-lost"],
)
def ctx_carries_non_tensors(torch):
    """Non-tensor values can be stored as attributes of ctx in forward and read in backward; the gradient of a
    non-tensor argument is None.
    """

    class MulConstant(torch.autograd.Function):
        @staticmethod
        def forward(ctx, tensor, constant):
            ctx.constant = constant
            return tensor * constant

        @staticmethod
        def backward(ctx, grad_output):
            return grad_output * ctx.constant, None

    for constant in (5, -0.5):
        for x in leaves(torch):
            MulConstant.apply(x, constant).sum().backward()
            assert_equal(x.grad, torch.full_like(x.detach(), constant))


@behaviour(
    "custom.needs-input-grad",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.Function.backward, docstring",
    kills=["needs-input-grad-all-true"],
)
def needs_input_grad(torch):
    """ctx.needs_input_grad is a tuple of booleans, one per argument of apply: True exactly for tensors that require
    grad.
    """
    seen = []

    def backward(ctx, g):
        seen.append(ctx.needs_input_grad)
        return g if ctx.needs_input_grad[0] else None, g if ctx.needs_input_grad[1] else None, None

    product = function(torch, lambda ctx, a, b, c: a * b, backward)
    for flags in ((True, False), (False, True), (True, True)):
        a, b = (torch.tensor([1.0, 2.0], requires_grad=flag) for flag in flags)
        product.apply(a, b, 3).sum().backward()
        assert seen.pop() == (*flags, False)


@behaviour(
    "custom.ctx-attribute-escapes-version-check",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_SAVING}: prevents incorrect gradients",
    kills=["ctx-attributes-lost"],
)
def ctx_attribute_escapes_version_check(torch):
    """A tensor stored directly on ctx escapes the check: an in-place change before backward silently changes the
    gradient.
    """

    def forward(ctx, x):
        ctx.x = x
        return x * x

    kept = function(torch, forward, lambda ctx, g: 2 * ctx.x * g)
    for x in leaves(torch):
        h = x * 1
        y = kept.apply(h)
        h.add_(9)
        y.sum().backward()
        assert_equal(x.grad, 2 * (x.detach() + 9))


@behaviour(
    "custom.no-node-without-grad-inputs",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd mechanics, setting requires_grad",
    kills=["no-grad-leaks"],
)
def no_node_without_grad_inputs(torch):
    """apply on inputs that do not require grad, or under no_grad, gives an output without grad_fn."""
    for x in leaves(torch):
        assert square(torch).apply(x).grad_fn is not None
        assert square(torch).apply(x.detach()).grad_fn is None
        with torch.no_grad():
            assert square(torch).apply(x).grad_fn is None


@also("custom.no-node-without-grad-inputs")
def constants_and_no_grad(p):
    for value in (1.0, [1.0, 2.0]):
        rule = p.custom(lambda x: (x * x, lambda g: 2 * x * g), p.constant(value))
        p.expect(rule.grad_fn, None)
        with p.no_grad():
            p.expect(p.custom(lambda x: (x * x, lambda g: 2 * x * g), p.leaf(value)).grad_fn, None)
