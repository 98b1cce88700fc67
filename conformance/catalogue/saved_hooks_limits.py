"""What a pack or unpack hook may do and return, and in which mode it runs."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_equal, leaves, raises
from conformance.catalogue.functions import square

_HOOKS = "autograd.graph.saved_tensors_hooks, docstring"
_NOTES = "Autograd mechanics, hooks for saved tensors"
_DEFAULT = "Autograd mechanics, registering default hooks for saved tensors"


def _same(x):
    return x


@behaviour(
    "saved-hooks.apply-to-custom-functions",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOKS,
    kills=["saved-hooks-skip-functions"],
    needs=["saved-tensors"],
    depends=["custom.saved-tensors-roundtrip"],
)
def apply_to_custom_functions(torch):
    """Tensors saved with save_for_backward in a custom Function go through the hooks as well."""
    for x in leaves(torch):
        log = []
        with torch.autograd.graph.saved_tensors_hooks(
            lambda t, log=log: log.append("pack") or t.detach(), lambda t, log=log: log.append("unpack") or t
        ):
            y = square(torch).apply(x)
        y.sum().backward()
        assert log == ["pack", "unpack"]
        assert_equal(x.grad, 2 * x)


@behaviour(
    "saved-hooks.pack-input-in-place-raises",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_NOTES}, warning",
    kills=["pack-may-change-input"],
    needs=["saved-tensors"],
)
def pack_input_in_place_raises(torch):
    """A pack hook that changes its input in place makes the operation raise RuntimeError."""

    def pack(t):
        with torch.no_grad():
            t.add_(1)
        return t.detach()

    for x in leaves(torch):
        y = x * 1
        with raises(RuntimeError, "pack hook"), torch.autograd.graph.saved_tensors_hooks(pack, _same):
            y.pow(2)


@behaviour(
    "saved-hooks.pack-runs-without-grad",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_DEFAULT}, note",
    kills=["pack-recorded"],
    needs=["saved-tensors"],
)
def pack_runs_without_grad(torch):
    """Pack hooks run with recording off, so that a tensor computed in the hook has no grad_fn."""
    for x in leaves(torch):
        seen = []

        def pack(t, seen=seen):
            seen.append((torch.is_grad_enabled(), (t * 1).grad_fn))
            return t.detach()

        with torch.autograd.graph.saved_tensors_hooks(pack, _same):
            x.pow(2)
        assert seen == [(False, None)]


@behaviour(
    "saved-hooks.context-pack-sees-live-tensor",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_DEFAULT}, note",
    kills=["pack-gets-detached"],
    needs=["saved-tensors"],
)
def context_pack_sees_live_tensor(torch):
    """With the context manager the pack hook receives the live tensor, including its requires_grad and grad_fn."""
    for x in leaves(torch):
        y = x * 2
        seen = []

        def pack(t, seen=seen):
            seen.append((t.requires_grad, t.grad_fn is not None))
            return t.detach()

        with torch.autograd.graph.saved_tensors_hooks(pack, _same):
            y.pow(2)
        assert seen == [(True, True)]


@behaviour(
    "saved-hooks.non-tensor-unpack-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_HOOKS}: unpack gives a tensor",
    kills=["unpacked-value-ignored"],
    needs=["saved-tensors"],
)
def non_tensor_unpack_raises(torch):
    """An unpack hook that does not return a tensor makes backward raise TypeError."""
    for wrong in (1, "text", None):
        for x in leaves(torch):
            with torch.autograd.graph.saved_tensors_hooks(lambda t, wrong=wrong: wrong, _same):
                y = x.pow(2)
            with raises(TypeError):
                y.sum().backward()
