"""Custom functions whose forward, context, tangents or batches are treated wrongly."""

from __future__ import annotations

from conformance.faults.patching import module, replace
from conformance.faults.registry import fault


def _function():
    return module("function")


@fault("function-forward-recorded")
def function_forward_recorded(engine):
    """Operations inside a custom forward are recorded."""
    _function().no_grad = engine.torch.enable_grad


@fault("function-inputs-detached")
def function_inputs_detached(engine):
    """A custom forward gets detached tensors."""
    tensor = engine.torch.Tensor

    class Detaching(type(_function().Function)):
        def __init__(cls, name, bases, members):
            if "forward" in members:
                forward = cls.forward
                cls.forward = staticmethod(
                    lambda *xs: forward(*(x.detach() if isinstance(x, tensor) else x for x in xs))
                )
            super().__init__(name, bases, members)

    _intercept(engine, Detaching)


def _intercept(engine, metaclass):
    """Custom functions that are written from now on are made by this metaclass."""
    engine.torch.autograd.Function = metaclass("Function", (_function().Function,), {})


@fault("setup-context-skipped")
def setup_context_skipped(engine):
    """setup_context is not called."""

    class Skipping(type(_function().Function)):
        def __init__(cls, name, bases, members):
            if "setup_context" in members:
                cls.setup_context = staticmethod(lambda ctx, inputs, output: None)
            super().__init__(name, bases, members)

    _intercept(engine, Skipping)


@fault("saved-order-lost")
def saved_order_lost(engine):
    """What save_for_backward keeps comes back in reverse order, without its Nones, and with what former calls saved."""

    def wrong(self, *tensors):
        self._to_save = (*tuple(t for t in reversed(tensors) if t is not None), *self._to_save)

    _function().FunctionCtx.save_for_backward = wrong


@fault("save-anything")
def save_anything(engine):
    """save_for_backward leaves out what is no tensor, without a word."""

    def wrong(self, *tensors):
        self._to_save = tuple(t for t in tensors if isinstance(t, engine.torch.Tensor))

    _function().FunctionCtx.save_for_backward = wrong


@fault("save-for-forward-ignored")
def save_for_forward_ignored(engine):
    """save_for_forward keeps nothing."""
    _function().FunctionCtx.save_for_forward = lambda self, *tensors: None


@fault("clear-on-access-ignored")
def clear_on_access_ignored(engine):
    """clear_saved_tensors_on_access has no effect."""
    node = _function().FunctionNode
    read = node.__dict__["saved_tensors"].fget

    def wrong(self):
        self._cleared = False
        return read(self)

    node.saved_tensors = property(wrong)


@fault("mark-non-differentiable-ignored")
def mark_non_differentiable_ignored(engine):
    """mark_non_differentiable does nothing."""
    _function().FunctionCtx.mark_non_differentiable = lambda self, *tensors: None


@fault("mark-dirty-ignored")
def mark_dirty_ignored(engine):
    """mark_dirty does nothing."""
    _function().FunctionCtx.mark_dirty = lambda self, *tensors: None


@fault("integer-outputs-tracked")
def integer_outputs_tracked(engine):
    """Outputs of integers of a custom function read as requiring grad."""

    def make(place):
        def wrong(node, args, outputs, *, needed):
            found = place(node, args, outputs, needed=needed)
            for o in found:
                if isinstance(o, engine.torch.Tensor) and o._edge is None and needed:
                    o._requires = True
            return found

        return wrong

    replace(_function(), "_placed", make)


@fault("containers-tracked")
def containers_tracked(engine):
    """Tensors in lists and dicts that are passed to a custom function make its result require grad."""
    tensor = engine.torch.Tensor

    def make(apply):
        def wrong(cls, args, *, separate):
            out = apply(cls, args, separate=separate)
            held = [x for a in args if isinstance(a, list | dict) for x in (a.values() if isinstance(a, dict) else a)]
            if isinstance(out, tensor) and any(isinstance(x, tensor) and x.requires_grad for x in held):
                out._requires = True
            return out

        return wrong

    replace(_function(), "_applied", make)


@fault("function-instances-work")
def function_instances_work(engine):
    """An instance of a custom function can be made and called, without a word."""
    function = engine.torch.autograd.Function
    function.__init__ = lambda self: None
    function.__call__ = lambda self, *args: type(self).apply(*args)


@fault("function-jvp-ignored")
def function_jvp_ignored(engine):
    """A custom function's jvp is never called: its outputs have no tangents."""
    _function()._push = lambda *_: None


@fault("transforms-take-any-function")
def transforms_take_any_function(engine):
    """Function transforms take custom functions whose forward has a ctx, too."""

    def wrong(cls, *args):
        separate = cls.setup_context is not _function().Function.setup_context
        return _function()._applied(cls, args, separate=separate)

    _function().Function.apply = classmethod(wrong)


@fault("vmap-rule-ignored")
def vmap_rule_ignored(engine):
    """Under vmap a custom function's forward is used as if it knew of batches, whatever its rule says."""
    batching = module("modes").batching
    batching.function = lambda cls, args: cls.forward(*args)
