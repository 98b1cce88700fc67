"""What a node saves, when it is more than an array: packed by hooks, or carrying tangents; and reading it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from refgrad.graph import FREED, Node, check_versions
from refgrad.modes import state
from refgrad.rules import VALUE, Meta
from refgrad.tensor import Tensor, wrap

RESULT = -1
"""Position of the first result among the saved values; further results lie below."""


class SavedTensor:
    """One saved tensor: the hooks that packed it, or the tangents it carries."""

    __slots__ = ("node", "packed", "position", "tangents", "unpack")

    position: int | None  # among the saved values of the node; None where a custom function saved it

    def __init__(self, node: Node, position: int) -> None:
        self.node, self.position = node, position
        self.packed: Any = None
        self.unpack: Any = None  # the hook that gives the tensor back
        self.tangents: Any = None

    def register_hooks(self, pack: Callable[[Tensor], Any], unpack: Callable[[Any], Tensor]) -> None:
        """Packs the saved tensor now, to be unpacked whenever it is read."""
        if self.node.checks is FREED:
            raise RuntimeError(
                "Calling register_hooks on a saved tensor after it has been freed. Saved intermediate values of the "
                "graph are "
                "freed when you call .backward() or autograd.grad()."
            )
        if self.unpack is not None:
            raise RuntimeError("Calling register_hooks on a saved tensor whose hooks have already been set.")
        x = read(self.node, self.position)
        bare = wrap(x._data)
        bare._cell = x._cell
        variable = _leaf_of(self.node, self.position)
        if variable is not None:
            bare = variable
        self._pack(bare, pack, unpack)
        self.node.saved = {**(self.node.saved or {}), self.position: self}

    def _pack(self, x: Tensor, pack: Callable[[Tensor], Any], unpack: Callable[[Any], Tensor]) -> None:
        version = x._cell[0]
        grad, state.grad = state.grad, False
        hooks, state.saved_hooks = state.saved_hooks, ()
        state.refresh()
        try:
            self.packed = pack(x)
        finally:
            state.grad, state.saved_hooks = grad, hooks
            state.refresh()
        if x._cell[0] != version:
            raise RuntimeError(
                "A saved tensor pack hook is modifying its input in place. Please open an issue if you need this."
            )
        self.unpack = unpack
        _forget(self.node, self.position)

    def open(self) -> Any:
        """The array, or the unpacked tensor's."""
        x = self.unpack(self.packed)
        if not isinstance(x, Tensor):
            raise TypeError(
                f"Output of saved tensor unpack_hook expected to be a Tensor but got result of type {type(x).__name__}"
            )
        return x._data


def _forget(node: Node, position: int | None) -> None:
    if position is None:
        return
    if position >= 0:
        node.xs = [None if i == position else x for i, x in enumerate(node.xs)]
        node.args = tuple(None if i == position else a for i, a in enumerate(node.args))
    elif isinstance(node.y, tuple) and not isinstance(node.y, Meta):
        node.y = tuple(None if RESULT - i == position else y for i, y in enumerate(node.y))
    else:
        node.y = None


def pack_saved(node: Node, args: Sequence[Any], outs: tuple[Tensor, ...]) -> None:
    """Packs by the hooks of this thread what the node has just saved, and notes the tangents."""
    kept: list[tuple[int, Tensor]] = [
        (i, a)
        for i, (k, a) in enumerate(zip(node.plan.arguments, args, strict=True))
        if k == VALUE and isinstance(a, Tensor)
    ]
    if node.plan.result == VALUE:
        ys = node.y if isinstance(node.y, tuple) else (node.y,)
        kept += [(RESULT - i, outs[i]) for i, y in enumerate(ys) if y is not None]
    saved: dict[int, SavedTensor] = {}
    for position, x in kept:
        if not (state.saved_hooks or x._tangents is not None):
            continue
        one = SavedTensor(node, position)
        one.tangents = x._tangents
        if state.saved_hooks:
            one._pack(_for_packing(x, position), *state.saved_hooks[-1])
            node.checks = [c for c in node.checks if c[0] is not x._cell]  # what is packed is the hooks' business
        saved[position] = one
    node.saved = saved or None


def _for_packing(x: Tensor, position: int) -> Tensor:
    if position >= 0:
        return x
    y = wrap(x._data)  # a result as its own operation sees it: the object would hold the node that holds it
    y._cell = x._cell
    return y


def unpack_saved(node: Node, *, tensors: bool) -> tuple[Any, Any]:
    """The result and the arguments that the node saved, as arrays, or as tensors at their place in the graph."""
    y, xs, saved = node.y, node.xs, node.saved
    if saved is not None:
        xs = list(xs)
        for position, one in saved.items():
            if one.unpack is None:
                continue
            if position >= 0:
                xs[position] = one.open()
            elif node.metas is None:
                y = one.open()
            else:
                y = tuple(one.open() if RESULT - i == position else p for i, p in enumerate(y))
    if not tensors:
        return y, xs
    xs = [
        _argument(node, i, x) if k == VALUE else x for i, (x, k) in enumerate(zip(xs, node.plan.arguments, strict=True))
    ]
    if node.plan.result == VALUE:
        if node.metas is None:
            y = _placed(node, RESULT, y, (node, 0))
        else:
            y = tuple(_placed(node, RESULT - i, p, (node, i)) for i, p in enumerate(y))
    return y, xs


def _argument(node: Node, position: int, x: Any) -> Any:
    """The tensor that was saved; one at its place where only its elements are left, or hooks have unpacked them."""
    a = node.args[position]
    if isinstance(a, Tensor) and a._data is x and (node.saved is None or position not in node.saved):
        return a
    return _placed(node, position, x, node.edges[position])


def _placed(node: Node, position: int, x: Any, edge: Any) -> Any:
    if not hasattr(x, "shape"):
        return x
    if position < 0 and RESULT - position in node.op.discrete_outputs:
        edge = None
    t = wrap(x)
    t._edge = edge
    if node.saved is not None and position in node.saved and node.saved[position].tangents:
        t._tangents = node.saved[position].tangents
    return t


def _leaf_of(node: Node, position: int) -> Tensor | None:
    e = node.edges[position] if position >= 0 else None
    return getattr(e[0], "variable", None) if e is not None else None


def read(node: Node, position: int) -> Any:
    """The saved tensor at a position, as `grad_fn._saved_self` shows it."""
    check_versions(node)
    y, xs = unpack_saved(node, tensors=True)
    if position >= 0:
        return xs[position]
    return y if node.metas is None else y[RESULT - position]


NAMES = ("self", "other", "third")
_POSITIONS = {
    "self": 0,
    "input": 0,
    "other": 1,
    "mat2": 1,
    "exponent": 1,
    "vec": 1,
    "result": RESULT,
    "result0": RESULT,
    "result1": RESULT - 1,
    "indices": RESULT - 1,
    "weight": 1,
    "bias": 2,
    "condition": 0,
    "tensors": 0,
    "target": 1,
}


def _read_by_name(node: Node, name: str) -> Any:
    raw = name.startswith("_raw_")
    key = name.removeprefix("_raw").removeprefix("_saved_")
    if node.plan is None:
        return node.saved_by_name(key, raw)
    if node.attrs and key in node.attrs:
        return node.attrs[key]
    position = _POSITIONS.get(key)
    if position is None:
        raise AttributeError(f"{node.name()!r} object has no attribute {name!r}")
    if node.checks is FREED:
        check_versions(node)
    kept = (
        node.plan.result == VALUE
        if position < 0
        else position < len(node.xs) and node.plan.arguments[position] == VALUE
    )
    if not kept:
        if position >= 0 and position < len(node.xs):
            return None
        raise AttributeError(f"{node.name()!r} object has no attribute {name!r}")
    if not raw:
        return read(node, position)
    found = (node.saved or {}).get(position)
    return found if found is not None and found.unpack is not None else SavedTensor(node, position)


Node._read_saved = _read_by_name
