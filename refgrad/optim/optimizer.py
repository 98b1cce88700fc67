"""What optimizers have in common: groups of parameters with options, a state for each, hooks around the step."""

from __future__ import annotations

import functools
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from refgrad.graph import Handle
from refgrad.modes import enable_grad, no_grad, set_grad_enabled
from refgrad.nn.modules.module import clear_grad
from refgrad.optim import saving
from refgrad.tensor import Tensor

Group = dict[str, Any]


class Optimizer:
    """Base of optimizers. Each gives its options with defaults, and in `update` how a group of parameters moves.

    >>> from refgrad import nn, optim, ones
    >>> layer = nn.Linear(2, 1)
    >>> optimizer = optim.SGD(layer.parameters(), lr=0.1)
    >>> layer(ones(1, 2)).sum().backward()
    >>> optimizer.step()
    >>> optimizer.zero_grad()
    """

    param_groups: list[Group]
    state: defaultdict[Tensor, dict[str, Any]]

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"{params.type()}"
            )
        self.defaults, self.state, self.param_groups = defaults, defaultdict(dict), []
        self._before_step: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        self._after_step: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Adds parameters with options of their own; options not given are the defaults."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        given = param_group["params"]
        if isinstance(given, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                "will change between runs. Please use a list instead."
            )
        params = [given] if isinstance(given, Tensor) else list(given)
        names = [p[0] for p in params if isinstance(p, tuple)]
        params = [p[1] if isinstance(p, tuple) else p for p in params]
        for p in params:
            self._check(p)
        group = {**self.defaults, **param_group, "params": params, **({"param_names": names} if names else {})}
        if len(set(map(id, params))) != len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=3,
            )
        if {id(p) for g in self.param_groups for p in g["params"]} & set(map(id, params)):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(group)

    def _check(self, p: Any) -> None:
        if not isinstance(p, Tensor):
            raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(p).__name__}")
        if not (self.defaults.get("differentiable") or p.is_leaf or p.retains_grad):
            raise ValueError("can't optimize a non-leaf Tensor")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Sets the gradients of this optimizer's parameters to None, or to zero."""
        for _, p in self._parameters():
            clear_grad(p, set_to_none=set_to_none)

    def _parameters(self) -> Iterator[tuple[Group, Tensor]]:
        return ((group, p) for group in self.param_groups for p in group["params"])

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Moves all parameters that have a gradient; gives what the closure gave, which is called first, recording."""
        arguments: Any = ((self, closure), {})
        for hook in (*_BEFORE_ANY.values(), *self._before_step.values()):
            arguments = _replaced(hook(self, *arguments), arguments)
        closure = _closure(arguments)
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with set_grad_enabled(bool(self.defaults.get("differentiable"))):
            for group in self.param_groups:
                moving = [p for p in group["params"] if p.grad is not None]
                self.update(moving, group)
        for hook in (*self._after_step.values(), *_AFTER_ANY.values()):
            hook(self, *arguments)
        return loss

    def update(self, params: list[Tensor], group: Group) -> None:
        """Moves these parameters, all of which have gradients: to be written by each optimizer."""
        raise NotImplementedError

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> Handle:
        """Calls ``hook(optimizer, args, kwargs)`` before each step; what it returns replaces the arguments."""
        return Handle(self._before_step, hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> Handle:
        """Calls ``hook(optimizer, args, kwargs)`` after each step."""
        return Handle(self._after_step, hook)

    state_dict, load_state_dict = saving.state_dict, no_grad()(saving.load_state_dict)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join([*lines, ")"])


_BEFORE_ANY: OrderedDict[int, Callable[..., Any]] = OrderedDict()
_AFTER_ANY: OrderedDict[int, Callable[..., Any]] = OrderedDict()


def register_optimizer_step_pre_hook(hook: Callable[..., Any]) -> Handle:
    """Calls ``hook(optimizer, args, kwargs)`` before each step of any optimizer."""
    return Handle(_BEFORE_ANY, hook)


def register_optimizer_step_post_hook(hook: Callable[..., Any]) -> Handle:
    """Calls ``hook(optimizer, args, kwargs)`` after each step of any optimizer."""
    return Handle(_AFTER_ANY, hook)


def _replaced(found: Any, arguments: Any) -> Any:
    if found is None:
        return arguments
    if not (isinstance(found, tuple) and len(found) == 2):
        raise RuntimeError(f"a step pre-hook must return None or a tuple of (new_args, new_kwargs), but got {found}.")
    return found


def _closure(arguments: Any) -> Any:
    args, kwargs = arguments
    return kwargs.get("closure", args[1] if len(args) > 1 else None)


def check_options(lr: Any, weight_decay: float, **others: float) -> None:
    """Raises PyTorch's ValueError for options below zero."""
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    if lr < 0.0:
        raise ValueError(f"Invalid learning rate: {lr}")
    for name, value in others.items():
        if value < 0.0:
            raise ValueError(f"Invalid {name} value: {value}")
    if weight_decay < 0.0:
        raise ValueError(f"Invalid weight_decay value: {weight_decay}")


def as_real(function: Callable[..., None]) -> Callable[..., None]:
    """The update, seeing complex tensors as pairs of real numbers."""

    @functools.wraps(function)
    def update(*tensors: Tensor, **options: Any) -> None:
        function(*(x.view_as_real() if x.is_complex() else x for x in tensors), **options)

    return update
