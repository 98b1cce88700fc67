"""Forward mode: the tangents that results get from those of the arguments, level by level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refgrad.backends import namespace
from refgrad.modes import state
from refgrad.rules import Operator, cast, expand
from refgrad.tensor import Tensor, gradient_edge, wrap


def push_tangents(op: Operator, args: Sequence[Any], attrs: dict[str, Any], outs: tuple[Tensor, ...]) -> None:
    """Gives the results their tangents, level by level: a tangent of one level carries those of the levels below
    only.
    """
    levels = sorted({k for a in args if isinstance(a, Tensor) and a._tangents for k in a._tangents})
    for level in levels:
        if level not in state.levels or not op.differentiable:
            continue
        ts = [a._tangents.get(level) if isinstance(a, Tensor) and a._tangents else None for a in args]
        xs = [below(a, level) if isinstance(a, Tensor) else a for a in args]
        ys = tuple(below(o, level) for o in outs)
        xs = op.promoted(xs, outs[0]._data.dtype)
        moved = op.push(ts, ys if op.outputs != 1 else ys[0], xs, attrs)
        moved = moved if op.outputs != 1 else (moved,)
        for out, t in zip(outs, moved, strict=False):
            if t is not None and out._data.dtype.kind in "fcV":
                out._tangents[level] = _shaped(t, out)
    for out in outs:
        if not out._tangents:
            out._tangents = None


def _shaped(t: Any, out: Tensor) -> Tensor:
    """The tangent in the shape and dtype of its result: partials of broadcast arguments come smaller."""
    if not isinstance(t, Tensor):
        t = wrap(namespace(out._data).asarray(t, out._data.dtype))
    if t._data.shape != out._data.shape:
        t = expand(t, shape=out._data.shape)
    return t if t._data.dtype == out._data.dtype else cast(t, dtype=out._data.dtype)


def below(x: Tensor, level: Any) -> Tensor:
    """`x` with the tangents of the levels below this one only."""
    y = alias(x)
    kept = {k: t for k, t in x._tangents.items() if k < level} if x._tangents else None
    y._tangents = kept or None
    return y


def alias(x: Tensor, cls: type[Any] = Tensor) -> Any:
    """Another tensor object for the same elements at the same place in the graph."""
    y = wrap(x._data, cls)
    y._cell, y._edge, y._tangents, y._inference = x._cell, gradient_edge(x), x._tangents, x._inference
    y._seen = x._cell[0]
    return y
