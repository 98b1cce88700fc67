"""Hooks that run once the gradient of a leaf has been accumulated."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal, leaves

_HOOK = "Tensor.register_post_accumulate_grad_hook, docstring"


@behaviour(
    "post-acc.runs-after-accumulation",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["post-accumulate-before-grad"],
)
def runs_after_accumulation(p):
    """The hook is called after .grad was updated, with the tensor itself as its argument."""
    for value, before, after in ((1.0, 10.0, 13.0), ([1.0, 2.0], [10.0, -1.0], [13.0, 2.0])):
        x = p.leaf(value)
        x.grad = p.constant(before)

        def hook(leaf, x=x, after=after):
            p.expect_same(leaf, x)
            p.expect(leaf.grad, after)

        x.register_post_accumulate_grad_hook(hook)
        (x * 3).sum().backward()


@behaviour(
    "post-acc.may-update-tensor-in-place",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["post-accumulate-ignored"],
)
def may_update_tensor_in_place(p):
    """The hook may change its tensor in place, for instance to make an optimizer step during backward."""
    for value, gradient, stepped in ((0.0, 2.0, -1.0), ([0.0, 1.0, 2.0], [1.0, 2.0, 3.0], [-0.5, 0.0, 0.5])):
        v = p.leaf(value)

        def step(leaf):
            leaf.add_(leaf.grad, alpha=-0.5)

        v.register_post_accumulate_grad_hook(step)
        v.backward(p.constant(gradient))
        p.expect(v, stepped)
        p.expect(v.requires_grad, True)
        p.expect(v.is_leaf, True)


@behaviour(
    "post-acc.may-clear-grad",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_HOOK}; optimizer step in backward tutorial",
    kills=["post-accumulate-ignored"],
)
def may_clear_grad(p):
    """The hook may set the tensor's .grad to None, so that it is None after backward."""
    for value in (1.0, [1.0, 2.0]):
        x = p.leaf(value)

        def clear(leaf):
            leaf.grad = None

        x.register_post_accumulate_grad_hook(clear)
        (x * 3).sum().backward()
        p.expect(x.grad, None)


@behaviour(
    "post-acc.non-leaf-raises",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_HOOK}; Autograd mechanics",
    kills=["post-accumulate-accepts-anything"],
)
def non_leaf_raises(p):
    """Registering on a non-leaf raises RuntimeError, even if it retains grad."""
    for value in (1.0, [1.0, 2.0]):
        y = p.leaf(value) * 2
        for _ in range(2):
            with p.raises("RuntimeError", "non-leaf"):
                y.register_post_accumulate_grad_hook(lambda leaf: None)
            y.retain_grad()


@behaviour(
    "post-acc.without-requires-grad-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["post-accumulate-accepts-anything"],
)
def without_requires_grad_raises(p):
    """Registering on a tensor that does not require grad raises RuntimeError."""
    for value in (1.0, [1.0, 2.0]):
        with p.raises("RuntimeError", "doesn't require grad"):
            p.constant(value).register_post_accumulate_grad_hook(lambda leaf: None)


@behaviour(
    "post-acc.remove",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["hook-remove-ignored"],
    depends=["post-acc.runs-after-accumulation"],
)
def remove(p):
    """Registering gives a handle; once its method remove was called the hook does not run any more."""
    for value in (1.0, [1.0, 2.0]):
        x, calls = p.leaf(value), p.constant(0.0)

        def counted(leaf, calls=calls):
            calls.add_(1)

        handle = x.register_post_accumulate_grad_hook(counted)
        (x * 2).sum().backward()
        handle.remove()
        (x * 2).sum().backward()
        p.expect(calls, 1.0)


@behaviour(
    "post-acc.no-grad-mode",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_HOOK}, note",
    kills=["hooks-run-with-grad", "hooks-run-without-grad"],
)
def no_grad_mode(p):
    """The hook runs in no-grad mode unless create_graph is True, and enable_grad inside it turns recording on."""
    for value in (2.0, [2.0, -1.0]):
        for create_graph in (False, True):
            x = p.leaf(value)

            def hook(leaf, recorded=create_graph):
                p.expect_mode(recorded)
                with p.enable_grad():
                    p.expect_mode(True)
                p.expect_mode(recorded)
                leaf.grad = None  # which breaks the cycle that create_graph makes

            x.register_post_accumulate_grad_hook(hook)
            (x**2).sum().backward(create_graph=create_graph)


@behaviour(
    "post-acc.not-for-autograd-grad",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd mechanics, whether a particular hook will be fired",
    kills=["grad-accumulates-and-tells"],
    depends=["post-acc.runs-after-accumulation"],
)
def not_for_autograd_grad(p):
    """The hook does not fire in torch.autograd.grad, which updates no .grad."""
    for value, gradient in ((1.0, 2.0), ([1.0, 2.0], [2.0, 2.0])):
        x, calls = p.leaf(value), p.constant(0.0)

        def counted(leaf, calls=calls):
            calls.add_(1)

        x.register_post_accumulate_grad_hook(counted)
        p.expect(p.grad((x * 2).sum(), x)[0], gradient)
        p.expect(calls, 0.0)


@behaviour(
    "post-acc.once-per-pass",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["post-accumulate-before-grad", "post-accumulate-twice"],
)
def once_per_pass(p):
    """A leaf used several times in one graph triggers the hook once per backward, when all its contributions are
    in.
    """
    for value, total in ((2.0, 7.0), ([2.0, -1.0], [7.0, 1.0])):
        x, calls = p.leaf(value), p.constant(0.0)

        def hook(leaf, calls=calls, total=total):
            calls.add_(1)
            p.expect(leaf.grad, total)

        x.register_post_accumulate_grad_hook(hook)
        (x * x + 3 * x).sum().backward()
        p.expect(calls, 1.0)


@behaviour(
    "post-acc.several-in-order",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd mechanics, the order in which the different hooks are fired",
    kills=["hooks-run-backwards"],
    depends=["post-acc.runs-after-accumulation"],
)
def several_in_order(p):
    """Several post-accumulate hooks of one leaf run in the order of registration."""
    for value in (1.0, [1.0, 2.0]):
        x, log = p.leaf(value), p.constant(0.0)
        for digit in (1, 2, 3):

            def noted(leaf, digit=digit, log=log):
                log.mul_(10)
                log.add_(digit)

            x.register_post_accumulate_grad_hook(noted)
        (x * 2).sum().backward()
        p.expect(log, 123.0)


@also("post-acc.several-in-order")
def all_of_them_see_the_leaf(torch):
    for x in leaves(torch):
        log = []
        for k in "abc":
            x.register_post_accumulate_grad_hook(lambda p, k=k, log=log: log.append((k, p)))
        (x * 2).sum().backward()
        assert [k for k, _ in log] == ["a", "b", "c"]
        assert all(p is x for _, p in log)
        assert_equal(x.grad, torch.full_like(x.detach(), 2.0))
