"""Tensors in nested tuples, lists and dicts: finding them by name, and putting others in their places."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any


@cache
def namespace(kind: type) -> Any:
    """The package whose tensors these are; of a subclass, that of its base."""
    packages = (sys.modules.get(c.__module__.partition(".")[0]) for c in kind.__mro__)
    return next(p for p in packages if hasattr(p, "autograd"))


def is_tensor(value: Any) -> bool:
    """Whether it is a tensor of any namespace."""
    return hasattr(value, "requires_grad") and hasattr(value, "detach")


def is_differentiable(tensor: Any) -> bool:
    """Whether its dtype has derivatives."""
    return tensor.dtype.is_floating_point or tensor.dtype.is_complex


def named_tensors(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every tensor of a nested value with its name, such as ``input[0]["weight"]``."""
    if is_tensor(value):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from named_tensors(inner, f"{name}[{key!r}]")
    elif isinstance(value, tuple | list):
        for position, inner in enumerate(value):
            yield from named_tensors(inner, f"{name}[{position}]")


def replaced(value: Any, other: Callable[[Any], Any]) -> Any:
    """The value in its nesting, with other tensors in the places of its own, asked for in order."""
    if is_tensor(value):
        return other(value)
    if isinstance(value, dict):
        return {k: replaced(v, other) for k, v in value.items()}
    if not isinstance(value, tuple | list):
        return value
    parts = [replaced(v, other) for v in value]
    if isinstance(value, list):
        return parts
    return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
