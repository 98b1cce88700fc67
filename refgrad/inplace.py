"""Modifying a tensor in place: the operation is computed as any other, its result written into the storage, and the
history of
the tensor, or of the base that it is a view of, replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refgrad import dtypes
from refgrad.backends import namespace
from refgrad.graph import Node, sequence
from refgrad.modes import batching, state
from refgrad.ops.indexing import copy_slices
from refgrad.record import _record, alias
from refgrad.tensor import Tensor, gradient_edge, wrap


def in_place(x: Tensor, compute: Callable[[Tensor], Any]) -> Tensor:
    """`x`, now holding what ``compute(x)`` gives, with its history."""
    if x._level is not None:
        return batching.in_place(x, compute)
    check_writable(x)
    first = next(sequence)
    before = alias(x)
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
        _check_history_allowed(x)
    if recorded:
        _detach_saved(y, x, before, first)
    write(x, y._data)
    if recorded or (y._edge is None and x._edge is not None and state.grad and not state.inference):
        _rebase(x, y)
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
    if not target.flags.writeable:
        target.flags.writeable = True
    target[...] = data if data.dtype == target.dtype else namespace(data).cast(data, target.dtype)
    if not x._inference:
        x._cell[0] += 1


def _overlaps(target: Any) -> bool:
    return any(s == 0 and n > 1 for s, n in zip(target.strides, target.shape, strict=True))


def check_writable(x: Tensor) -> None:
    """Raises PyTorch's errors for leaves, their views, views made without recording and several views of one
    operation.
    """
    if x._inference and not state.inference:
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed. You can make a clone to get a "
            "normal "
            "tensor before doing inplace update. See https://github.com/pytorch/rfcs/pull/17 for more details."
        )
    if not state.grad or state.inference:
        return
    base = x._base
    if base is not None and base.requires_grad:
        if x._several:
            name = x._edge[0].name() if x._edge is not None else "UnbindBackward0"
            raise RuntimeError(
                f"Output {x.output_nr if x._edge is not None else 0} of {name} is a view and is being modified "
                "inplace. This view is "
                "the output of a function that returns multiple views. Such functions do not allow the output views "
                "to be modified "
                "inplace. You should replace the inplace operation by an out-of-place one."
            )
        if x._made_without_grad:
            raise RuntimeError(
                "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that "
                "this use case "
                "is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view "
                "and the inplace "
                "either both inside the no_grad block (if you don't want the inplace to be tracked) or both outside "
                "(if you want the "
                "inplace to be tracked)."
            )
        if base.is_leaf:
            raise RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place operation.")
    if x._requires and x._edge is None:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")


def _check_history_allowed(x: Tensor) -> None:
    if x._several and x._base is not None:
        raise RuntimeError(
            "Output 0 of UnbindBackward0 is a view and is being modified inplace. This view is the output of a "
            "function that returns "
            "multiple views. Such functions do not allow the output views to be modified inplace. You should replace "
            "the inplace "
            "operation by an out-of-place one."
        )
    if x._made_without_grad and x._base is not None:
        raise RuntimeError(
            "A view was created in no_grad mode and its base or another view of its base has been modified inplace "
            "with grad mode "
            "enabled. Given that this use case is ambiguous and error-prone, it is forbidden."
        )


def _check_result(x: Tensor, y: Tensor) -> None:
    if y._data.shape != x._data.shape:
        raise RuntimeError(
            f"output with shape {list(x._data.shape)} doesn't match the broadcast shape {list(y._data.shape)}"
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
        if node in seen or node.sequence <= first or node.plan is None or not node.plan.keeps:
            continue
        seen.add(node)
        if any(cell is before._cell for cell, _ in node.checks):
            copy = namespace(x._data).array(x._data) if copy is None else copy
            node.xs = [copy if v is x._data else v for v in node.xs]
        node.checks = [
            (x._cell, x._cell[0] + 1) if cell is y._cell else (cell, version) for cell, version in node.checks
        ]
        stack.extend(e[0] for e in node.edges if e is not None)


def _rebase(x: Tensor, y: Tensor) -> None:
    """Gives `x` the history of `y`; for a view, the base becomes a node that takes the view's elements from `y`."""
    base = x._base
    if base is None:
        kept = _retained(x)
        x._edge = y._edge
        x._requires = False
        if kept:
            x.retain_grad()
        return
    before = alias(base) if base.requires_grad else wrap(base._data)
    positions = _positions(x)
    node = _record(
        copy_slices,
        (before, y),
        {"positions": positions},
        [base._data, y._data],
        [gradient_edge(before), gradient_edge(y)],
        4 + 2 * before.requires_grad + y.requires_grad,
        (wrap(base._data),),
    )
    base._edge, base._requires = (node, 0), False


def _retained(x: Tensor) -> bool:
    found = x._edge
    if found is None or found[0].hooks is None:
        return False
    kept = found[0].hooks.retain.get(found[1])
    if kept is None or kept() is not x:
        return False
    del found[0].hooks.retain[found[1]]
    return True


def _positions(x: Tensor) -> Any:
    """Which elements of the base the view `x` shows, as positions in its row-major order."""
    base = x._base._data
    xp = namespace(base)
    where = xp.reshape(xp.arange(base.size), base.shape)
    for op, attrs, position in x._replay:
        if op.name in {"real", "imag", "view_as_real", "view_as_complex"}:
            raise NotImplementedError("an in-place operation on a real view of a complex tensor that requires grad")
        where = op(where, **attrs)
        where = where if position is None else where[position]
    return where


def _move_tangents(x: Tensor, y: Tensor) -> None:
    if x._base is not None and (y._tangents or x._base._tangents):
        _move_tangents_of_view(x, y)
    x._tangents = y._tangents


def _move_tangents_of_view(x: Tensor, y: Tensor) -> None:
    base, positions = x._base, _positions(x)
    tangents = dict(base._tangents or {})
    for level, t in (y._tangents or {}).items():
        old = tangents.get(level)
        old = wrap(namespace(base._data).zeros(base._data.shape, base._data.dtype)) if old is None else old
        tangents[level] = copy_slices(old, t, positions=positions)
    base._tangents = tangents
