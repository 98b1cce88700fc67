"""Hooks on the backward pass through a module, carried by a node of identity before it and another behind it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from refgrad.function import Function
from refgrad.modes import state
from refgrad.tensor import Tensor

Hook = Callable[..., Any]
Grads = tuple[Any, ...]


class BackwardHookFunction(Function):
    """The identity on several tensors at once."""

    @staticmethod
    def forward(ctx: Any, *args: Tensor) -> tuple[Tensor, ...]:
        """The arguments."""
        ctx.mark_non_differentiable(*(x for x in args if not x.requires_grad))
        return args

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradients."""
        return grad_outputs


class BackwardHook:
    """One call of a module, observed: the gradients of its outputs, then of its inputs, are given to the hooks."""

    def __init__(self, module: Any, hooks: Sequence[Hook], pre_hooks: Sequence[Hook]) -> None:
        self.module, self.hooks, self.pre_hooks = module, tuple(hooks), tuple(pre_hooks)
        self.inputs: list[int] | None = None  # positions of tensors, None if no node is before the module
        self.n_inputs = -1
        self.grad_outputs: Grads | None = None

    def watch_inputs(self, args: Grads) -> Grads:
        """The arguments, the tensors among them behind a node that runs the hooks."""
        self.n_inputs = len(args)
        found = _behind_identity(args)
        if found is None:
            return args
        args, self.inputs, node = found
        node.register_hook(self._on_inputs)
        return args

    def watch_outputs(self, result: Any) -> Any:
        """The result, its tensors behind a node that runs the hooks which come first."""
        several = isinstance(result, tuple)
        outputs = result if several else (result,)
        if not all(isinstance(x, Tensor) for x in outputs):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                f"{type(result)}",
                UserWarning,
                stacklevel=4,
            )
        found = _behind_identity(outputs)
        if found is None:
            return result
        outputs, places, node = found
        n = len(outputs)
        node.register_prehook(lambda grads: self._on_outputs(grads, places, n))
        return outputs if several else outputs[0]

    def _on_outputs(self, grads: Grads, places: list[int], n: int) -> Grads | None:
        self.grad_outputs = _spread(grads, places, n)
        for hook in self.pre_hooks:
            replaced = _replaced(
                hook(self.module, self.grad_outputs), len(self.grad_outputs), "pre hook", "grad_output"
            )
            self.grad_outputs = self.grad_outputs if replaced is None else replaced
        sent = self.grad_outputs
        if self.inputs is None:
            self._without_inputs()
        return tuple(sent[i] for i in places) if self.pre_hooks else None

    def _without_inputs(self) -> None:
        """No input requires grad: the hooks run here, and there is nothing for them to replace."""
        grad_inputs = (None,) * self.n_inputs
        for hook in self.hooks:
            found = hook(self.module, grad_inputs, self.grad_outputs)
            if found is not None and not (isinstance(found, tuple) and all(g is None for g in found)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or None for "
                    "all gradients."
                )
        self.grad_outputs = None

    def _on_inputs(self, grads: Grads, _: Grads) -> Grads | None:
        if self.grad_outputs is None or self.inputs is None:  # the module's own outputs took no part in this backward
            return None
        grad_inputs = _spread(grads, self.inputs, self.n_inputs)
        for hook in self.hooks:
            replaced = _replaced(
                hook(self.module, grad_inputs, self.grad_outputs), len(grad_inputs), "hook", "grad_input"
            )
            grad_inputs = grad_inputs if replaced is None else replaced
        self.grad_outputs = None
        return tuple(grad_inputs[i] for i in self.inputs)


def _behind_identity(values: Grads) -> tuple[Grads, list[int], Any] | None:
    """The values, their tensors passed through one node; where these are; the node. None if nothing is recorded."""
    places = [i for i, x in enumerate(values) if isinstance(x, Tensor)]
    if not (state.grad and not state.inference and any(values[i].requires_grad for i in places)):
        return None
    passed = BackwardHookFunction.apply(*(values[i] for i in places))
    node = next(x.grad_fn for x in passed if x.requires_grad)
    found = list(values)
    for i, x in zip(places, passed, strict=True):
        found[i] = x
    return tuple(found), places, node


def _spread(grads: Grads, places: list[int], n: int) -> Grads:
    found = [None] * n
    for i, g in zip(places, grads, strict=True):
        found[i] = g
    return tuple(found)


def _replaced(found: Any, n: int, hook: str, what: str) -> Grads | None:
    """What a hook returned, as a tuple of `n` gradients."""
    if found is None:
        return None
    found = found if isinstance(found, tuple) else (found,)
    if len(found) != n:
        raise RuntimeError(f"Backward {hook} returned an invalid number of {what}, got {len(found)}, but expected {n}")
    return found
