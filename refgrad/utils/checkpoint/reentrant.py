"""With reentry: the call is one node, whose backward runs the function again, recording, and a backward pass inside it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from refgrad import random
from refgrad.function import Function
from refgrad.gradients import backward
from refgrad.modes import enable_grad, no_grad, state
from refgrad.tensor import Tensor
from refgrad.utils.checkpoint.recomputing import rng_state


class Reentrant(Function):
    """The whole call as one operation, recorded anew in its backward pass."""

    @staticmethod
    def forward(ctx: Any, run_function: Callable[..., Any], preserve: bool, *args: Any) -> Any:
        """Runs without recording."""
        if state.grad is False and not any(isinstance(a, Tensor) and a.requires_grad for a in args):
            warnings.warn(
                "None of the inputs have requires_grad=True. Gradients will be None", UserWarning, stacklevel=4
            )
        ctx.run_function = run_function
        ctx.rng = random.get_rng_state() if preserve else None
        ctx.places = [i for i, a in enumerate(args) if isinstance(a, Tensor)]
        ctx.rest = [None if isinstance(a, Tensor) else a for a in args]
        ctx.save_for_backward(*(a for a in args if isinstance(a, Tensor)))
        with no_grad():
            return run_function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """Runs again, recording, and sends the gradients through."""
        if state.running is not None and state.running.needed is not None:
            raise RuntimeError(
                "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` "
                "parameter to .backward(). "
                "To resolve this error, you can either set use_reentrant=False, or call .backward() without passing "
                "the `inputs` argument."
            )
        inputs = list(ctx.rest)
        for i, x in zip(ctx.places, ctx.saved_tensors, strict=True):
            inputs[i] = x.detach().requires_grad_(x.requires_grad)
        with rng_state(ctx.rng), enable_grad():
            outputs = ctx.run_function(*inputs)
        outs = outputs if isinstance(outputs, tuple) else (outputs,)
        pairs = [(o, g) for o, g in zip(outs, grads, strict=True) if isinstance(o, Tensor) and o.requires_grad]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward([o for o, _ in pairs], [g for _, g in pairs])
        return (None, None, *(x._grad if isinstance(x, Tensor) else None for x in inputs))


Reentrant._backward_cls.__name__ = "CheckpointFunctionBackward"
