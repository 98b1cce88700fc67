"""One hook on the gradients of several tensors."""

from __future__ import annotations

import math

from conformance.cases import IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import leaves, raises

_HOOK = "autograd.graph.register_multi_grad_hook, docstring"


@behaviour(
    "hooks-multi.all-waits-for-all",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["multi-hook-each-time"],
)
def all_waits_for_all(torch):
    """A multi-grad hook in the default mode "all" is called once per pass, after all the tensors' gradients are known,
    with them in order.
    """
    for a in leaves(torch, shapes=((), (3,), (2, 3))):
        b = (a.detach() + 4).requires_grad_()
        c = a * b
        seen = []
        torch.autograd.graph.register_multi_grad_hook(
            (a, b, c), lambda grads, seen=seen: seen.append([g.tolist() for g in grads])
        )
        (c * 5).sum().backward()
        five = torch.full_like(a.detach(), 5.0)
        assert seen == [[(b.detach() * 5).tolist(), (a.detach() * 5).tolist(), five.tolist()]]


@behaviour(
    "hooks-multi.root-in-tensors-fires-early",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["multi-hook-each-time"],
    discrepancy="The docstring promises the call after the gradients of every tensor in the list have been computed; "
    "with the root among the tensors PyTorch 2.13.0 calls the hook while one later gradient is still None.",
)
def root_in_tensors_fires_early(torch):
    """When one of the tensors is the root on which backward is called, the hook fires one gradient too early: the last
    gradient is still missing and passed as None.
    """
    a, b = torch.tensor(2.0, requires_grad=True), torch.tensor(3.0, requires_grad=True)
    c = a * b
    seen = []
    torch.autograd.graph.register_multi_grad_hook((a, b, c), lambda grads: seen.append([g is None for g in grads]))
    c.backward()
    assert seen == [[False, True, False]]
    assert b.grad is not None


@behaviour(
    "hooks-multi.none-for-uncomputed",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["multi-hook-waits-for-unused"],
)
def none_for_uncomputed(torch):
    """Tensors that are not part of the pass, or not needed for the given inputs, are passed as None and are not waited
    for.
    """
    for a in leaves(torch, shapes=((2, 3), (1,))):
        b = (a.detach() + 4).requires_grad_()
        c, d = a * b, a * b
        seen = []
        torch.autograd.graph.register_multi_grad_hook(
            (a, b, c, d), lambda grads, seen=seen: seen.append([g is not None for g in grads])
        )
        c.sum().backward(retain_graph=True)
        c.sum().backward(inputs=(a,), retain_graph=True)
        assert seen == [[True, True, True, False], [True, False, True, False]]


@behaviour(
    "hooks-multi.any-first-gradient",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["multi-hook-each-time"],
)
def any_first_gradient(torch):
    """In mode "any" the hook is called once per pass, with the first gradient that is computed among the tensors."""
    for a in leaves(torch):
        b = a * 3
        seen = []
        torch.autograd.graph.register_multi_grad_hook((a, b), lambda g, seen=seen: seen.append(g.tolist()), mode="any")
        (b * 5).sum().backward()
        assert seen == [torch.full_like(a.detach(), 5.0).tolist()]


@behaviour(
    "hooks-multi.remove",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["hook-remove-ignored"],
)
def remove_multi(torch):
    """Its handle's remove() stops the multi-grad hook."""
    for mode in ("all", "any"):
        for a in leaves(torch):
            calls = []
            handle = torch.autograd.graph.register_multi_grad_hook((a,), calls.append, mode=mode)
            (a * 2).sum().backward()
            handle.remove()
            (a * 2).sum().backward()
            assert len(calls) == 1


@behaviour(
    "hooks-multi.bad-mode-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["multi-hook-takes-any-mode"],
)
def bad_mode_raises(torch):
    """A mode other than "all" or "any" raises ValueError."""
    for mode in ("some", "", "ALL"):
        with raises(ValueError):
            torch.autograd.graph.register_multi_grad_hook(
                (torch.tensor(math.pi, requires_grad=True),), lambda g: None, mode=mode
            )
