"""What cases about `torch.autograd.Function` are made of: a subclass from two functions, and the usual example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def function(torch: Any, forward: Callable[..., Any], backward: Callable[..., Any], **members: Any) -> Any:
    """A subclass of Function with these static methods, and others by name; what cannot be called stays an attribute.

    >>> import refgrad
    >>> double = function(refgrad, lambda ctx, x: x * 2, lambda ctx, g: g * 2)
    >>> double.apply(refgrad.tensor(3.0))
    tensor(6.)
    """
    methods = {"forward": forward, "backward": backward, **members}
    wrapped = {name: staticmethod(m) if callable(m) else m for name, m in methods.items()}
    return type("Made", (torch.autograd.Function,), wrapped)


def square(torch: Any) -> Any:
    """The square, whose backward reads the saved input."""

    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 2 * x * g

    return Square
