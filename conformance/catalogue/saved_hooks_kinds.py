"""Hooks on one saved tensor, the ready-made contexts, and how long what a pack hook gave is kept."""

from __future__ import annotations

import contextlib
import gc
import weakref

from conformance.cases import IMPERATIVE, MAY, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_equal, leaves, raises

_ONE = "Autograd mechanics, registering hooks for a saved tensor"
_MUTATION = "autograd.graph.allow_mutation_on_saved_tensors, docstring"


def _same(x):
    return x


@behaviour(
    "saved-hooks.per-tensor-registration",
    level=MUST,
    profile=IMPERATIVE,
    source=_ONE,
    kills=["register-hooks-ignored"],
    needs=["saved-tensors"],
    depends=["graph.saved-attributes"],
)
def per_tensor_registration(torch):
    """A pair registered on grad_fn._raw_saved_<name> packs at once and unpacks at each access, either by _saved_<name>
    or by backward.
    """
    for x in leaves(torch):
        log = []
        y = x.pow(2)
        y.grad_fn._raw_saved_self.register_hooks(
            lambda t, log=log: log.append("pack") or t, lambda t, log=log: log.append("unpack") or t
        )
        assert log == ["pack"]
        assert_equal(y.grad_fn._saved_self, x)
        assert log == ["pack", "unpack"]
        y.sum().backward()
        assert log == ["pack", "unpack", "unpack"]
        assert_equal(x.grad, 2 * x)


@behaviour(
    "saved-hooks.per-tensor-pack-gets-detached",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Autograd mechanics, registering default hooks for saved tensors, note",
    kills=["register-hooks-ignored"],
    needs=["saved-tensors"],
)
def per_tensor_pack_gets_detached(torch):
    """A pack hook registered on a single saved tensor receives it without its grad_fn."""
    for x in leaves(torch):
        z = (x * 2).pow(2)
        seen = []
        z.grad_fn._raw_saved_self.register_hooks(lambda t, seen=seen: seen.append(t.grad_fn) or t, _same)
        assert seen == [None]


@behaviour(
    "saved-hooks.register-after-release-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_ONE}, warning",
    kills=["register-hooks-ignored"],
    needs=["saved-tensors"],
)
def register_after_release_raises(torch):
    """register_hooks on a saved tensor that backward has released raises RuntimeError."""
    for x in leaves(torch):
        y = x.pow(2)
        saved = y.grad_fn._raw_saved_self
        y.sum().backward()
        with raises(RuntimeError, "freed"):
            saved.register_hooks(_same, _same)


@behaviour(
    "saved-hooks.register-twice-raises",
    level=MAY,
    profile=IMPERATIVE,
    source=_ONE,
    kills=["register-hooks-ignored"],
    needs=["saved-tensors"],
)
def register_twice_raises(torch):
    """Registering a second pair on the same saved tensor raises RuntimeError."""
    for x in leaves(torch):
        saved = x.pow(2).grad_fn._raw_saved_self
        saved.register_hooks(_same, _same)
        with raises(RuntimeError, "already been set"):
            saved.register_hooks(_same, _same)


@behaviour(
    "saved-hooks.save-on-cpu-keeps-gradients",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.graph.save_on_cpu, docstring",
    kills=["save-on-cpu-rounds"],
    needs=["saved-tensors"],
)
def save_on_cpu_keeps_gradients(torch):
    """Inside save_on_cpu the gradients are the same as without it."""

    def gradients(x, context):
        a, b = x.detach().clone().requires_grad_(), (x.detach() / 3).requires_grad_()
        with context:
            y = (a * b).exp()
        y.sum().backward()
        return a.grad, b.grad

    for x in leaves(torch):
        plain = gradients(x, contextlib.nullcontext())
        for found, expected in zip(gradients(x, torch.autograd.graph.save_on_cpu()), plain, strict=True):
            assert_equal(found, expected)


@behaviour(
    "saved-hooks.disable-raises-with-message",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.graph.disable_saved_tensors_hooks, docstring",
    kills=["disable-saved-hooks-ignored"],
    needs=["saved-tensors"],
)
def disable_raises_with_message(torch):
    """Inside disable_saved_tensors_hooks(msg) entering a saved-tensor hook context raises RuntimeError with that
    message; afterwards it works again.
    """
    graph = torch.autograd.graph
    for context in (graph.save_on_cpu, lambda: graph.saved_tensors_hooks(_same, _same)):
        for message in ("not here", "nor there"):
            with raises(RuntimeError, message), graph.disable_saved_tensors_hooks(message), context():
                pass
            with context():
                x = torch.tensor([3.0], requires_grad=True)
                y = x * x
            y.backward()
            assert_equal(x.grad, [6.0])


@behaviour(
    "saved-hooks.allow-mutation-uses-original",
    level=MUST,
    profile=IMPERATIVE,
    source=_MUTATION,
    kills=["mutation-not-copied"],
    needs=["saved-tensors"],
)
def allow_mutation_uses_original(torch):
    """Under allow_mutation_on_saved_tensors a saved tensor may be changed in place before backward; the gradient is
    that of the original value.
    """
    for a in leaves(torch):
        with torch.autograd.graph.allow_mutation_on_saved_tensors():
            b = a.clone()
            out = (b**2).sum()
            b.sin_()
            out.backward()
        assert_equal(a.grad, 2 * a)


@behaviour(
    "saved-hooks.allow-mutation-backward-outside-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_MUTATION,
    kills=["mutation-not-copied"],
    needs=["saved-tensors"],
)
def allow_mutation_backward_outside_raises(torch):
    """Running that backward after the context has ended raises AssertionError, because forward and backward must be
    under the same context.
    """
    for a in leaves(torch):
        with torch.autograd.graph.allow_mutation_on_saved_tensors():
            b = a.clone()
            out = (b**2).sum()
            b.sin_()
        with raises(AssertionError, "outside of the 'allow_mutation_on_saved_tensors'"):
            out.backward()


class _Box:
    """What a pack hook gives, to see when it is dropped."""

    def __init__(self, tensor):
        self.tensor = tensor.detach()


def _boxing(references):
    """A pair of hooks that keep saved tensors in boxes, with weak references to these."""

    def pack(t):
        box = _Box(t)
        references.append(weakref.ref(box))
        return box

    return pack, lambda box: box.tensor


@behaviour(
    "saved-hooks.released-object-is-dropped",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd mechanics, hooks for saved tensors, example with temporary files",
    kills=["freed-graph-not-detected"],
    needs=["saved-tensors"],
    depends=["saved-hooks.pack-may-return-any-object"],
)
def released_object_is_dropped(torch):
    """The object returned by the pack hook lives until backward without retain_graph releases it, and is then
    dropped.
    """
    for x in leaves(torch):
        references = []
        with torch.autograd.graph.saved_tensors_hooks(*_boxing(references)):
            y = x.pow(2)
        for retain in (True, False):
            assert references[0]() is not None
            y.sum().backward(retain_graph=retain)
        if references[0]() is not None:
            gc.collect()
        assert references[0]() is None


@behaviour(
    "saved-hooks.unpack-gets-packed-object",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.graph.saved_tensors_hooks, docstring",
    kills=["saved-hooks-ignored"],
    needs=["saved-tensors"],
    discrepancy="The docstring's example uses a detaching pack hook but prints the unpacked tensors with "
    "requires_grad=True and grad_fn=<MulBackward0>; they carry neither.",
)
def unpack_gets_packed_object(torch):
    """The unpack hook receives exactly the object that the pack hook returned: with a detaching pack hook it gets a
    tensor that does not require grad.
    """
    for x in leaves(torch):
        packed, unpacked = [], []

        def pack(t, packed=packed):
            packed.append(t.detach())
            return packed[-1]

        y = x * 2
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda t, unpacked=unpacked: unpacked.append(t) or t):
            z = x * y
        z.sum().backward()
        assert len(unpacked) == 2
        assert all(any(t is p for p in packed) for t in unpacked)
        assert not any(t.requires_grad or t.grad_fn for t in unpacked)
