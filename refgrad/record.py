"""Applying an operator to tensors: compute, and record what the pull-back needs.

The straight road comes first and is short; whatever is out of the ordinary (promotion, saved-tensor hooks, forward
mode, inference, batches) takes the road below it.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any

from refgrad import dtypes
from refgrad.backends import are_all_here, namespace, of_type
from refgrad.devices import on_one_device
from refgrad.dispatch import through_modes
from refgrad.graph import Node, sequence
from refgrad.modes import batching, masking, state
from refgrad.promotion import as_documented, compute
from refgrad.rules import SHAPE, VALUE, Meta, Operator, to_device
from refgrad.saved import pack_saved
from refgrad.saving import plan_of, save, saved_parts
from refgrad.tangents import push_tangents
from refgrad.tensor import Tensor, accumulator, gradient_edge, is_masked, wrap
from refgrad.views import become_view

F32, F64 = dtypes.float32.array, dtypes.float64.array

_new = object.__new__

_next = sequence.__next__


def apply(op: Operator, args: Sequence[Any], attrs: dict[str, Any]) -> Any:  # noqa: C901, PLR0912, PLR0915 - calls cost
    """The operator's result as a tensor (or a tuple of them), recorded if an argument requires grad."""
    if not state.plain:
        return _apply_unusual(op, args, attrs)
    count = len(args)
    if count == 2 and type(a := args[0]) is Tensor is type(b := args[1]):  # what `_operands` gives, without its loop
        x, z = arrays = a._data, b._data
        dtype, kind = x.dtype, type(x)
        e = a._edge if a._base is None else gradient_edge(a)
        if e is None and a._requires:
            e = accumulator(a), 0
        f = b._edge if b._base is None else gradient_edge(b)
        if f is None and b._requires:
            f = accumulator(b), 0
        edges, mask = (e, f), 4 + 2 * (e is not None) + (f is not None)
        usual = z.dtype is dtype and (dtype is F64 or dtype is F32) and type(z) is kind
    elif count == 1 and type(a := args[0]) is Tensor:
        arrays = (x := a._data,)
        dtype, kind = x.dtype, type(x)
        e = a._edge if a._base is None else gradient_edge(a)
        if e is None and a._requires:
            e = accumulator(a), 0
        edges, mask = (e,), 2 + (e is not None)
        usual = dtype is F64 or dtype is F32
    else:
        arrays, edges, mask, dtype, kind, usual = _operands(args)
        if usual is None:
            return masking.operator(op, args, attrs)
    if usual:
        run = op.runs.get(kind) or op.bound(kind)
        try:
            y = run(*arrays, **attrs) if attrs else run(*arrays)
        except ValueError as error:
            raise as_documented(error, arrays) from error
    elif are_all_here() or not (aligned := on_one_device(op, args, arrays)):
        y = compute(op, arrays, attrs)
    else:
        return apply(op, aligned, attrs)
    simple = op.is_simple
    if not simple and op.outputs != 1:
        return _several(op, args, attrs, arrays, edges, mask, y)
    if type(y) is not kind and op is not to_device:
        y = (of_type(kind) if usual else namespace(y)).asarray(y)
    out = _new(Tensor)
    out._data = y
    out._cell = cell = [0]
    out._edge = out._base = None
    out._requires = out._inference = False
    if not simple and op.view:
        become_view(out, args[0], op, attrs, None)
        cell = out._cell
    if (
        mask & (mask - 1)
        and state.grad
        and (simple or op.differentiable)
        and ((made := y.dtype) is dtype or made.kind in "fcV")
    ):
        node = Node()
        node.op, node.attrs, node.edges = op, attrs, edges
        if not simple and op.is_renamed:
            node.title = op.node(*arrays, **attrs)
        node.plan = plan = op.planned.get(mask) or plan_of(op, mask, edges)
        node.sequence = _next()
        node.shape, node.dtype = y.shape, made
        node.metas = node.hooks = node.saved = node.trace = node.metadata_ = None
        plan.save(node, plan, args, arrays, y, cell)
        out._edge = node, 0
    return out


def _operands(args: Sequence[Any]) -> tuple[Any, ...]:
    """The arrays of the arguments, their edges, which of these there are (a bit each, after a leading one), the first
    array's dtype and type, and whether it goes without promotion: None where one of them is masked.
    """
    arrays, edges, mask, dtype, kind, usual = [], [], 1, None, None, True
    for a in args:
        e, x = None, a
        if type(a) is Tensor or isinstance(a, Tensor):
            x = a._data
            if type(a) is not Tensor and a._mask is not None:
                return None, None, 1, None, None, None
            if x.dtype is not dtype:
                if dtype is None:
                    dtype, kind = x.dtype, type(x)
                else:
                    usual = False
            elif type(x) is not kind:
                usual = False
            e = a._edge if a._base is None else gradient_edge(a)
            if e is None and a._requires:
                e = accumulator(a), 0
        elif type(a) is not float and type(a) is not int and a is not None:
            usual = False
        arrays.append(x)
        edges.append(e)
        mask += mask + (e is not None)
    return arrays, edges, mask, dtype, kind, usual and (dtype is F64 or dtype is F32)


# --- several results, views -------------------------------------------------------------------------------------------


def _several(
    op: Operator, args: Sequence[Any], attrs: Any, arrays: Sequence[Any], edges: Sequence[Any], mask: int, ys: Any
) -> tuple[Tensor, ...]:
    xp = namespace(*arrays)
    outs = tuple(wrap(xp.asarray(y)) for y in ys)
    if op.view:
        for i, out in enumerate(outs):
            become_view(out, args[0], op, attrs, i)
    if mask & (mask - 1) == 0 and not any(e is not None for e in edges):
        return outs
    if not (state.grad and op.differentiable and any(e is not None for e in edges)):
        return outs
    record(op, args, attrs, arrays, edges, mask, outs)
    return outs


def record(
    op: Operator,
    args: Sequence[Any],
    attrs: Any,
    arrays: Sequence[Any],
    edges: Sequence[Any],
    mask: int,
    outs: tuple[Tensor, ...],
) -> Node:
    """A node for these results, which become its tensors."""
    node = Node()
    node.op, node.attrs, node.edges, node.sequence = op, attrs, edges, _next()
    if op.is_renamed:
        node.title = op.node(*arrays, **attrs)
    node.plan = op.planned.get(mask) or plan_of(op, mask, edges)
    node.hooks = node.saved = node.trace = node.metadata_ = None
    if op.outputs == 1:
        y = outs[0]._data
        node.metas, node.shape, node.dtype = None, y.shape, y.dtype
        save(node, node.plan, args, arrays, y, outs[0]._cell)
    else:
        node.xs, node.args, node.checks = saved_parts(node.plan, arrays, args)
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


# --- the unusual road -------------------------------------------------------------------------------------------------


def _apply_unusual(op: Operator, args: Sequence[Any], attrs: dict[str, Any]) -> Any:  # noqa: C901, PLR0912 - one case after the other
    if state.transforms and any(isinstance(a, Tensor) and a._level is not None for a in args):
        return batching.operator(op, args, attrs)
    if any(map(is_masked, args)):
        return masking.operator(op, args, attrs)
    arrays = [a._data if isinstance(a, Tensor) else a for a in args]
    if not are_all_here() and (aligned := on_one_device(op, args, arrays)):
        return apply(op, aligned, attrs)
    recording = state.grad and not state.inference and op.differentiable
    edges = [gradient_edge(a) if isinstance(a, Tensor) else None for a in args]
    mask = 1
    for e in edges:
        mask = 2 * mask + (e is not None)
    meta = state.meta and _is_meta(args)
    if state.dispatch:
        outs = through_modes(op, args, attrs)
    else:
        ys, xp = compute(op, arrays, attrs), namespace(*arrays)
        ys = ys if op.outputs != 1 else (ys,)
        outs = tuple(wrap(y if op is to_device else xp.asarray(y)) for y in ys)
    for i, out in enumerate(outs):
        if op.view:
            become_view(out, args[0], op, attrs, i if op.outputs != 1 else None)
        if not (op.view and out._cell is args[0]._cell):
            out._inference = state.inference
        if meta:
            out._meta = True
    tangents = state.forward and any(isinstance(a, Tensor) and a._tangents for a in args)
    if tangents:
        for out in outs:
            out._tangents = {}
    if recording and any(e is not None for e in edges) and any(o._data.dtype.kind in "fcV" for o in outs):
        node = record(op, args, attrs, arrays, edges, mask, outs)
        _save_unusual(node, args, outs)
        if state.stream is not None:
            node._own_hooks().stream = state.stream
    if tangents:
        push_tangents(op, args, attrs, outs)
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


Tensor.__apply__ = staticmethod(apply)
