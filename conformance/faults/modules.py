"""Modules that freeze, zero or register the wrong thing, and backward hooks of modules that are not heard."""

from __future__ import annotations

from conformance.faults.patching import module, replace, replace_everywhere
from conformance.faults.registry import fault


@fault("module-freezes-own-only")
def module_freezes_own_only(engine):
    """Module.requires_grad_ leaves the parameters of submodules as they are."""

    def wrong(self, requires_grad=True):
        for q in self.parameters(recurse=False):
            q.requires_grad_(requires_grad)
        return self

    engine.torch.nn.Module.requires_grad_ = wrong


@fault("module-freeze-ignored")
def module_freeze_ignored(engine):
    """Module.requires_grad_ does nothing."""
    engine.torch.nn.Module.requires_grad_ = lambda self, requires_grad=True: self


@fault("zero-grad-keeps-zeros")
def zero_grad_keeps_zeros(engine):
    """zero_grad sets gradients to zero, not to None."""
    replace_everywhere(
        module("nn.modules.module"), "clear_grad", lambda clear: lambda q, *, set_to_none: clear(q, set_to_none=False)
    )


@fault("buffers-are-parameters")
def buffers_are_parameters(engine):
    """A buffer is registered as a parameter."""
    nn = engine.torch.nn
    nn.Module.register_buffer = lambda self, name, tensor, persistent=True: self.register_parameter(
        name, nn.Parameter(tensor)
    )


@fault("state-dict-attached")
def state_dict_attached(engine):
    """state_dict holds the parameters themselves."""
    replace(
        engine.torch.nn.Module, "state_dict", lambda take: lambda self, **kw: take(self, **kw | {"keep_vars": True})
    )


def _hooks(engine, register, change):
    """Passes each hook given to a register function of modules through `change(hook)`."""
    replace(
        engine.torch.nn.Module,
        register,
        lambda enlist: lambda self, hook, *args, **kw: enlist(self, change(hook), *args, **kw),
    )


@fault("module-hook-result-ignored")
def module_hook_result_ignored(engine):
    """What a full backward hook returns is ignored."""
    _hooks(engine, "register_full_backward_hook", lambda hook: lambda *args: hook(*args) and None)


@fault("module-hook-gets-bare-tensors")
def module_hook_gets_bare_tensors(engine):
    """A full backward hook gets single gradients as tensors, not in tuples."""

    def bare(grads):
        return grads[0] if len(grads) == 1 else grads

    _hooks(
        engine,
        "register_full_backward_hook",
        lambda hook: lambda m, grad_input, grad_output: hook(m, bare(grad_input), bare(grad_output)),
    )


@fault("module-hook-needs-input-grad")
def module_hook_needs_input_grad(engine):
    """A full backward hook does not run if no input of the module requires grad."""
    module("nn.modules.backward_hooks").BackwardHook._without_inputs = lambda self: None


@fault("module-pre-hook-ignored")
def module_pre_hook_ignored(engine):
    """What a full backward pre-hook returns is ignored."""
    _hooks(engine, "register_full_backward_pre_hook", lambda hook: lambda *args: hook(*args) and None)


@fault("module-hook-allows-in-place")
def module_hook_allows_in_place(engine):
    """With a backward hook inputs and outputs are copies, which may be changed in place."""
    torch = engine.torch
    watch = module("nn.modules.backward_hooks").BackwardHook

    def copied(values):
        if isinstance(values, tuple):
            return tuple(map(copied, values))
        return values.clone() if isinstance(values, torch.Tensor) else values

    for name in ("watch_inputs", "watch_outputs"):
        replace(watch, name, lambda behind: lambda self, values: copied(behind(self, values)))
