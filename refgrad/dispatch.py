"""Modes that see every operator that is computed: PyTorch's `TorchDispatchMode`.

A mode lies below the recording: what it returns becomes the result, at the place in the graph that it would have had.
Rules of a backward pass run on tensors while a mode is on, so that it sees them too. An operator is known by the name
that PyTorch prints for its node (``MmBackward0``: ``aten.mm``), and has one overload under all of PyTorch's names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Self

from refgrad.modes import state
from refgrad.rules import Operator
from refgrad.tensor import Tensor

PUBLIC: dict[str, Callable[..., Any]] = {}
"""The public functions by name, for overloads that are called by themselves; `refgrad.methods` fills it in."""


class Overload:
    """An operator as a mode sees it: to be compared, or called to compute it.

    >>> aten.mm.default, aten.mm.default is aten.mm.default
    (<OpOverload(op='aten.mm', overload='default')>, True)
    """

    __slots__ = ("name", "operator")

    def __init__(self, name: str) -> None:
        self.name = name
        self.operator: Operator | None = None  # known once a mode has seen it

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return (self.operator or PUBLIC[self.name])(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<OpOverload(op='aten.{self.name}', overload='default')>"


class _Packet:
    """All overloads of a name, which are one here: ``aten.mul.Tensor`` is ``aten.mul.default``."""

    def __init__(self, overload: Overload) -> None:
        self._overload = overload

    def __getattr__(self, name: str) -> Overload:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._overload


class _Namespace:
    """PyTorch's `torch.ops.aten`."""

    def __init__(self) -> None:
        self._overloads: dict[str, Overload] = {}

    def __getattr__(self, name: str) -> _Packet:
        if name.startswith("_"):
            raise AttributeError(name)
        return _Packet(self.overload(name))

    def overload(self, name: str) -> Overload:
        """The one overload of a name."""
        return self._overloads.setdefault(name, Overload(name))


aten = _Namespace()


def overload_of(op: Operator, args: Sequence[Any], attrs: dict[str, Any]) -> Overload:
    """What a mode sees of an operator, by the name of its node."""
    name = re.sub(r"Backward\d*$", "", op.node_name(args, attrs))
    found = aten.overload(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
    found.operator = op
    return found


class TorchDispatchMode:
    """A context whose `__torch_dispatch__` is called in place of each operator, the innermost first.

    Inside of it the mode is off, so that ``func(*args, **kwargs)`` computes what the operator would have.
    """

    def __torch_dispatch__(self, func: Overload, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise NotImplementedError

    def __enter__(self) -> Self:
        state.dispatch = (*state.dispatch, self)
        state.refresh()
        return self

    def __exit__(self, *_: object) -> None:
        state.dispatch = state.dispatch[:-1]
        state.refresh()


def through_modes(op: Operator, args: Sequence[Any], attrs: dict[str, Any]) -> tuple[Tensor, ...]:
    """What the innermost mode makes of an operator, as tensors that are nowhere in the graph yet; storage and version
    are those of what the mode returned.
    """
    before = state.dispatch, state.grad, state.forward
    mode = state.dispatch[-1]
    state.dispatch, state.grad, state.forward = state.dispatch[:-1], False, False
    state.refresh()
    try:
        found = mode.__torch_dispatch__(overload_of(op, args, attrs), (Tensor,), tuple(args), dict(attrs))
    finally:
        state.dispatch, state.grad, state.forward = before
        state.refresh()
    return tuple(x._detached() for x in (found if isinstance(found, (tuple, list)) else (found,)))
