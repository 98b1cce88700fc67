"""Functions of several steps in half precision: computed in float32 and rounded once, as PyTorch's kernels do."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from refgrad import dtypes
from refgrad.rules import cast
from refgrad.tensor import Tensor

BUFFERS = ("running_mean", "running_var")  # which a function may update in place


def rounded_once(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which for tensors of float16 or bfloat16 alone computes in float32 and rounds its result.

    >>> from refgrad import bfloat16, ones
    >>> rounded_once(lambda x: (x + 0.001) * 1000 - 1000)(ones(1, dtype=bfloat16))
    tensor([1.], dtype=torch.bfloat16)
    """
    parameters = inspect.signature(function)

    @functools.wraps(function)
    def public(*args: Any, **kwargs: Any) -> Any:
        low = _half_of(args, kwargs)
        if low is None:
            return function(*args, **kwargs)
        bound = parameters.bind(*args, **kwargs)
        given = dict(bound.arguments)
        bound.arguments.update({name: _widened(value, low) for name, value in given.items()})
        y = function(*bound.args, **bound.kwargs)
        for name in BUFFERS:
            if isinstance(given.get(name), Tensor) and bound.arguments[name]._version:
                given[name].copy_(bound.arguments[name].detach())
        return tuple(_narrowed(part, low) for part in y) if isinstance(y, tuple) else _narrowed(y, low)

    return public


def _half_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The half-precision dtype that all floating tensors share; None if there is another."""
    found = None
    for a in (*args, *kwargs.values()):
        if isinstance(a, Tensor) and (dtype := a._data.dtype).kind in "fcV":
            if dtype not in dtypes.HALF or found not in (None, dtype):
                return None
            found = dtype
    return found


def _widened(x: Any, low: Any) -> Any:
    return cast(x, dtype=dtypes.float32.array) if isinstance(x, Tensor) and x._data.dtype == low else x


def _narrowed(y: Any, low: Any) -> Any:
    return cast(y, dtype=low) if isinstance(y, Tensor) and y._data.dtype == dtypes.float32.array else y
