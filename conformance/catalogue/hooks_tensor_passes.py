"""When a tensor hook runs: in which passes, and before or after what else happens to the gradient."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, behaviour

_HOOK = "Tensor.register_hook, docstring"
_FIRED = "Autograd mechanics, whether a particular hook will be fired"
_ORDER = "Autograd mechanics, the order in which the different hooks are fired"


@behaviour(
    "hooks-tensor.called-every-time",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["hooks-fire-once"],
)
def called_every_time(p):
    """The hook is called once per backward pass in which the tensor's gradient is computed."""
    for value in (1.0, [2.0, 3.0]):
        x, calls = p.leaf(value), p.constant(0.0)
        x.register_hook(lambda g, calls=calls: calls.add_(1) and None)
        y = (x * x).sum()
        y.backward(retain_graph=True)
        p.expect(calls, 1.0)
        y.backward()
        p.expect(calls, 2.0)
        p.grad((x * x).sum(), x)
        p.expect(calls, 3.0)


@behaviour(
    "hooks-tensor.sees-total-gradient",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["last-path-wins"],
)
def sees_total_gradient(p):
    """A hook on a tensor that is used several times is called once with the summed gradient."""
    for made in (lambda v: p.leaf(v), lambda v: p.leaf(v) * 1):
        for value, total in ((2.0, 7.0), ([2.0, -1.0], [7.0, 1.0])):
            x, calls = made(value), p.constant(0.0)

            def hook(g, calls=calls, total=total):
                p.expect(g, total)
                calls.add_(1)

            x.register_hook(hook)
            (x * x + 3 * x).sum().backward()
            p.expect(calls, 1.0)


@behaviour(
    "hooks-tensor.not-called-when-not-needed",
    level=MUST,
    profile=IMPERATIVE,
    source=_FIRED,
    kills=["hooks-fire-always"],
)
def not_called_when_not_needed(p):
    """A hook does not fire in a pass that does not compute the tensor's gradient."""
    for value in (1.0, [1.0, 2.0]):
        a, b, calls = p.leaf(value), p.leaf(value), p.constant(0.0)
        b.register_hook(lambda g, calls=calls: calls.add_(1) and None)
        (a * 2).sum().backward()
        p.grad((a * b).sum(), a)
        (a * b).sum().backward(inputs=[a])
        p.expect(calls, 0.0)


@behaviour(
    "hooks-tensor.fires-for-grad-inputs",
    level=MUST,
    profile=IMPERATIVE,
    source=_FIRED,
    kills=["tensor-hooks-ignored", "hook-result-ignored"],
)
def fires_for_grad_inputs(p):
    """When a tensor is passed as input to torch.autograd.grad its hook always runs, and a returned replacement is what
    grad returns.
    """
    for value, gradient in ((2.0, 15.0), ([2.0, -1.0], [15.0, 15.0])):
        x = p.leaf(value)
        h = x * x
        h.register_hook(lambda g: g * 5)
        p.expect(p.grad((h * 3).sum(), h)[0], gradient)
        x.register_hook(lambda g: g * 5)
        p.expect(p.grad((x * 3).sum(), x)[0], gradient)


@behaviour(
    "hooks-tensor.runs-before-retained-grad",
    level=MUST,
    profile=IMPERATIVE,
    source=_ORDER,
    kills=["retained-grad-before-hooks"],
    depends=["hooks-tensor.return-value-replaces"],
)
def runs_before_retained_grad(p):
    """The .grad of a tensor that retains grad holds the gradient after its tensor hooks, whether retain_grad was
    called before or after the hook was registered.
    """
    for value, gradient in ((2.0, 6.0), ([2.0, -1.0], [6.0, 6.0])):
        for first in (True, False):
            y = p.leaf(value) * 1
            if first:
                y.retain_grad()
            y.register_hook(lambda g: g * 2)
            if not first:
                y.retain_grad()
            (y * 3).sum().backward()
            p.expect(y.grad, gradient)


@behaviour(
    "hooks-tensor.leaf-hook-before-accumulation",
    level=MUST,
    profile=IMPERATIVE,
    source=_ORDER,
    kills=["leaf-hook-after-accumulation"],
)
def leaf_hook_before_accumulation(p):
    """A leaf's tensor hook runs before the gradient is added to .grad: the hook sees only the new gradient, and .grad
    still has its old value.
    """
    for value, before, new, after in ((1.0, 100.0, 3.0, 103.0), ([1.0, 2.0], [100.0, 0.5], [3.0, 3.0], [103.0, 3.5])):
        x = p.leaf(value)
        x.grad = p.constant(before)

        def hook(g, x=x, new=new, before=before):
            p.expect(g, new)
            p.expect(x.grad, before)

        x.register_hook(hook)
        (x * 3).sum().backward()
        p.expect(x.grad, after)
