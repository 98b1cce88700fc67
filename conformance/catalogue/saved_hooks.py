"""Hooks on what operations save for backward: when they are called, with what, and what is done with their results."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, in_thread, leaves

_HOOKS = "autograd.graph.saved_tensors_hooks, docstring"
_NOTES = "Autograd mechanics, hooks for saved tensors"
_DEFAULT = "Autograd mechanics, registering default hooks for saved tensors"


def _same(x):
    return x


@behaviour(
    "saved-hooks.pack-called-per-saved-tensor",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOKS,
    kills=["saved-hooks-ignored", "pack-first-only"],
    needs=["saved-tensors"],
)
def pack_called_per_saved_tensor(torch):
    """In the context, the pack hook is called each time an operation saves a tensor: for a * b of two tensors that
    require grad it is called with a and with b.
    """
    for a in leaves(torch):
        b = a * 4
        packed = []

        def pack(x, packed=packed):
            packed.append(x.tolist())
            return x.detach()

        with torch.autograd.graph.saved_tensors_hooks(pack, _same):
            y = a * b
        assert sorted(packed, key=str) == sorted([a.tolist(), b.tolist()], key=str)
        y.sum().backward()
        assert_equal(a.grad, 8 * a)


@behaviour(
    "saved-hooks.unpack-on-backward",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOKS,
    kills=["unpack-at-once", "saved-hooks-ignored"],
    needs=["saved-tensors"],
)
def unpack_on_backward(torch):
    """The unpack hook is called during backward with what the pack hook returned, and not before."""
    for x in leaves(torch):
        log = []

        def unpack(packed, log=log):
            log.append(packed[0])
            return packed[1]

        with torch.autograd.graph.saved_tensors_hooks(lambda t: ("packed", t.detach()), unpack):
            y = x.exp()
        assert log == []
        y.sum().backward()
        assert log == ["packed"]
        assert_equal(x.grad, y)


@behaviour(
    "saved-hooks.unpacked-value-is-used",
    level=MUST,
    profile=IMPERATIVE,
    source=f"Saved tensors hooks tutorial; {_HOOKS}",
    kills=["unpacked-value-ignored"],
    needs=["saved-tensors"],
)
def unpacked_value_is_used(torch):
    """Backward computes with the tensor that the unpack hook returns: packing x as 4x and unpacking by dividing by 4
    gives 2x for x**2, and leaving out the division gives 8x.
    """
    for x in leaves(torch):
        for unpack, factor in ((lambda t: t / 4, 2), (_same, 8)):
            x.grad = None
            with torch.autograd.graph.saved_tensors_hooks(lambda t: t.detach() * 4, unpack):
                y = x.pow(2)
            y.sum().backward()
            assert_equal(x.grad, factor * x)


@behaviour(
    "saved-hooks.pack-may-return-any-object",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_NOTES}; saved tensors hooks tutorial",
    kills=["pack-takes-tensors-only"],
    needs=["saved-tensors"],
)
def pack_may_return_any_object(torch):
    """The pack hook may return any Python object, for example an integer index into a list, a tuple or a string."""
    for x in leaves(torch, shapes=((), (2,))):
        store = []

        def keep(t, store=store):
            store.append(t.detach())
            return len(store) - 1

        pairs = (
            (keep, lambda i, store=store: store[i]),
            (lambda t: ("tuple", t.detach()), lambda packed: packed[1]),
            (lambda t: str(t.tolist()), lambda text, x=x: torch.tensor(_numbers(text), dtype=x.dtype)),
        )
        for pack, unpack in pairs:
            x.grad = None
            with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
                y = x * x
            y.sum().backward()
            assert_equal(x.grad, 2 * x)


def _numbers(text):
    """The numbers that a list of numbers was printed as."""
    inside = text.strip("[]")
    return [float(n) for n in inside.split(",")] if text != inside else float(text)


@behaviour(
    "saved-hooks.pack-once-unpack-many",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_NOTES}, the guarantee",
    kills=["unpack-once"],
    needs=["saved-tensors"],
    depends=["graph.saved-attributes"],
)
def pack_once_unpack_many(torch):
    """For one saved tensor the pack hook is called once, while the unpack hook is called at every access and every
    backward.
    """
    for x in leaves(torch):
        log = []

        def pack(t, log=log):
            log.append("pack")
            return t.detach()

        def unpack(t, log=log):
            log.append("unpack")
            return t

        with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
            y = x.exp()
        assert y.grad_fn._saved_result is not None
        assert y.grad_fn._saved_result is not None
        y.sum().backward(retain_graph=True)
        y.sum().backward()
        assert log == ["pack"] + ["unpack"] * 4


@behaviour(
    "saved-hooks.metadata-of-unpacked-ignored",
    level=MUST,
    profile=IMPERATIVE,
    source=_NOTES,
    kills=["unpacked-is-constant"],
    needs=["saved-tensors"],
)
def metadata_of_unpacked_ignored(torch):
    """Autograd metadata of the unpacked tensor is ignored: the unpack hook may return a detached copy, and double
    backward through it is still right.
    """
    for x in leaves(torch):
        with torch.autograd.graph.saved_tensors_hooks(lambda t: t.detach().clone(), _same):
            y = x.pow(3)
        (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        assert_close(g, 3 * x**2, tolerance=1e-6)
        assert_close(torch.autograd.grad(g.sum(), x)[0], 6 * x, tolerance=1e-6)


def _logged(name, log):
    """A pair of hooks that writes its name down when it packs."""

    def pack(t):
        log.append(name)
        return t.detach()

    return pack, _same


@behaviour(
    "saved-hooks.innermost-pair-only",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_HOOKS}, warning",
    kills=["saved-hooks-outermost"],
    needs=["saved-tensors"],
    depends=["saved-hooks.pack-called-per-saved-tensor"],
)
def innermost_pair_only(torch):
    """When contexts are nested only the innermost pair of hooks is applied, and the outer pair applies again after the
    inner block.
    """
    for x in leaves(torch):
        log = []
        with torch.autograd.graph.saved_tensors_hooks(*_logged("outer", log)):
            with torch.autograd.graph.saved_tensors_hooks(*_logged("inner", log)):
                x.exp()
            x.exp()
        assert log == ["inner", "outer"]


@behaviour(
    "saved-hooks.only-inside-context",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOKS,
    kills=["saved-hooks-stay", "saved-hooks-ignored"],
    needs=["saved-tensors"],
    depends=["saved-hooks.pack-called-per-saved-tensor"],
)
def only_inside_context(torch):
    """Operations run before or after the context are not affected, while backward may run outside it."""
    for x in leaves(torch):
        log = []
        a = x.exp()
        with torch.autograd.graph.saved_tensors_hooks(*_logged("pack", log)):
            b = x.exp()
        c = x.exp()
        assert log == ["pack"]
        (a + b + c).sum().backward()
        assert_close(x.grad, 3 * a, tolerance=1e-6)


@behaviour(
    "saved-hooks.thread-local",
    level=MUST,
    profile=IMPERATIVE,
    source=_DEFAULT,
    kills=["saved-hooks-global"],
    needs=["saved-tensors", "threads"],
    depends=["saved-hooks.pack-called-per-saved-tensor"],
)
def thread_local(torch):
    """The context's hooks are thread-local: an operation run meanwhile in another thread does not use them."""
    log = []
    with torch.autograd.graph.saved_tensors_hooks(*_logged("pack", log)):
        for x in leaves(torch):
            in_thread(x.exp)
        assert log == []
        x.exp()
        assert log == ["pack"]
