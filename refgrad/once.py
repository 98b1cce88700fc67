"""`once_differentiable`: a backward that is not recorded, and an error for whoever would differentiate its result."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from refgrad.function_node import bare
from refgrad.graph import Node, node_type, sequence
from refgrad.modes import no_grad, state
from refgrad.tensor import Tensor


class _DelayedError(Node):
    """Raises when a gradient is to pass through it."""

    __slots__ = ("message",)
    on_tensors = True

    def __init__(self, message: str, outputs: list[Tensor]) -> None:
        self.message = message
        self.op = self.plan = self.hooks = self.metadata_ = self.saved = self.trace = self.shape = self.dtype = None
        self.edges, self.checks = (), ()
        self.metas = tuple((o._data.shape, o._data.dtype) for o in outputs)
        self.sequence = next(sequence)

    def pull_tensors(self, run: Any, g: Any) -> list[Any]:
        """Never gives gradients."""
        raise RuntimeError(self.message)


def once_differentiable(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The backward, computed without recording; differentiating what it gives raises a RuntimeError.

    PyTorch's own wording: "trying to differentiate twice a function that was marked with @once_differentiable".
    """

    @functools.wraps(fn)
    def wrapper(ctx: Any, *args: Any) -> Any:
        with no_grad():
            outputs = fn(ctx, *args)
        if not (state.grad and any(isinstance(a, Tensor) and a.requires_grad for a in args)):
            return outputs
        several = outputs if isinstance(outputs, tuple) else (outputs,)
        tensors = [o for o in several if isinstance(o, Tensor)]
        node = node_type("DelayedError", _DelayedError)(
            "trying to differentiate twice a function that was marked with @once_differentiable", tensors
        )
        numbered = iter(range(len(tensors)))
        fresh = tuple(_with_edge(o, (node, next(numbered))) if isinstance(o, Tensor) else o for o in several)
        return fresh if isinstance(outputs, tuple) else fresh[0]

    return wrapper


def _with_edge(x: Tensor, edge: Any) -> Tensor:
    y = bare(x)
    y._edge = edge
    return y
