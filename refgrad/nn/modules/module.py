"""The base class of modules. Many of its methods are functions from the files beside it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, Self

from refgrad.graph import Handle
from refgrad.nn.modules import calling, conversion, registration, state
from refgrad.nn.modules.calling import (
    ForwardHook,
    Hooks,
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
)
from refgrad.nn.parameter import Parameter
from refgrad.tensor import Tensor

__all__ = [
    "Module",
    "register_module_forward_hook",
    "register_module_forward_pre_hook",
    "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook",
]


class Module:
    """A function with parameters, made of other such functions.

    >>> from refgrad import nn, ones
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = nn.Parameter(ones(1))
    ...
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> Scale()(ones(2)).requires_grad
    True
    """

    training: bool
    _version = 1
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]
    _hooks: Hooks

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args or kwargs:
            raise TypeError(f"{type(self).__name__}.__init__() got an unexpected argument '{[*args, *kwargs][0]}'")
        own = self.__dict__
        own.update(training=True, _parameters={}, _buffers={}, _modules={}, _non_persistent_buffers_set=set())
        own.update(_hooks=Hooks(), _state_dict_hooks=OrderedDict(), _load_state_dict_pre_hooks=OrderedDict())
        own.update(_load_state_dict_post_hooks=OrderedDict())

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes: to be written by each class. Call the module, not this, so that its hooks run."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    __call__ = calling.call
    __getattr__, __setattr__ = registration.get_attribute, registration.set_attribute
    __delattr__ = registration.delete_attribute
    register_parameter, register_buffer = registration.register_parameter, registration.register_buffer
    add_module = register_module = registration.add_module
    state_dict, load_state_dict = state.state_dict, state.load_state_dict
    _apply, to, type = conversion.convert, conversion.to, conversion.to_type
    cpu, cuda = conversion.to_cpu, conversion.to_cuda
    float, double = conversion.to_float, conversion.to_double
    half, bfloat16 = conversion.to_half, conversion.to_bfloat16

    def get_extra_state(self) -> Any:
        """What the state_dict holds besides tensors: to be written by classes that have such."""
        raise RuntimeError("get_extra_state() is to be written by the module class")

    def set_extra_state(self, state: Any) -> None:
        """Takes what `get_extra_state` gave."""
        raise RuntimeError("set_extra_state() is to be written by the module class")

    def __dir__(self) -> list[str]:
        registered = [n for place in registration.KINDS for n in self.__dict__[place] if n.isidentifier()]
        return sorted({*super().__dir__(), *registered})

    # --- members ----------------------------------------------------------------------------------------------------

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[Any]:
        """The module and all below it, with their dotted names, each once."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, child in self._modules.items():
            if child is not None:
                yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def _named(self, place: str, prefix: str, recurse: bool, remove_duplicate: bool) -> Iterator[tuple[str, Any]]:
        seen = set()
        for module_name, module in self.named_modules(None, prefix, remove_duplicate) if recurse else [(prefix, self)]:
            for name, x in getattr(module, place).items():
                if x is not None and x not in seen:
                    if remove_duplicate:
                        seen.add(x)
                    yield f"{module_name}.{name}" if module_name else name, x

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters with their dotted names; one that is shared comes once."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """The buffers with their dotted names."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly below, with their names, each once."""
        seen = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters."""
        return (p for _, p in self.named_parameters(recurse=recurse))

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers."""
        return (b for _, b in self.named_buffers(recurse=recurse))

    def children(self) -> Iterator[Module]:
        """The modules directly below."""
        return (child for _, child in self.named_children())

    def modules(self) -> Iterator[Module]:
        """The module and all below it."""
        return (module for _, module in self.named_modules())

    def get_submodule(self, target: str) -> Module:
        """The module of this dotted name."""
        found: Any = self
        for part in target.split(".") if target else []:
            inner = found._modules.get(part)
            if inner is None:
                raise AttributeError(f"{type(found).__name__} has no attribute `{part}`")
            found = inner
        return found

    def _get(self, target: str, place: str) -> Any:
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if name not in getattr(module, place):
            raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
        return getattr(module, place)[name]

    def get_parameter(self, target: str) -> Parameter:
        """The parameter of this dotted name."""
        return self._get(target, "_parameters")

    def get_buffer(self, target: str) -> Tensor:
        """The buffer of this dotted name."""
        return self._get(target, "_buffers")

    # --- changes to all members -------------------------------------------------------------------------------------

    def apply(self, fn: Callable[[Module], None]) -> Self:
        """The module, after `fn` was called with each module below it and with itself."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """The module, in training mode or not, with all below it."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """The module, in evaluation mode: gradients are recorded as before."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """The module, its parameters trained or frozen."""
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Sets all gradients to None, or to zero."""
        for p in self.parameters():
            clear_grad(p, set_to_none=set_to_none)

    # --- hooks ------------------------------------------------------------------------------------------------------

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> Handle:
        """Calls ``hook(module, args)`` before forward; what it returns replaces the arguments."""
        return Handle(self._hooks.before, ForwardHook(hook, with_kwargs), first=prepend)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> Handle:
        """Calls ``hook(module, args, output)`` after forward; what it returns replaces the output."""
        return Handle(self._hooks.after, ForwardHook(hook, with_kwargs, always_call), first=prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> Handle:
        """Calls ``hook(module, grad_input, grad_output)`` when the first are known; what it returns replaces them."""
        return Handle(self._hooks.backward, hook, first=prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> Handle:
        """Calls ``hook(module, grad_output)`` before the module's backward; what it returns replaces the gradients."""
        return Handle(self._hooks.before_backward, hook, first=prepend)

    def register_state_dict_post_hook(self, hook: Callable[..., None]) -> Handle:
        """Calls ``hook(module, state_dict, prefix, local_metadata)`` after the module's state was collected."""
        return Handle(self._state_dict_hooks, hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., None]) -> Handle:
        """Calls the hook before this module is loaded; PyTorch documents its eight arguments."""
        return Handle(self._load_state_dict_pre_hooks, hook)

    def register_load_state_dict_post_hook(self, hook: Callable[..., None]) -> Handle:
        """Calls ``hook(module, incompatible_keys)`` after all was loaded; it may change the lists of keys."""
        return Handle(self._load_state_dict_post_hooks, hook)

    # --- text -------------------------------------------------------------------------------------------------------

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What the text of the module says besides its name and its submodules."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({name}): {_indented(repr(child))}" for name, child in self._modules.items()]
        if len(lines) == 1 and not children:
            return f"{self._get_name()}({extra})"
        body = [*lines, *children]
        return f"{self._get_name()}(" + ("\n  " + "\n  ".join(body) + "\n" if body else "") + ")"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def clear_grad(p: Tensor, *, set_to_none: bool) -> None:
    """Sets the gradient to None, or to zero and out of the graph."""
    if p.grad is None:
        return
    if set_to_none:
        p.grad = None
    else:
        p.grad.detach_() if p.grad.grad_fn is not None else p.grad.requires_grad_(False)
        p.grad.zero_()
