"""Views: tensors that show elements of another, their base, and so share its storage, its version and its history.

A view remembers how it was made (`_replay`), so that it can be found again in the graph after its base was modified,
and under which circumstances (`_creation`), since some views cannot follow or lead such a modification.
"""

from __future__ import annotations

from typing import Any

from refgrad.backends import namespace
from refgrad.modes import enable_grad, state
from refgrad.ops.shape import as_strided, places
from refgrad.rules import Operator
from refgrad.tensor import Tensor, retain_at, retained

MULTIPLE, NO_GRAD, INFERENCE, CUSTOM = "multiple", "no_grad", "inference", "custom"
"""Views that cannot be modified where gradients are recorded: one of several results of one operation, or made without
recording, in inference mode, inside a custom function.
"""

_WHY = {
    MULTIPLE: (
        "This view is the output of a function that returns multiple views. Such functions do not allow the output "
        "views to be modified inplace. You should replace the inplace operation by an out-of-place one."
    ),
    CUSTOM: (
        "This view was created inside a custom Function (or because an input was returned as-is) and the autograd "
        "logic to handle view+inplace would override the custom backward associated with the custom Function, leading "
        "to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom "
        "Function."
    ),
}
_AMBIGUOUS = (
    "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both "
    "the view and the inplace either both inside the {mode} block (if you don't want the inplace to be tracked) or both "
    "outside (if you want the inplace to be tracked)."
)


def become_view(out: Tensor, x: Tensor, op: Operator, attrs: Any, position: int | None) -> None:
    """Makes `out`, result of `op` on `x`, a view of what `x` is or shows, unless the kernel had to copy."""
    if out._data.size and not namespace(out._data).may_share_memory(out._data, x._data):
        return
    out._cell, out._inference = x._cell, x._inference
    if x._inference:  # no one follows what becomes of it
        return
    out._seen = x._cell[0]
    out._base = x if x._base is None else x._base
    out._replay = (*x._replay, (op, attrs, position))
    if state.inference:
        out._creation = INFERENCE
    elif not state.grad:
        out._creation = NO_GRAD
    else:
        out._creation = x._creation if position is None else MULTIPLE


def refuse_unless_default(x: Tensor, *, indirectly: bool) -> None:
    """Raises PyTorch's error if a modification of `x` itself, or of what it is a view of, cannot be recorded."""
    if x._creation is None:
        return
    how = (
        "its base or another view of its base has been modified inplace" if indirectly else "is being modified inplace"
    )
    if x._edge is not None:
        node, i = x._edge
        start = f"Output {i} of {node.name().partition('Backward')[0]} is a view and {how}."
    else:
        mode = "inference mode" if x._creation == INFERENCE else "no_grad mode"
        normal = "in normal mode" if x._creation == INFERENCE else "with grad mode enabled"
        start = f"A view was created in {mode} and {how} {normal}."
    why = _WHY.get(x._creation) or _AMBIGUOUS.format(mode="inference_mode" if x._creation == INFERENCE else "no_grad")
    raise RuntimeError(f"{start} {why}")


def refresh(x: Tensor) -> None:
    """Brings the place of a view in the graph up to date after its base was modified: it is taken from the base anew."""
    base = x._base
    if x._edge is None and not base.requires_grad:
        return
    refuse_unless_default(x, indirectly=True)
    x._seen = x._cell[0]
    kept = retained(x, forget=True)
    with enable_grad():
        x._edge = _again(x)._edge
    if kept:
        retain_at(x)


def _again(x: Tensor) -> Tensor:
    """The view taken from its base once more: by its strides, or by its operations where these see numbers in parts."""
    y = x._base
    if not changes_parts(x) and namespace(x._data).address(x._data):
        return strided(y, *geometry(x))
    for op, attrs, position in x._replay:
        y = op(y, **attrs)
        y = y if position is None else y[position]
    return y


def strided(x: Tensor, size: Any, stride: Any, storage_offset: int) -> Tensor:
    """The view of these strides of the storage of `x`."""
    return as_strided(x, size=size, stride=stride, storage_offset=storage_offset, source=geometry(x))


def geometry(x: Tensor) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Size, strides and offset in the storage, counted in elements."""
    return tuple(x._data.shape), strides(x._data), storage_offset(x._data)


def strides(data: Any) -> tuple[int, ...]:
    """The steps in memory from element to element along each dimension; along one of size one, those that would be."""
    found: list[int] = []
    step = 1
    for size, stride in zip(reversed(data.shape), reversed(data.strides), strict=True):
        found.append(step if size == 1 and not stride else stride // data.dtype.itemsize)
        step = size * found[-1]
    return tuple(reversed(found))


def storage_offset(data: Any) -> int:
    """How many elements of the storage come before the first."""
    xp = namespace(data)
    return (xp.address(data) - xp.storage(data)[0]) // data.dtype.itemsize


def changes_parts(x: Tensor) -> bool:
    """Whether `x` shows real parts of a complex base, or pairs of a real one as complex numbers."""
    return any(op.name in _OF_PARTS for op, _, _ in x._replay)


_OF_PARTS = {"real", "imag", "view_as_real", "view_as_complex"}


def positions(x: Tensor) -> Any:
    """Which elements of the base the view shows, as positions in its row-major order.

    Where numbers are seen in parts, real numbers are counted: a complex one is two, and its imaginary part the second.
    """
    data, base = x._data, x._base._data
    xp = namespace()
    here, there = places(*geometry(x._base)), places(*geometry(x))
    order = xp.empty(1 + int(here.max()) if here.size else 1, "int64")
    order[here] = xp.reshape(xp.arange(base.size), base.shape)
    if (data.dtype.kind == "c") == (base.dtype.kind == "c"):
        return order[there]
    if data.dtype.kind == "c":
        return xp.stack([order[2 * there], order[2 * there + 1]], -1)
    return 2 * order[there // 2] + there % 2


Tensor._refresh = refresh
