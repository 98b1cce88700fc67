"""Applying an operator to tensors: compute, and record what the pull-back needs.

The straight road comes first and is short; whatever is out of the ordinary (promotion, saved-tensor hooks, forward
mode, inference, batches) takes the road below it.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any

from refgrad import dtypes
from refgrad.backends import namespace
from refgrad.graph import Node, node_type, sequence
from refgrad.modes import batching, enable_grad, state
from refgrad.rules import SHAPE, VALUE, Meta, Operator, Plan, cast, expand
from refgrad.saved import pack_saved
from refgrad.tensor import Tensor, accumulator, edge, gradient_edge, wrap

F32, F64 = dtypes.float32.array, dtypes.float64.array
_new = object.__new__
_next = sequence.__next__


def apply(op: Operator, args: Sequence[Any], attrs: dict[str, Any]) -> Any:  # noqa: C901, PLR0912, PLR0915 - calls cost
    """The operator's result as a tensor (or a tuple of them), recorded if an argument requires grad."""
    if not state.plain:
        return _apply_unusual(op, args, attrs)
    arrays, edges, mask, needed, dtype, usual = [], [], 1, False, None, True
    for a in args:
        mask += mask
        if type(a) is Tensor or isinstance(a, Tensor):
            x = a._data
            arrays.append(x)
            if x.dtype is not dtype:
                if dtype is None:
                    dtype, kind = x.dtype, type(x)
                else:
                    usual = False
            e = a._edge if a._base is None else edge(a)
            if e is not None:
                mask += 1
                needed = True
            elif a._requires:
                e = (accumulator(a), 0)
                mask += 1
                needed = True
            edges.append(e)
        else:
            arrays.append(a)
            edges.append(None)
            if type(a) is not float and type(a) is not int and a is not None:
                usual = False
    if usual and (dtype is F64 or dtype is F32):
        run = op.runs.get(kind) or op.bound(kind)
        try:
            y = run(*arrays, **attrs) if attrs else run(*arrays)
        except ValueError as error:
            raise _as_documented(error, arrays) from error
    else:
        y = _compute(op, arrays, attrs)
    if op.outputs != 1:
        return _several(op, args, attrs, arrays, edges, mask, y)
    if type(y) is not kind:
        y = namespace(y).asarray(y)
    out = _new(Tensor)
    out._data = y
    out._cell = cell = [0]
    out._edge = out._base = None
    out._requires = out._inference = False
    if op.view:
        _become_view(out, args[0], op, attrs, None)
        cell = out._cell
    if needed and op.differentiable and (y.dtype is dtype or y.dtype.kind in "fcV") and state.grad:
        plan = op.planned.get(mask) or _plan(op, mask, edges)
        node = _new(op.node_type or _node_type(op, args, attrs))
        node.op, node.attrs, node.edges, node.plan = op, attrs, edges, plan
        node.sequence = _next()
        node.shape, node.dtype = y.shape, y.dtype
        node.metas = node.hooks = node.saved = node.trace = node.metadata_ = None
        if plan.keeps:
            _save(node, plan, args, arrays, y, cell)
        else:
            node.checks = ()
            node.y = None
            node.xs = _shapes(plan, args, arrays) if plan.looks else plan.unused
        out._edge = (node, 0)
    return out


def _as_documented(error: ValueError, arrays: Sequence[Any]) -> Exception:
    """The array library's error as PyTorch's, where that is a RuntimeError: shapes that do not go together."""
    shapes = [x.shape for x in arrays if hasattr(x, "shape")]
    if not any(word in str(error) for word in _MISFITS):
        return error
    return RuntimeError(f"The sizes of the tensors {shapes} must match: {error}")


_MISFITS = ("broadcast", "mismatch", "cannot reshape", "must match", "not aligned")


def _shapes(plan: Plan, args: Sequence[Any], arrays: Sequence[Any]) -> list[Any]:
    """What remains of the arguments when no value is saved."""
    return [
        (Meta(x.shape, x.dtype) if isinstance(a, Tensor) else a) if k else None
        for k, x, a in zip(plan.arguments, arrays, args, strict=True)
    ]


def _save(node: Node, plan: Plan, args: Sequence[Any], arrays: list[Any], y: Any, cell: list[int]) -> None:
    if plan.whole:
        node.xs, checks = arrays, []
        for x, a in zip(arrays, args):  # noqa: B905 - as many; the check takes time
            if x is not a:  # a tensor's array
                checks.append(_check(a))
    else:
        node.xs, checks = _saved(plan, arrays, args)
    if plan.result == VALUE:
        node.y = y
        checks.append((cell, cell[0]))
    else:
        node.y = Meta(y.shape, y.dtype) if plan.result else None
    node.checks = checks


def _saved(plan: Plan, arrays: Sequence[Any], args: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """What is saved of the arguments, and the version counters to check."""
    xs, checks = [], []
    for k, x, a in zip(plan.arguments, arrays, args, strict=True):
        if k == VALUE:
            xs.append(x)
            if x is not a:
                checks.append(_check(a))
        elif k and x is not a:
            xs.append(Meta(x.shape, x.dtype))
        else:
            xs.append(x if k else None)
    return xs, checks


def _check(a: Tensor) -> tuple[list[int], int]:
    """The version counter of a tensor, and where it stands."""
    if a._inference:
        raise RuntimeError(
            "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
            "computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and "
            "use it "
            "in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
        )
    return a._cell, a._cell[0]


def _node_type(op: Operator, args: Sequence[Any], attrs: dict[str, Any]) -> type[Node]:
    if isinstance(op.node, str):
        op.node_type = node_type(op.node)
        return op.node_type
    return node_type(op.node_name(args, attrs))


def _plan(op: Operator, mask: int, edges: Sequence[Any]) -> Plan:
    found = op.planned[mask] = op.plan(tuple(e is not None for e in edges))
    missing = [i for i, e in enumerate(edges) if e is not None and not op.is_pullable(i)]
    if missing:
        del op.planned[mask]
        raise NotImplementedError(f"the derivative for argument {missing[0]} of '{op.name}' is not implemented")
    return found


# --- computing with PyTorch's promotion -------------------------------------------------------------------------------


def _compute(op: Operator, arrays: list[Any], attrs: dict[str, Any]) -> Any:
    """The kernel's result on promoted arguments, or PyTorch's error."""
    try:
        return _computed(op, arrays, attrs)
    except ValueError as error:
        raise _as_documented(error, arrays) from error


def _computed(op: Operator, arrays: list[Any], attrs: dict[str, Any]) -> Any:
    """The kernel's result on promoted arguments; half precision is computed in float32 and rounded once."""
    tensors = [x for x in arrays if hasattr(x, "dtype")]
    if any(type(x.dtype).__module__.startswith("refgrad") for x in tensors):
        return op.kernel(namespace(*arrays), *arrays, **attrs)
    target = None
    if op.promotes is not None:
        target = promoted(arrays)
        if op.promotes == "float" and target.category < dtypes.FLOATING:
            target = dtypes.get_default_dtype()
        target = target.array
        arrays = [_cast(x, target) if hasattr(x, "dtype") else _number(x, target) for x in arrays]
    halves = {x.dtype for x in arrays if hasattr(x, "dtype")} & dtypes.HALF
    xp = namespace(*arrays)
    if not halves or op.view:
        return op.kernel(xp, *arrays, **attrs)
    low = target if target in dtypes.HALF else next(iter(halves))
    wide = [_cast(x, F32) if hasattr(x, "dtype") and x.dtype in dtypes.HALF else x for x in arrays]
    y = op.kernel(xp, *wide, **attrs)
    return tuple(_rounded(xp, p, low) for p in y) if isinstance(y, tuple) else _rounded(xp, y, low)


def _rounded(xp: Any, y: Any, low: Any) -> Any:
    y = xp.asarray(y)
    return y.astype(low) if y.dtype is F32 or y.dtype == F32 else y


def _cast(x: Any, dtype: Any) -> Any:
    return x if x.dtype == dtype or x.dtype.kind == "O" else namespace(x).cast(x, dtype)


def _number(x: Any, dtype: Any) -> Any:
    """A number as the array library takes it beside arrays of `dtype`."""
    if isinstance(x, bool) and dtype.kind != "b":
        return int(x)
    return float(x) if isinstance(x, int) and dtype.kind in "fV" else x


def promoted(values: Sequence[Any]) -> dtypes.dtype:
    """The dtype that PyTorch computes in for these arrays and numbers."""
    arrays = [x for x in values if hasattr(x, "dtype")]
    return dtypes.result_type(
        [dtypes.of(x.dtype) for x in arrays if x.shape],
        [dtypes.of(x.dtype) for x in arrays if not x.shape],
        [x for x in values if isinstance(x, (bool, int, float, complex))],
    )


# --- several results, views -------------------------------------------------------------------------------------------


def _several(
    op: Operator, args: Sequence[Any], attrs: Any, arrays: list[Any], edges: list[Any], mask: int, ys: Any
) -> tuple[Tensor, ...]:
    xp = namespace(*arrays)
    outs = tuple(wrap(xp.asarray(y)) for y in ys)
    if op.view:
        for i, out in enumerate(outs):
            _become_view(out, args[0], op, attrs, i)
    if mask & (mask - 1) == 0 and not any(e is not None for e in edges):
        return outs
    if not (state.grad and op.differentiable and any(e is not None for e in edges)):
        return outs
    _record(op, args, attrs, arrays, edges, mask, outs)
    return outs


def _record(
    op: Operator,
    args: Sequence[Any],
    attrs: Any,
    arrays: list[Any],
    edges: list[Any],
    mask: int,
    outs: tuple[Tensor, ...],
) -> Node:
    """A node for these results, which become its tensors."""
    node = _new(op.node_type or _node_type(op, args, attrs))
    node.op, node.attrs, node.edges, node.sequence = op, attrs, edges, _next()
    node.plan = op.planned.get(mask) or _plan(op, mask, edges)
    node.hooks = node.saved = node.trace = node.metadata_ = None
    if op.outputs == 1:
        y = outs[0]._data
        node.metas, node.shape, node.dtype = None, y.shape, y.dtype
        _save(node, node.plan, args, arrays, y, outs[0]._cell)
    else:
        node.xs, node.checks = _saved(node.plan, arrays, args)
        node.metas = tuple((o._data.shape, o._data.dtype) for o in outs)
        node.shape = node.dtype = None
        keeps = range(len(outs)) if op.keeps is None else op.keeps
        node.y = None
        if node.plan.result == VALUE:
            node.y = tuple(o._data if i in keeps else None for i, o in enumerate(outs))
            node.checks = [*node.checks, *((outs[i]._cell, outs[i]._cell[0]) for i in keeps)]
        elif node.plan.result == SHAPE:
            node.y = tuple(Meta(*m) for m in node.metas)
    for i, out in enumerate(outs):
        if i not in op.discrete_outputs and out._data.dtype.kind in "fcV":
            out._edge = (node, i)
            out._seen = out._cell[0]
    return node


def _become_view(out: Tensor, x: Tensor, op: Operator, attrs: Any, position: int | None) -> None:
    """Makes `out` a view of `x`, unless the kernel had to copy."""
    if not namespace(out._data).may_share_memory(out._data, x._data):
        return
    out._cell = x._cell
    out._seen = x._cell[0]
    out._base = x if x._base is None else x._base
    out._replay = (*x._replay, (op, attrs, position))
    out._inference = x._inference
    if position is not None or x._several:
        out._several = True
    out._made_without_grad = x._made_without_grad or not (state.grad and not state.inference)


# --- the unusual road -------------------------------------------------------------------------------------------------


def _apply_unusual(op: Operator, args: Sequence[Any], attrs: dict[str, Any]) -> Any:  # noqa: C901 - one case after the other
    if state.transforms and any(isinstance(a, Tensor) and a._level is not None for a in args):
        return batching.operator(op, args, attrs)
    arrays = [a._data if isinstance(a, Tensor) else a for a in args]
    recording = state.grad and not state.inference and op.differentiable
    edges = [gradient_edge(a) if isinstance(a, Tensor) else None for a in args]
    mask = 1
    for e in edges:
        mask = 2 * mask + (e is not None)
    ys = _compute(op, arrays, attrs)
    xp = namespace(*arrays)
    meta = state.meta and _is_meta(args)
    outs = tuple(wrap(xp.asarray(y)) for y in (ys if op.outputs != 1 else (ys,)))
    for i, out in enumerate(outs):
        if op.view:
            _become_view(out, args[0], op, attrs, i if op.outputs != 1 else None)
        if out._base is None:
            out._inference = state.inference
        if meta:
            out._meta = True
    tangents = state.forward and any(isinstance(a, Tensor) and a._tangents for a in args)
    if tangents:
        for out in outs:
            out._tangents = {}
    if recording and any(e is not None for e in edges) and any(o._data.dtype.kind in "fcV" for o in outs):
        node = _record(op, args, attrs, arrays, edges, mask, outs)
        _save_unusual(node, args, outs)
    if tangents:
        _push(op, args, attrs, outs)
    return outs if op.outputs != 1 else outs[0]


def _is_meta(args: Sequence[Any]) -> bool:
    """Whether the result is without data, as all arguments but numbers in tensors must then be."""
    tensors = [a for a in args if isinstance(a, Tensor)]
    if any(a._meta for a in tensors) and not all(a._meta or not a._data.shape for a in tensors):
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, cpu and meta!"
        )
    return any(a._meta for a in tensors)


def _save_unusual(node: Node, args: Sequence[Any], outs: tuple[Tensor, ...]) -> None:
    """Tangents, packed values and the trace that a node keeps in unusual modes."""
    if state.anomaly:
        node.trace = (traceback.extract_stack()[:-3], state.evaluating)
    pack_saved(node, args, outs)


def _push(op: Operator, args: Sequence[Any], attrs: dict[str, Any], outs: tuple[Tensor, ...]) -> None:
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


def refresh(x: Tensor) -> None:
    """Brings the place of a view in the graph up to date after its base was modified: the view operations are
    repeated.
    """
    base = x._base
    x._seen = x._cell[0]
    if not (base._requires or base._edge is not None):
        return
    if x._several:
        raise RuntimeError(
            "This tensor is a view and its base or another view of its base has been modified inplace. This view is "
            "the "
            "output of a function that returns multiple views. Such functions do not allow the output views to be "
            "modified "
            "inplace. You should replace the inplace operation by an out-of-place one."
        )
    with enable_grad():
        y = base
        for op, attrs, position in x._replay:
            y = apply(op, (y,), attrs)
            y = y if position is None else y[position]
    x._edge = y._edge


Tensor.__apply__ = staticmethod(apply)
Tensor._refresh = refresh
