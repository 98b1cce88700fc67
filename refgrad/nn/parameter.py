"""Tensors that a module owns: parameters, which are trained, and buffers, which are kept along."""

from __future__ import annotations

from typing import Any, Self

from refgrad import creation
from refgrad.tensor import Tensor, wrap


def _on(data: Any, cls: type[Any]) -> Any:
    """A leaf of this class on the storage of `data`."""
    source = creation.empty(0) if data is None else data
    if not isinstance(source, Tensor):
        raise TypeError(
            f"{cls.__name__}() takes a tensor, not {type(source).__name__}; make one with torch.tensor(...)"
        )
    x = wrap(source._data, cls)
    x._cell, x._meta = source._cell, source._meta
    return x


class Parameter(Tensor):
    """A leaf that requires grad; a module registers it when it is assigned as an attribute.

    >>> Parameter(creation.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Self:
        x = _on(data, cls)
        if requires_grad and x._data.dtype.kind not in "fcV":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        x._requires = bool(requires_grad)
        return x


class Buffer(Tensor):
    """A tensor that a module keeps beside its parameters; `persistent` ones are part of its state_dict."""

    persistent: bool

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Self:
        x = _on(data, cls)
        x._requires = data is not None and data._requires
        x.persistent = persistent
        return x
