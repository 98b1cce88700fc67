"""Hooks on saved tensors that are not called when they must be, or whose results are misused."""

from __future__ import annotations

import contextlib

from conformance.faults.patching import module, replace
from conformance.faults.registry import fault


def _hooks():
    return module("hooks").saved_tensors_hooks


def _state():
    return module("modes").state


def _wrapped(change):
    """Every pair of hooks goes through `change` first."""

    def make(start):
        def wrong(self, pack_hook, unpack_hook):
            start(self, *change(pack_hook, unpack_hook))

        return wrong

    replace(_hooks(), "__init__", make)


@fault("saved-hooks-ignored")
def saved_hooks_ignored(engine):
    """Entering saved_tensors_hooks changes nothing."""
    _hooks().__enter__ = lambda self: self
    _hooks().__exit__ = lambda self, *error: None


@fault("saved-hooks-stay")
def saved_hooks_stay(engine):
    """Leaving saved_tensors_hooks changes nothing."""
    _hooks().__exit__ = lambda self, *error: None


@fault("saved-hooks-outermost")
def saved_hooks_outermost(engine):
    """Of nested pairs of hooks the outermost is applied."""
    state = _state()

    def enter(self):
        state.saved_hooks = ((self.pack_hook, self.unpack_hook), *state.saved_hooks)
        state.refresh()
        return self

    def leave(self, *error):
        state.saved_hooks = state.saved_hooks[1:]
        state.refresh()

    _hooks().__enter__, _hooks().__exit__ = enter, leave


@fault("saved-hooks-global")
def saved_hooks_global(engine):
    """Hooks on saved tensors hold for all threads."""
    shared = {"hooks": ()}
    kind = type(_state())
    kind.saved_hooks = property(lambda self: shared["hooks"], lambda self, value: shared.__setitem__("hooks", value))
    kind.plain = property(lambda self: False, lambda self, value: None)


@fault("saved-hooks-skip-functions")
def saved_hooks_skip_functions(engine):
    """What custom functions save does not go through hooks."""
    state = _state()

    def make(keep):
        def wrong(self, inputs, outputs):
            before, state.saved_hooks = state.saved_hooks, ()
            try:
                keep(self, inputs, outputs)
            finally:
                state.saved_hooks = before

        return wrong

    replace(module("function").FunctionNode, "keep", make)


@fault("pack-first-only")
def pack_first_only(engine):
    """The pack hook of a context is called for the first tensor only that is saved in it."""

    def change(pack, unpack):
        packed = []

        def first(t):
            if packed:
                return False, t.detach()
            packed.append(True)
            return True, pack(t)

        return first, lambda p: unpack(p[1]) if p[0] else p[1]

    _wrapped(change)


@fault("unpack-at-once")
def unpack_at_once(engine):
    """What is packed is unpacked at once, not when it is needed."""
    _wrapped(lambda pack, unpack: (lambda t: unpack(pack(t)), lambda t: t))


@fault("unpack-once")
def unpack_once(engine):
    """The unpack hook is called once for each packed object, and its result kept."""

    def change(pack, unpack):
        def opened(entry):
            if len(entry) == 1:
                entry.append(unpack(entry[0]))
            return entry[1]

        return lambda t: [pack(t)], opened

    _wrapped(change)


@fault("unpacked-value-ignored")
def unpacked_value_ignored(engine):
    """The unpack hook is called, and backward computes with the tensor that was saved."""
    _wrapped(lambda pack, unpack: (lambda t: (pack(t), t.detach()), lambda p: (unpack(p[0]), p[1])[1]))


@fault("unpacked-is-constant")
def unpacked_is_constant(engine):
    """What was unpacked is a constant to double backward."""
    replace(module("saved"), "_placed", lambda place: lambda node, position, x, edge: place(node, position, x, None))


@fault("pack-takes-tensors-only")
def pack_takes_tensors_only(engine):
    """A pack hook must give a tensor."""

    def change(pack, unpack):
        def checked(t):
            packed = pack(t)
            if not isinstance(packed, engine.torch.Tensor):
                raise TypeError("a pack hook must return a tensor")
            return packed

        return checked, unpack

    _wrapped(change)


@fault("pack-may-change-input")
def pack_may_change_input(engine):
    """That a pack hook changes its input in place is not noticed."""

    def change(pack, unpack):
        def unnoticed(t):
            version = t._cell[0]
            packed = pack(t)
            t._cell[0] = version
            return packed

        return unnoticed, unpack

    _wrapped(change)


@fault("pack-recorded")
def pack_recorded(engine):
    """Pack hooks run with recording on."""
    _wrapped(lambda pack, unpack: (engine.torch.enable_grad()(pack), unpack))


@fault("pack-gets-detached")
def pack_gets_detached(engine):
    """The pack hook of a context gets a detached tensor."""
    _wrapped(lambda pack, unpack: (lambda t: pack(t.detach()), unpack))


@fault("packed-kept-forever")
def packed_kept_forever(engine):
    """What pack hooks give is kept, whether anything refers to it or not."""
    kept = []

    def change(pack, unpack):
        def keeping(t):
            kept.append(pack(t))
            return kept[-1]

        return keeping, unpack

    _wrapped(change)


@fault("register-hooks-ignored")
def register_hooks_ignored(engine):
    """register_hooks of a saved tensor does nothing."""
    module("saved").SavedTensor.register_hooks = lambda self, pack, unpack: None


@fault("save-on-cpu-rounds")
def save_on_cpu_rounds(engine):
    """save_on_cpu keeps saved tensors in half precision."""
    torch = engine.torch

    class Rounding(_hooks()):
        def __init__(self, pin_memory=False, device_type="cuda"):
            super().__init__(lambda t: (t.dtype, t.detach().to(torch.float16)), lambda p: p[1].to(p[0]))

    torch.autograd.graph.save_on_cpu = Rounding


@fault("disable-saved-hooks-ignored")
def disable_saved_hooks_ignored(engine):
    """disable_saved_tensors_hooks changes nothing."""
    engine.torch.autograd.graph.disable_saved_tensors_hooks = lambda message: contextlib.nullcontext()


@fault("mutation-not-copied")
def mutation_not_copied(engine):
    """allow_mutation_on_saved_tensors changes nothing."""
    engine.torch.autograd.graph.allow_mutation_on_saved_tensors = contextlib.nullcontext
