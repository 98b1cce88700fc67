"""The levels of forward mode: each that is active has tangents of its own, carried through every operation."""

from __future__ import annotations

from refgrad.modes import state
from refgrad.ops.shape import alias
from refgrad.tensor import Tensor

_counter = [0]


def next_level() -> int:
    """A number above those of all levels so far."""
    _counter[0] += 1
    return _counter[0]


def push_level(level: int) -> None:
    """From now on tangents of this level are carried along."""
    state.levels = (*state.levels, level)
    state.refresh()


def pop_level(level: int) -> None:
    """Tangents of this level are no longer carried along."""
    state.levels = tuple(k for k in state.levels if k != level)
    state.refresh()


def with_tangent(x: Tensor, t: Tensor, level: int) -> Tensor:
    """A view of `x` that carries the tangent at a level."""
    if tuple(x.shape) != tuple(t.shape):
        raise RuntimeError(f"Expected tensor and tangent to have the same shape, but got {x.shape} and {t.shape}")
    y = alias(x)
    y._tangents = {**(x._tangents or {}), level: _laid_out(x, t)}
    return y


def _laid_out(x: Tensor, t: Tensor) -> Tensor:
    """The tangent itself where its strides are those of the primal, else a copy."""
    if (
        x._level is not None
        or t._level is not None
        or t.stride() == x.stride()
        or not (state.levels and t._tangents is None)
    ):
        return t
    return t.clone()
