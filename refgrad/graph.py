"""The recorded graph: a node per operation, holding what its rules need and the edges to the nodes before it.

An edge is a pair `(node, i)`: the i-th result of the node's operation. What walks the graph is in `refgrad.backward`.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Self

sequence = itertools.count(1)
LATEST = 1 << 62
"""Accumulation into leaves comes as early as it can: its numbers are above all others, falling from leaf to leaf."""


class Handle:
    """What removes a hook; also a context that removes it at the end."""

    __slots__ = ("_hooks", "id")
    _ids = itertools.count()

    def __init__(self, hooks: OrderedDict[int, Any], hook: Any, *, first: bool = False) -> None:
        self._hooks, self.id = hooks, next(Handle._ids)
        hooks[self.id] = hook
        if first:
            hooks.move_to_end(self.id, last=False)

    def remove(self) -> None:
        """Takes the hook away; a second call does nothing."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class NodeHooks:
    """The hooks of a node: on its results' gradients, before and after it runs, and the tensors that retain
    gradients.
    """

    __slots__ = ("post", "pre", "retain", "stream", "tensor")

    def __init__(self) -> None:
        self.tensor: dict[int, OrderedDict[int, Callable[..., Any]]] = {}
        self.pre: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        self.post: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        self.retain: dict[int, Any] = {}  # result position -> weak reference to its tensor
        self.stream: Any = None  # the stream of the device that the forward operation ran on

    def of_result(self, i: int) -> OrderedDict[int, Callable[..., Any]]:
        """The tensor hooks of one result."""
        return self.tensor.setdefault(i, OrderedDict())


class Node:
    """One recorded operation; its type's name is what PyTorch prints, such as ``MulBackward0``."""

    __slots__ = (
        "__weakref__", "args", "attrs", "checks", "dtype", "edges", "hooks", "metadata_", "metas",
        "op", "plan", "saved", "sequence", "shape", "title", "trace", "xs", "y",
    )  # fmt: skip
    op: Any  # the operator and its attributes
    attrs: Any
    plan: Any  # what its rules need, and how they are called; None for nodes that are no operation
    edges: Any  # for each argument the place that its gradient goes to, or None
    xs: Any  # what was saved of the arguments, as arrays
    y: Any  # and of the result
    args: Any  # the saved tensors themselves
    checks: Any  # pairs of a version counter and the version that was saved
    saved: Any  # saved tensors that are more than an array, by position
    shape: Any  # of the one result
    dtype: Any
    metas: Any  # or both of each of several results
    sequence: int
    hooks: Any  # `NodeHooks`, once there are any
    metadata_: dict[str, Any] | None
    title: str
    trace: Any  # in anomaly mode: the stack of the forward pass, and the node that was running
    on_tensors = False
    """Whether the node computes on tensors even when nothing is recorded (custom functions)."""

    def named(self) -> Node:
        """The node itself, now of the type that bears its name.

        It takes that type when it is first shown to someone: attributes are fast where all objects are of one type.
        """
        if type(self) is Node:
            self.__class__ = node_type(self.title if self.op.is_renamed else self.op.node)
        return self

    def name(self) -> str:
        """The name that PyTorch gives to the operation."""
        return type(self.named()).__name__

    @property
    def metadata(self) -> dict[str, Any]:
        """A dictionary that belongs to the node, for its users."""
        if self.metadata_ is None:
            self.metadata_ = {}
        return self.metadata_

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """The edges to the operations before this one, one for each argument that PyTorch counts."""
        return tuple((None, 0) if e is None else (e[0].named(), e[1]) for e in self.edges)

    def register_hook(self, hook: Callable[..., Any]) -> Handle:
        """Calls ``hook(grad_inputs, grad_outputs)`` after the node has run; a returned tuple replaces the former."""
        return Handle(self._own_hooks().post, hook)

    def register_prehook(self, hook: Callable[..., Any]) -> Handle:
        """Calls ``hook(grad_outputs)`` before the node runs; a returned tuple replaces them."""
        return Handle(self._own_hooks().pre, hook)

    def _own_hooks(self) -> NodeHooks:
        if self.hooks is None:
            self.hooks = NodeHooks()
        return self.hooks

    def _sequence_nr(self) -> int:
        return self.sequence

    def _input_metadata(self) -> tuple[Any, ...]:
        return self.metas or ((self.shape, self.dtype),)

    def release(self) -> None:
        """Drops what was saved; a later pull raises, if anything had been."""
        if self.plan is not None and self.plan.keeps:
            self.saved = self.xs = self.y = self.args = None
            self.checks = FREED

    def _read_saved(self, name: str) -> Any:
        """A saved value by the name that PyTorch gives it; `refgrad.saved` knows how."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_saved_", "_raw_saved_")):
            return self._read_saved(name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


FREED: tuple[Any, ...] = (((-1,), 0),)
"""The checks of a node whose saved values are gone: they always fail."""


def node_type(name: str, base: type[Node] = Node) -> type[Node]:
    """The type of the nodes of this name."""
    key = name, base
    found = _TYPES.get(key)
    if found is None:
        found = _TYPES[key] = type(name, (base,), {"__slots__": (), "__module__": "refgrad.graph"})
    return found


_TYPES: dict[tuple[str, type[Node]], type[Node]] = {}


class AccumulateGrad(Node):
    """Where a gradient arrives at a leaf."""

    __slots__ = ("variable",)

    def __init__(self, variable: Any) -> None:
        self.variable = variable
        self.shape, self.dtype = variable._data.shape, variable._data.dtype
        self.sequence = LATEST - next(sequence)
        self.op = self.plan = self.metas = self.hooks = self.metadata_ = self.saved = self.trace = None
        self.edges = ()


def check_versions(node: Node) -> None:
    """Raises if the graph was freed or something that the node saved was modified since."""
    if node.checks is FREED:
        raise RuntimeError(
            "Trying to backward through the graph a second time (or directly access saved tensors after they have "
            "already "
            "been freed). Saved intermediate values of the graph are freed when you call .backward() or "
            "autograd.grad(). "
            "Specify retain_graph=True if you need to backward through the graph a second time or if you need to "
            "access "
            "saved tensors after calling backward."
        )
    for cell, version in node.checks:
        if cell[0] != version:
            raise RuntimeError(
                "one of the variables needed for gradient computation has been modified by an inplace operation: "
                f"{_described(node, cell)} is at version {cell[0]}; expected version {version} instead. "
                "Hint: enable anomaly detection "
                "to find the operation that failed to compute its gradient, with "
                "torch.autograd.set_detect_anomaly(True)."
            )


def _described(node: Node, cell: list[int]) -> str:
    """The saved tensor with this version counter, and the operation that it is a result of."""
    if node.plan is None:
        return f"[a tensor that {node.name()} saved]"
    x = next((a for a in node.args or () if getattr(a, "_cell", None) is cell), None)
    if x is None:
        made, shape = (node, 0), node.shape if node.metas is None else node.metas[0][0]
    else:
        made, shape = x._edge, x._data.shape
    text = f"[a tensor {list(shape)}]" if x is None else f"[{x.type()} {list(shape)}]"
    if made is None:
        return text
    return f"{text}, which is output {made[1]} of {made[0].name().partition('Backward')[0]},"
