"""Methods that write into a tensor: filled, copied, drawn at random, laid out anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refgrad import creation, random
from refgrad.api import indexing, shape
from refgrad.api.forms import number_for
from refgrad.api.naming import recorded_as
from refgrad.backends import beside, namespace, to_host
from refgrad.inplace import change_layout, in_place, write
from refgrad.modes import state
from refgrad.ops import arithmetic as ops
from refgrad.tensor import Tensor, wrap


def _in_place(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    def modify(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return in_place(self, lambda x: function(x, *args, **kwargs))

    modify.__name__ = name
    return modify


def fill_(self: Tensor, value: Any) -> Tensor:
    """This tensor, filled with one value."""  # noqa: D404 - a method gives this tensor back
    filled = recorded_as(f"FillBackward{2 + isinstance(value, Tensor)}")(ops.fill)
    value = value if isinstance(value, Tensor) else number_for(self, value)
    return in_place(self, lambda x: filled(x, value))


def zero_(self: Tensor) -> Tensor:
    """This tensor, filled with zeros."""  # noqa: D404 - a method gives this tensor back
    return in_place(self, lambda x: recorded_as("ZeroBackward0")(ops.fill)(x, 0))


def copy_(self: Tensor, src: Any, non_blocking: bool = False) -> Tensor:
    """This tensor, with the elements of the source, cast and broadcast."""  # noqa: D404 - a method gives this tensor back
    source = src if isinstance(src, Tensor) else creation.tensor(src)
    if source._level is not None and self._level is None:
        return in_place(self, lambda _: source)  # which refuses a batch written into one tensor
    if source.device.type != self.device.type and self._level is None and not self._meta:
        source = creation.on_device(source, self.device)
    return in_place(self, lambda x: indexing.copied(x, shape.to_dtype(source, self.dtype)))


def set_(self: Tensor, source: Tensor) -> Tensor:
    """This tensor, with the storage of the source."""  # noqa: D404 - a method gives this tensor back
    if self.requires_grad and self.is_leaf and state.grad:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
    self._data = source._data
    self._cell[0] += 1
    return self


def _randomised(draw: Callable[..., Any]) -> Callable[..., Any]:
    def modify(self: Tensor, *args: Any, generator: Any = None, **kwargs: Any) -> Tensor:
        data = draw((generator or random.default_generator)._random, tuple(self.shape), *args, **kwargs)
        array = beside(namespace().asarray(data).astype(self._data.dtype), self._data)
        return in_place(self, lambda x: indexing.copied(x, wrap(array)))

    return modify


def _view_in_place(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, *args, **kwargs: change_layout(self, lambda x: function(x, *args, **kwargs))


def apply_(self: Tensor, function: Callable[[float], float]) -> Tensor:
    """This tensor, each element replaced by the function of it."""  # noqa: D404 - a method gives this tensor back
    values = [function(v) for v in to_host(self._data).reshape(-1).tolist()]
    write(self, beside(namespace().asarray(values).reshape(self._data.shape), self._data))
    return self
