"""Strategies that propose operator cases as programs: inputs, layouts, cotangents and what is differentiated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from conformance.operators.sampling import Range, Sampling
from conformance.program import Program
from conformance.recorder import Handle, Recorder
from conformance.strategies.values import arrays, chosen, cotangents, matrices
from conformance.strategies.variations import VJP, Variation, allows, differentiated

OutputShapes = Callable[[Program], list[tuple[int, ...]]]
"""The shapes of the outputs that a value program reads, in order: some engine must know them."""


@st.composite
def operator_programs(draw: st.DrawFn, variation: Variation, dtype: str, shapes_of: OutputShapes) -> Program:
    """Programs of this class: the operator applied to leaves, with its values read, or its gradients."""
    inputs = _draw_inputs(draw, variation, dtype)
    value = _record(variation, dtype, inputs, None)
    if variation.group != VJP:
        return value
    shapes = shapes_of(value)
    outputs = _floating(variation, len(shapes))
    kind = variation.cotangent
    drawn = [draw(cotangents(_cotangent_shape(shapes[i], kind), kind)) for i in outputs]
    return _record(variation, dtype, inputs, list(zip(outputs, drawn, [shapes[i] for i in outputs], strict=True)))


def _floating(variation: Variation, count: int) -> tuple[int, ...]:
    chosen_outputs = variation.spec.sampling.floating_outputs
    return tuple(range(count)) if chosen_outputs is None else chosen_outputs


# inputs


def _draw_inputs(draw: st.DrawFn, v: Variation, dtype: str) -> dict[str, Any]:
    sampling: Sampling = v.spec.sampling
    drawn: dict[str, Any] = {}
    for position, (name, shape) in enumerate(v.call.shapes.items()):
        if shape is None:
            drawn[name] = None
        elif name in sampling.choices:
            drawn[name] = draw(chosen(shape, sampling.choices[name]))
        elif v.alias and drawn:
            drawn[name] = None
        elif _is_sequence(shape):
            drawn[name] = [draw(arrays(s, _range(v, position, dtype), i)) for i, s in enumerate(shape)]
        else:
            drawn[name] = _draw_one(draw, v, position, shape, dtype)
    if v.region == "tie":
        _tie(drawn, sampling)
    return drawn


def _draw_one(draw: st.DrawFn, v: Variation, position: int, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    values = _range(v, position, dtype)
    structure = v.spec.sampling.structured
    if structure and position == 0:
        return draw(matrices(shape, values))
    return draw(arrays(_leaf_shape(v.layout, shape), values, position))


def _range(v: Variation, position: int, dtype: str) -> Range:
    sampling = v.spec.sampling
    if v.region == "kink":
        return Range(points=tuple(sampling.kinks(v.call.attributes)))
    regions = sampling.regions.get(v.region) or sampling.regions["ordinary"]
    return regions[min(position, len(regions) - 1)].of(dtype)


def _tie(drawn: dict[str, Any], sampling: Sampling) -> None:
    """Makes equal what is compared: the arguments of a binary operator, or the first elements of a row."""
    names = list(drawn)
    if sampling.ties == "half":
        drawn[names[1]] = drawn[names[0]].copy()
    else:
        x = drawn[names[0]]
        x[...] = np.round(x)
        x[..., 0] = x[..., -1] = x.max() + 1 if sampling.ties == "even-max" else x.min() - 1


def _is_sequence(shape: Any) -> bool:
    return bool(shape) and isinstance(shape[0], tuple)


# layouts: leaves are contiguous; an operator on the leaf gives the tensor its layout, so that any engine can be asked


def _leaf_shape(layout: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    if not allows(layout, shape):
        return shape
    if layout == "transposed":
        return shape[::-1]
    if layout == "sliced":
        return (*shape[:-1], 2 * shape[-1])
    return (1, *shape[1:]) if layout == "expanded" else shape


def _laid_out(p: Recorder, leaf: Handle, layout: str, shape: tuple[int, ...]) -> Handle:
    if not allows(layout, shape):
        return leaf
    if layout == "transposed":
        return p.op("permute", leaf, dims=tuple(range(len(shape)))[::-1])
    if layout == "sliced":
        return p.op("getitem", leaf, index=(Ellipsis, slice(1, None, 2)))
    return p.op("expand", leaf, size=shape) if layout == "expanded" else leaf


def _cotangent_shape(shape: tuple[int, ...], kind: str) -> tuple[int, ...]:
    return _leaf_shape(kind, shape) if kind in ("transposed", "expanded") else shape


# recording


def _record(v: Variation, dtype: str, inputs: dict[str, Any], cotangent: list[Any] | None) -> Program:
    p = Recorder(dtype)
    active = [n for n in differentiated(v.spec.sampling, v.call.shapes) if n != v.constant]
    leaves: list[Handle] = []
    operands: dict[str, Any] = {}
    for name, shape in v.call.shapes.items():
        operands[name] = _operand(
            p, v, name, shape, inputs[name], cotangent is not None and name in active, leaves, operands
        )
    outputs = _apply(p, v, operands)
    if cotangent is None:
        for y in outputs:
            p._observe("value", (y,))
        return p.program()
    roots = [outputs[i] for i, _w, _shape in cotangent]
    weights = [_laid_out(p, p.constant(w), v.cotangent, shape) for _i, w, shape in cotangent]
    for g in p.grad(roots if len(roots) > 1 else roots[0], leaves, weights if len(roots) > 1 else weights[0]):
        p._observe("value", (g,))
    return p.program()


def _operand(
    p: Recorder,
    v: Variation,
    name: str,
    shape: Any,
    array: Any,
    active: bool,
    leaves: list[Handle],
    before: dict[str, Any],
) -> Any:
    if array is None:
        return next(iter(before.values())) if v.alias and shape is not None else None
    if name in v.spec.sampling.choices:
        return p.constant(array, dtype=None if array.dtype.kind == "f" else array.dtype.name)
    if isinstance(array, list):
        made = [p.leaf(a, requires_grad=active) for a in array]
        leaves.extend(made if active else [])
        return tuple(made)
    leaf = p.leaf(array, requires_grad=active)
    leaves.extend([leaf] if active else [])
    if v.spec.sampling.structured == "spd" and not before:
        return p.op(
            "add", leaf, p.op("transpose", leaf, dim0=-2, dim1=-1)
        )  # symmetric under every perturbation of the leaf
    return _laid_out(p, leaf, v.layout, shape)


def _apply(p: Recorder, v: Variation, operands: dict[str, Any]) -> tuple[Handle, ...]:
    positional = [operands[t] for t in v.spec.tensors if t in operands]
    keywords = {k: o for k, o in operands.items() if k not in v.spec.tensors}
    outputs = v.call.outputs or v.spec.outputs
    if outputs == 1:
        return (p.op(v.spec.name, *positional, **keywords, **v.call.attributes),)
    return p.many(outputs, v.spec.name, *positional, **keywords, **v.call.attributes)
