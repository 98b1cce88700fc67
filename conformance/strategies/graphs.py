"""A strategy for small random programs: fan-out, reuse and diamonds, broadcast pairs, views, in-place steps, detached values.

Only well-conditioned, defined programs come out: every node carries its value, and an operator is applied where it is smooth,
moderate in size and far from its kinks. Nothing undefined, no false alarm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from conformance.operators.sampling import Range
from conformance.program import Program
from conformance.recorder import Handle, Recorder
from conformance.strategies.values import arrays

_LARGEST = 20.0  # values stay below, so that no sum of terms loses what a small one says
_APART = 0.05  # the distance to a kink, and between what is compared


@dataclass
class Node:
    """A tensor of the program that is being drawn, with its value and the leaves to which a gradient flows from it."""

    handle: Handle
    value: np.ndarray
    sources: frozenset[int] = frozenset()


Numeric = Callable[..., np.ndarray]
Guard = Callable[..., bool]


@dataclass(frozen=True)
class Step:
    """An operator that a program may apply: how it computes, and where it is smooth and moderate."""

    name: str
    arity: int
    numeric: Numeric
    guard: Guard
    draw: Callable[[Any, tuple[np.ndarray, ...]], dict[str, Any]] = lambda _draw, _xs: {}
    dimensions: int = 0  # that the first operand must have, for attributes to be drawn


def _always(*_xs: np.ndarray, **_kw: Any) -> bool:
    return True


def _positive(x: np.ndarray) -> bool:
    return bool((x > 0.1).all())


def _off_zero(x: np.ndarray) -> bool:
    return bool((np.abs(x) > _APART).all())


def _matrices(a: np.ndarray, b: np.ndarray) -> bool:
    return a.ndim == b.ndim == 2 and a.shape[1] == b.shape[0]


def _broadcast(a: np.ndarray, b: np.ndarray) -> bool:
    try:
        return np.broadcast_shapes(a.shape, b.shape) is not None
    except ValueError:
        return False


def _compared(a: np.ndarray, b: np.ndarray) -> bool:
    return _broadcast(a, b) and bool((np.abs(a - b) > _APART).all())


def _some_dim(draw: st.DrawFn, xs: tuple[np.ndarray, ...]) -> int:
    return draw(st.integers(-xs[0].ndim, xs[0].ndim - 1))


def _reduced(draw: st.DrawFn, xs: tuple[np.ndarray, ...]) -> dict[str, Any]:
    dims = draw(st.lists(st.integers(0, xs[0].ndim - 1), unique=True, min_size=1).map(lambda d: tuple(sorted(d))))
    return {"dim": dims, "keepdim": draw(st.booleans())}


def _sliced(draw: st.DrawFn, xs: tuple[np.ndarray, ...]) -> dict[str, Any]:
    length = xs[0].shape[0]
    start = draw(st.integers(0, length - 1))
    return {"index": (slice(start, None, draw(st.integers(1, 2))),)}


def _distinct_along(x: np.ndarray, *, dim: Any, **_kw: Any) -> bool:
    (axis,) = dim
    if x.shape[axis] < 2:
        return True
    gaps = np.diff(np.sort(x, axis=axis), axis=axis)
    return bool((gaps > _APART).all())


def _elementwise(name: str, numeric: Numeric, guard: Guard = _always) -> Step:
    return Step(name, 1, numeric, guard)


STEPS: tuple[Step, ...] = (
    _elementwise("sin", np.sin),
    _elementwise("cos", np.cos),
    _elementwise("tanh", np.tanh),
    _elementwise("exp", np.exp, lambda x: bool((x < 2.5).all())),
    _elementwise("neg", np.negative),
    _elementwise("square", np.square, lambda x: bool((np.abs(x) < 4).all())),
    _elementwise("sqrt", np.sqrt, _positive),
    _elementwise("log", np.log, _positive),
    _elementwise("reciprocal", lambda x: 1 / x, lambda x: bool((np.abs(x) > 0.2).all())),
    _elementwise("abs", np.abs, _off_zero),
    _elementwise("sigmoid", lambda x: 1 / (1 + np.exp(-x))),
    Step("clamp", 1, lambda x, *, min, max: np.clip(x, min, max),
         lambda x, **_: bool((np.abs(np.abs(x) - 1) > _APART).all()), lambda _d, _x: {"min": -1.0, "max": 1.0}),
    Step("add", 2, np.add, _broadcast),
    Step("sub", 2, np.subtract, _broadcast),
    Step("mul", 2, np.multiply, _broadcast),
    Step("div", 2, np.divide, lambda a, b: _broadcast(a, b) and bool((np.abs(b) > 0.2).all())),
    Step("maximum", 2, np.maximum, _compared),
    Step("minimum", 2, np.minimum, _compared),
    Step("matmul", 2, np.matmul, _matrices),
    Step("sum", 1, lambda x, *, dim, keepdim: x.sum(axis=dim, keepdims=keepdim), _always, _reduced, 1),
    Step("mean", 1, lambda x, *, dim, keepdim: x.mean(axis=dim, keepdims=keepdim), _always, _reduced, 1),
    Step("amax", 1, lambda x, *, dim, keepdim: x.max(axis=dim, keepdims=keepdim), _distinct_along,
         lambda d, x: {"dim": (_some_dim(d, x),), "keepdim": d(st.booleans())}, 1),
    Step("unsqueeze", 1, lambda x, *, dim: np.expand_dims(x, dim), _always,
         lambda d, x: {"dim": d(st.integers(0, x[0].ndim))}),
    Step("permute", 1, lambda x, *, dims: x.transpose(dims), _always,
         lambda d, x: {"dims": tuple(d(st.permutations(range(x[0].ndim))))}, 2),
    Step("reshape", 1, lambda x, *, shape: x.reshape(shape), _always,
         lambda d, x: {"shape": d(st.sampled_from(((-1,), (x[0].size, 1), (1, x[0].size))))}),
    Step("expand", 1, lambda x, *, size: np.broadcast_to(x, size), lambda x, **_: x.size <= 12,
         lambda d, x: {"size": (d(st.integers(1, 3)), *x[0].shape)}),
    Step("getitem", 1, lambda x, *, index: x[index], _always, _sliced, 1),
)  # fmt: skip

_SHAPES = ((), (1,), (3,), (2, 3), (1, 3), (2, 1), (3, 2), (2, 2, 3))


@st.composite
def graphs(
    draw: st.DrawFn, dtype: str = "float64", *, detached: bool = False, inplace: bool = False, order: int = 1
) -> Program:
    """Programs that compute one or two outputs from up to three leaves, and end in their gradients for signed cotangents.

    `detached` lets them cut values from their history, `inplace` lets them change tensors; at order 2 they differentiate
    gradients that were recorded with ``create_graph``.
    """
    p = Recorder(dtype)
    nodes = [_leaf(draw, p, k) for k in range(draw(st.integers(1, 3)))]
    if not any(n.sources for n in nodes):
        nodes.append(_leaf(draw, p, len(nodes), grows=True))
    leaves = [n for n in nodes if n.sources]
    for _ in range(draw(st.integers(1, 6))):
        node = _applied(draw, p, nodes, detached=detached, inplace=inplace)
        if node is not None:
            nodes.append(node)
    if detached or inplace:
        nodes.append(_closing(draw, p, nodes, detached=detached))
    outputs = _outputs(draw, nodes)
    if order == 2:
        outputs = _recorded_gradients(draw, p, leaves, outputs)
    weights = tuple(p.constant(draw(_cotangents(n.value.shape))) for n in outputs)
    found = p.grad(tuple(n.handle for n in outputs), tuple(n.handle for n in leaves), weights, allow_unused=True)
    for g in found:
        p._observe("value", (g,))
    return p.program()


def _leaf(draw: st.DrawFn, p: Recorder, slot: int, *, grows: bool | None = None) -> Node:
    shape = draw(st.sampled_from(_SHAPES))
    value = draw(arrays(shape, Range(0.3, 2.0, signed=draw(st.booleans())), slot)).astype(p.dtype)
    grows = draw(st.booleans()) if grows is None else grows
    return Node(p.leaf(value, requires_grad=grows), value.astype(np.float64), frozenset({slot} if grows else ()))


def _cotangents(shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray]:
    return arrays(shape, Range(0.3, 2.0, signed=True))


def _applied(draw: st.DrawFn, p: Recorder, nodes: list[Node], *, detached: bool, inplace: bool) -> Node | None:
    step = draw(st.sampled_from(STEPS))
    chosen = [draw(st.sampled_from(nodes)) for _ in range(step.arity)]
    values = tuple(n.value for n in chosen)
    if values[0].ndim < step.dimensions:
        return None
    attributes = step.draw(draw, values)
    if not step.guard(*values, **attributes):
        return None
    value = step.numeric(*values, **attributes)
    if not value.size or value.size > 40 or not (np.abs(value) < _LARGEST).all():
        return None
    handles = [n.handle for n in chosen]
    sources = frozenset().union(*(n.sources for n in chosen))
    if inplace and step.name in ("add", "sub", "mul") and value.shape == values[0].shape and draw(st.booleans()):
        changed = getattr(p.op("clone", handles[0]), f"{step.name}_")(handles[1])
        return Node(changed, value, sources)
    result = p.op(step.name, *handles, **attributes)
    if detached and sources and draw(st.integers(0, 3)) == 0:
        return Node(result.detach(), value)
    return Node(result, value, sources)


def _closing(draw: st.DrawFn, p: Recorder, nodes: list[Node], *, detached: bool) -> Node:
    """A product of a node with its own detached value, or a copy of it that is multiplied in place: what the program is about."""
    node = draw(st.sampled_from([n for n in nodes if n.sources]))
    if detached:
        return Node(p.op("mul", node.handle, node.handle.detach()), node.value**2, node.sources)
    other = draw(st.sampled_from([n for n in nodes if n.value.shape in ((), node.value.shape)]))
    changed = p.op("clone", node.handle).mul_(other.handle)
    return Node(changed, node.value * other.value, node.sources | other.sources)


def _outputs(draw: st.DrawFn, nodes: list[Node]) -> list[Node]:
    """The last node to which a gradient flows, and at times one before it."""
    growing = [n for n in nodes if n.sources]
    outputs = [growing[-1]]
    if len(growing) > 1 and draw(st.booleans()):
        outputs.append(draw(st.sampled_from(growing[:-1])))
    return outputs


def _recorded_gradients(draw: st.DrawFn, p: Recorder, leaves: list[Node], outputs: list[Node]) -> list[Node]:
    """Gradients of the outputs' squares, which depend on the leaves whatever the program is."""
    squares = tuple(p.op("mul", n.handle, n.handle) for n in outputs)
    weights = tuple(p.constant(draw(_cotangents(n.value.shape))) for n in outputs)
    reached = [n for n in leaves if any(n is o for o in outputs)] or leaves
    sources = frozenset().union(*(n.sources for n in outputs))
    reached = [n for n in leaves if n.sources <= sources]
    found = p.grad(squares, tuple(n.handle for n in reached), weights, create_graph=True)
    return [Node(g, n.value, sources) for g, n in zip(found, reached, strict=True)]
