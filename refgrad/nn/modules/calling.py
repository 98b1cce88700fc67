"""Calling a module: the hooks before its forward, the hooks after it, and those on the backward pass."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

from refgrad.graph import Handle
from refgrad.nn.modules.backward_hooks import BackwardHook


class ForwardHook(NamedTuple):
    """A function that runs before or after a forward, and how."""

    function: Callable[..., Any]
    with_kwargs: bool = False
    always: bool = False


class Hooks:
    """The hooks of one module, or of all modules, by the time at which they run."""

    __slots__ = ("after", "backward", "before", "before_backward")

    def __init__(self) -> None:
        self.before: OrderedDict[int, ForwardHook] = OrderedDict()
        self.after: OrderedDict[int, ForwardHook] = OrderedDict()
        self.backward: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        self.before_backward: OrderedDict[int, Callable[..., Any]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self.before or self.after or self.backward or self.before_backward)


EVERYWHERE = Hooks()
"""The hooks of all modules; they run before a module's own."""


def call(module: Any, *args: Any, **kwargs: Any) -> Any:
    """What the module's forward gives, between its hooks."""
    if not module._hooks and not EVERYWHERE:
        return module.forward(*args, **kwargs)
    done: set[int] = set()
    try:
        return _call(module, args, kwargs, done)
    except Exception:
        _run_unconditional(module, args, kwargs, done)
        raise


def _call(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any], done: set[int]) -> Any:
    own = module._hooks
    for hook in (*EVERYWHERE.before.values(), *own.before.values()):
        args, kwargs = _before(hook, module, args, kwargs)
    backward = (*EVERYWHERE.backward.values(), *own.backward.values())
    before_backward = (*EVERYWHERE.before_backward.values(), *own.before_backward.values())
    watch = BackwardHook(module, backward, before_backward) if backward or before_backward else None
    if watch is not None:
        args = watch.watch_inputs(args)
    result = module.forward(*args, **kwargs)
    for key, hook in (*EVERYWHERE.after.items(), *own.after.items()):
        done.add(key)
        replaced = _after(hook, module, args, kwargs, result)
        result = result if replaced is None else replaced
    return result if watch is None else watch.watch_outputs(result)


def _before(hook: ForwardHook, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The arguments after a hook that may replace them."""
    if not hook.with_kwargs:
        found = hook.function(module, args)
        return (args if found is None else found if isinstance(found, tuple) else (found,)), kwargs
    found = hook.function(module, args, kwargs)
    if found is None:
        return args, kwargs
    if not (isinstance(found, tuple) and len(found) == 2):
        raise RuntimeError(f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {found}.")
    return found


def _after(hook: ForwardHook, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> Any:
    return hook.function(module, args, kwargs, result) if hook.with_kwargs else hook.function(module, args, result)


def _run_unconditional(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any], done: set[int]) -> None:
    """Runs the hooks that want to be called even though the forward, or another hook, has raised."""
    for key, hook in (*EVERYWHERE.after.items(), *module._hooks.after.items()):
        if hook.always and key not in done:
            _after(hook, module, args, kwargs, None)


# --- hooks of all modules ---------------------------------------------------------------------------------------------


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> Handle:
    """Calls ``hook(module, args)`` before the forward of every module."""
    return Handle(EVERYWHERE.before, ForwardHook(hook))


def register_module_forward_hook(
    hook: Callable[..., Any], *, with_kwargs: bool = False, always_call: bool = False
) -> Handle:
    """Calls ``hook(module, args, output)`` after the forward of every module."""
    return Handle(EVERYWHERE.after, ForwardHook(hook, with_kwargs, always_call))


def register_module_full_backward_hook(hook: Callable[..., Any]) -> Handle:
    """Calls ``hook(module, grad_input, grad_output)`` whenever the gradients of a module's inputs are computed."""
    return Handle(EVERYWHERE.backward, hook)


def register_module_full_backward_pre_hook(hook: Callable[..., Any]) -> Handle:
    """Calls ``hook(module, grad_output)`` whenever the gradients of a module's outputs are computed."""
    return Handle(EVERYWHERE.before_backward, hook)
