"""Modifying a tensor in place: the operation is computed as any other, its result written into the storage, and the
history of
the tensor, or of the base that it is a view of, replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refgrad import dtypes
from refgrad.backends import namespace
from refgrad.graph import Node, node_type, sequence
from refgrad.modes import batching, state
from refgrad.ops.complex import view_as_complex, view_as_real
from refgrad.ops.indexing import copy_slices
from refgrad.record import record
from refgrad.tangents import alias
from refgrad.tensor import Tensor, check_writable, edge, gradient_edge, is_tracked, masked_as, retain_at, retained, wrap
from refgrad.views import positions, refuse_unless_default


def in_place(x: Tensor, compute: Callable[[Tensor], Any]) -> Tensor:
    """`x`, now holding what ``compute(x)`` gives, with its history."""
    if x._level is not None:
        return batching.in_place(x, compute)
    check_writable(x)
    recording = state.grad and not state.inference
    if recording and is_tracked(x):
        check_history(x)
    first = next(sequence)
    before = masked_as(x, alias(x))
    before._cell = [0]
    y = compute(before)
    if y._level is not None:
        raise RuntimeError(
            "vmap: inplace arithmetic(self, *extra_args) is not possible because there exists a Tensor `other` in "
            "extra_args that has more "
            "elements than `self`. This happened due to `other` being vmapped over but `self` not being vmapped over "
            "in a vmap."
        )
    _check_result(x, y)
    recorded = y.requires_grad
    if recorded and not (state.transforms or x.requires_grad):
        check_history(x)
    if recorded:
        _detach_saved(y, x, before, first)
    write(x, y._data)
    if recorded and y._edge is not None and y._edge[0].metas is None and y._edge[0].sequence > first:
        y._edge[0].dtype = x._data.dtype  # what was written
    if recorded or (y._edge is None and x._edge is not None and state.grad and not state.inference):
        rebase(x, y)
    if state.levels:
        _move_tangents(x, y)
    return x


def write(x: Tensor, data: Any) -> None:
    """Writes the elements and counts the modification."""
    target = x._data
    for hook in state.before_write:
        hook(x)
    if 0 in target.strides and target.size > 1 and _overlaps(target):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            "Please clone() the tensor before performing the operation."
        )
    xp = namespace(target)
    xp.make_writable(target)
    target[...] = data if data.dtype == target.dtype else xp.cast(data, target.dtype)
    if not x._inference:
        x._cell[0] += 1


def _overlaps(target: Any) -> bool:
    return any(s == 0 and n > 1 for s, n in zip(target.strides, target.shape, strict=True))


def check_history(x: Tensor) -> None:
    """Raises PyTorch's errors where a modification that is to be recorded cannot be: of views that cannot lead their
    base, of leaves and their views.
    """
    if x._base is not None:
        edge(x)  # up to date
        refuse_unless_default(x, indirectly=False)
    if not is_tracked(x):
        return
    if x.is_leaf:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
    if x._base is not None and x._base.is_leaf:
        raise RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place operation.")


def _check_result(x: Tensor, y: Tensor) -> None:
    if y._data.shape != x._data.shape:
        raise RuntimeError(
            f"output with shape {list(x._data.shape)} doesn't match the broadcast shape {list(y._data.shape)}"
        )
    if y._mask is not None and (x._mask is None or (x._mask._data != y._mask._data).any()):
        raise ValueError(
            "an in-place operation cannot change which elements count, but the tensor and the result have other masks: "
            "use the operation that gives a new tensor"
        )
    if y.dtype.category > x.dtype.category:
        raise RuntimeError(f"result type {_title(y.dtype)} can't be cast to the desired output type {_title(x.dtype)}")


def _title(d: dtypes.dtype) -> str:
    return {
        "float32": "Float",
        "float64": "Double",
        "int64": "Long",
        "int32": "Int",
        "bool": "Bool",
        "complex64": "ComplexFloat",
        "complex128": "ComplexDouble",
        "float16": "Half",
        "bfloat16": "BFloat16",
        "uint8": "Byte",
        "int8": "Char",
        "int16": "Short",
    }.get(d.name, d.name)


def _detach_saved(y: Tensor, x: Tensor, before: Tensor, first: int) -> None:
    """Where the operation saved the old elements it gets a copy; where it saved its result, that is now `x`."""
    stack: list[Node] = [y._edge[0]] if y._edge is not None else []
    copy = None
    seen = set()
    while stack:
        node = stack.pop()
        if node in seen or node.sequence <= first or node.plan is None:
            continue
        seen.add(node)
        if node.plan.keeps and any(cell is before._cell for cell, _ in node.checks):
            copy = namespace(x._data).array(x._data) if copy is None else copy
            node.xs = [copy if v is x._data else v for v in node.xs]
        node.checks = [
            (x._cell, x._cell[0] + 1) if cell is y._cell else (cell, version) for cell, version in node.checks
        ]
        stack.extend(e[0] for e in node.edges if e is not None)


def rebase(x: Tensor, y: Tensor) -> None:
    """Gives `x` the history of `y`; for a view, the base becomes a node that takes the view's elements from `y`."""
    base = x._base
    if base is None:
        move(x, y._edge)
        return
    before = alias(base) if base.requires_grad else wrap(base._data)
    if (y._data.dtype.kind == "c") == (base._data.dtype.kind == "c"):
        found = _with_elements(before, y, positions(x))
    elif base._data.dtype.kind != "c":
        found = _with_elements(before, view_as_real(y), positions(x))
    else:
        found = view_as_complex(_with_elements(view_as_real(before), y, positions(x)))
        found._edge[0].__class__ = node_type(copy_slices.node)
    move(base, found._edge)


def _with_elements(x: Tensor, y: Tensor, at: Any) -> Tensor:
    """What `x` is after elements of it were written, recorded; its array holds them already."""
    edges = [gradient_edge(x), gradient_edge(y)]
    out = wrap(x._data)
    mask = 4 + 2 * (edges[0] is not None) + (edges[1] is not None)
    record(copy_slices, (x, y), {"positions": at}, [x._data, y._data], edges, mask, (out,))
    return out


def move(x: Tensor, edge: Any) -> None:
    """Puts `x` at another place in the graph; if it retains its gradient, it does so there."""
    kept = retained(x, forget=True)
    x._edge, x._requires = edge, False
    if kept and edge is not None:
        retain_at(x)


def change_layout(x: Tensor, view: Callable[[Tensor], Tensor]) -> Tensor:
    """`x`, now laid out as the view of it is, such as by `t_`; the elements stay where they are."""
    check_writable(x)
    if state.grad and not state.inference and is_tracked(x):
        check_history(x)
    y = view(alias(x))
    x._data = y._data
    x._replay = (*x._replay, *y._replay) if x._base is not None else ()
    if not x._inference:
        x._cell[0] += 1
    if y._edge is not None and y._edge[0].op is not None and state.grad:
        node = y._edge[0].named()
        kept = retained(x, forget=True)
        node.__class__ = node_type(_IN_PLACE.get(node.name(), node.name()))
        x._edge, x._seen = y._edge, x._cell[0]
        if kept:
            retain_at(x)
    return x


_IN_PLACE = {f"{name}Backward0": f"{name}Backward1" for name in ("Unsqueeze", "Transpose", "T", "AsStrided")}
_IN_PLACE |= {f"SqueezeBackward{i}": f"SqueezeBackward{i + 3}" for i in range(3)}
"""What PyTorch prints for the nodes of operations that change the layout in place."""


def _move_tangents(x: Tensor, y: Tensor) -> None:
    if x._base is not None and (y._tangents or x._base._tangents):
        _move_tangents_of_view(x, y)
    x._tangents = y._tangents


def _move_tangents_of_view(x: Tensor, y: Tensor) -> None:
    base, at = x._base, positions(x)
    tangents = dict(base._tangents or {})
    for level, t in (y._tangents or {}).items():
        old = tangents.get(level)
        old = wrap(namespace(base._data).zeros(base._data.shape, base._data.dtype)) if old is None else old
        tangents[level] = copy_slices(old, t, positions=at)
    base._tangents = tangents
