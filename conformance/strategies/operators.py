"""Strategies that propose operator cases as programs: inputs, layouts, cotangents and what is differentiated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from conformance.operators.sampling import INF, NAN, Range, Sampling
from conformance.program import Program
from conformance.recorder import Handle, Recorder
from conformance.strategies import derivatives
from conformance.strategies.invariants import invariant
from conformance.strategies.layouts import laid_out, leaf_shape
from conformance.strategies.structures import DOMINANT, MADE
from conformance.strategies.values import arrays, chosen, complex_arrays, cotangents, matrices
from conformance.strategies.variations import SPECIAL, VALUE, VJP, Variation

OutputShapes = Callable[[Program], list[tuple[int, ...]]]
"""The shapes of the outputs that a value program reads, in order: some engine must know them."""
_REAL = {"complex64": "float32", "complex128": "float64"}
_OF = {"float32": "complex64", "float64": "complex128", "complex64": "float32", "complex128": "float64"}


@st.composite
def operator_programs(draw: st.DrawFn, variation: Variation, dtype: str, shapes_of: OutputShapes) -> Program:
    """Programs of this class: the operator applied to leaves, with its values read, or its derivatives."""
    inputs = _draw_inputs(draw, variation, dtype)
    value = _value(variation, dtype, inputs)
    if variation.group == VALUE:
        return value
    if variation.group == VJP:
        shapes = shapes_of(value)
        outputs = _floating(variation, len(shapes))
        kinds = [(shapes[i], _cotangent_dtype(variation, dtype, i)) for i in outputs]
        weights = [_weight(draw, shape, of, variation.cotangent) for shape, of in kinds]
        return _gradient(variation, dtype, inputs, list(zip(outputs, weights, kinds, strict=True)))
    needs = derivatives.needs(variation.direction)
    shapes = shapes_of(value) if needs.cotangent else []
    outputs = _floating(variation, len(shapes)) if shapes else ()
    weights = [_weight(draw, shapes[i], _cotangent_dtype(variation, dtype, i), "signed") for i in outputs]
    active = _active(variation, inputs)
    tangents = [[draw(_tangents(x, level + i)) for i, x in enumerate(active)] for level in range(needs.tangents)]
    return _directed(variation, dtype, inputs, tangents, weights)


def _floating(variation: Variation, count: int) -> tuple[int, ...]:
    chosen_outputs = variation.sampling.floating_outputs
    return tuple(range(count)) if chosen_outputs is None else chosen_outputs


def _cotangent_dtype(v: Variation, dtype: str, output: int) -> str:
    """The dtype of an output."""
    if v.second == "mixed":
        return "float64"
    is_complex = dtype.startswith("complex")
    is_real = v.sampling.result == "real" or output in v.sampling.real_outputs
    return _OF[dtype] if (is_real if is_complex else v.sampling.result == "complex") else dtype


def _weight(draw: st.DrawFn, shape: tuple[int, ...], dtype: str, kind: str) -> np.ndarray:
    shape = leaf_shape(kind, shape) if kind in ("transposed", "expanded") else shape
    return draw(cotangents(shape, kind, imaginary=dtype.startswith("complex")))


def _tangents(x: np.ndarray, slot: int) -> st.SearchStrategy[np.ndarray]:
    draw = complex_arrays if x.dtype.kind == "c" else arrays
    return draw(x.shape, Range(0.3, 2.0, signed=True), slot)


def _active(v: Variation, inputs: dict[str, Any]) -> list[np.ndarray]:
    """The arrays that are differentiated, in the order of their leaves."""
    found: list[np.ndarray] = []
    for name in v.active:
        if inputs[name] is not None:
            found.extend(inputs[name] if isinstance(inputs[name], list) else [inputs[name]])
    return found


# inputs


def _draw_inputs(draw: st.DrawFn, v: Variation, dtype: str) -> dict[str, Any]:
    sampling: Sampling = v.sampling
    drawn: dict[str, Any] = {}
    for position, (name, shape) in enumerate(v.call.shapes.items()):
        choice = sampling.choice(v.call, name)
        if shape is None:
            drawn[name] = None
        elif choice is not None and choice.kind == "finite":
            drawn[name] = np.isfinite(drawn[choice.of])
        elif choice is not None:
            drawn[name] = draw(chosen(shape, choice))
        elif v.second == "integer" and name in sampling.second:
            drawn[name] = draw(st.permutations((1, 2, 3, 4, 5, 6)).map(lambda n, s=shape: np.resize(n, s)))
        elif v.alias and drawn:
            drawn[name] = None
        elif _is_sequence(shape):
            drawn[name] = [draw(_numbers(dtype)(s, _range(v, position, dtype), i)) for i, s in enumerate(shape)]
        else:
            drawn[name] = _draw_one(draw, v, position, shape, dtype)
    if v.region == "tie":
        _tie(drawn, sampling)
    return drawn


def _numbers(dtype: str) -> Callable[..., st.SearchStrategy[np.ndarray]]:
    return complex_arrays if dtype.startswith("complex") else arrays


def _draw_one(draw: st.DrawFn, v: Variation, position: int, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    values = _range(v, position, dtype)
    base = DOMINANT.get(v.sampling.structure(v.call))
    if base is not None and position == 0:
        shape = leaf_shape(v.layout, shape)
        real = draw(matrices(shape, values, base))
        return real + 1j * draw(arrays(shape, Range(-0.5, 0.5), 1)) if dtype.startswith("complex") else real
    return draw(_numbers(dtype)(leaf_shape(v.layout, shape), values, position))


def _range(v: Variation, position: int, dtype: str) -> Range:
    sampling = v.sampling
    own = v.call.ranges.get(list(v.call.shapes)[position])
    if own is not None:
        return own.of(_REAL.get(dtype, dtype))
    if v.region in ("kink", "pieces"):
        kinks = tuple(sampling.kinks(v.call.attributes))
        return Range(points=kinks if v.region == "kink" else _beside(kinks))
    regions = sampling.regions.get(v.region) or sampling.regions["ordinary"]
    found = regions[min(position, len(regions) - 1)].of(_REAL.get(dtype, dtype))
    return _special(v, found) if v.region in SPECIAL and position == 0 else found


def _special(v: Variation, ordinary: Range) -> Range:
    """What is special beside a finite number of the domain; below it only where the domain goes there."""
    numbers = {"signed-zero": (-0.0, 0.0), "infinite": (INF, -INF), "nan": (NAN,)}[v.region]
    finite = ordinary.low + 0.7 * (ordinary.high - ordinary.low)
    below = "negative" in v.sampling.regions
    return Range(points=(finite, *(x for x in numbers if below or not x < 0)))


def _beside(kinks: tuple[float, ...]) -> tuple[float, ...]:
    """Points on both sides of every kink, as close as no other piece is."""
    return tuple(k + s * 2.0**-12 * max(1.0, abs(k)) for k in kinks for s in (-1, 1))


def _tie(drawn: dict[str, Any], sampling: Sampling) -> None:
    """Makes equal what is compared: the arguments of a binary operator, or the first elements of a row."""
    names = list(drawn)
    if sampling.ties == "half":
        drawn[names[1]] = drawn[names[0]].copy()
    elif sampling.ties == "gathered":  # all that is sent to one place
        for x in (v for v in drawn.values() if v.dtype.kind == "f"):
            x[...] = 1.5
    else:
        x = drawn[names[0]]
        x[...] = np.round(x)
        x[..., 0] = x[..., -1] = x.max() + 1 if sampling.ties == "even-max" else x.min() - 1


def _is_sequence(shape: Any) -> bool:
    return bool(shape) and isinstance(shape[0], tuple)


# recording


def _value(v: Variation, dtype: str, inputs: dict[str, Any]) -> Program:
    p = Recorder(dtype)
    for y in _outputs(p, v, _leaves(p, v, inputs, requires_grad=False)):
        p._observe("value", (y,))
    return p.program()


def _gradient(v: Variation, dtype: str, inputs: dict[str, Any], cotangent: list[Any]) -> Program:
    p = Recorder(dtype)
    operands = _leaves(p, v, inputs, requires_grad=True)
    outputs = _outputs(p, v, operands)
    roots = [outputs[i] for i, _w, _kind in cotangent]
    weights = [laid_out(p, p.constant(w, dtype=of), v.cotangent, shape) for _i, w, (shape, of) in cotangent]
    leaves = _differentiated(v, operands)
    for g in p.grad(roots if len(roots) > 1 else roots[0], leaves, weights if len(roots) > 1 else weights[0]):
        p._observe("value", (g,))
    return p.program()


def _directed(v: Variation, dtype: str, inputs: dict[str, Any], tangents: list[Any], weights: list[Any]) -> Program:
    """Forward mode and higher orders: the same function of the same leaves, given to a transformation."""
    p = Recorder(dtype)
    operands = _leaves(p, v, inputs, requires_grad=derivatives.needs(v.direction).requires_grad)

    def function(handles: tuple[Handle, ...]) -> list[Handle]:
        given = dict(zip(_names(v, operands), handles, strict=True))
        outputs = _outputs(p, v, {n: _replaced(n, o, given) for n, o in operands.items()})
        return [outputs[i] for i in _floating(v, len(outputs))]

    derivatives.record(p, v.direction, function, _differentiated(v, operands), tangents, weights)
    return p.program()


def _names(v: Variation, operands: dict[str, Any]) -> list[tuple[str, int]]:
    """What is differentiated: the names of operands, with a position for a sequence of tensors."""
    names = [n for n in v.active if operands[n] is not None]
    return [(n, i) for n in names for i in range(len(operands[n]) if isinstance(operands[n], tuple) else 1)]


def _replaced(name: str, operand: Any, given: dict[tuple[str, int], Handle]) -> Any:
    if isinstance(operand, tuple):
        return tuple(given.get((name, i), x) for i, x in enumerate(operand))
    return given.get((name, 0), operand)


def _differentiated(v: Variation, operands: dict[str, Any]) -> list[Handle]:
    return [operands[n][i] if isinstance(operands[n], tuple) else operands[n] for n, i in _names(v, operands)]


def _leaves(p: Recorder, v: Variation, inputs: dict[str, Any], *, requires_grad: bool) -> dict[str, Any]:
    """The leaves by argument: a tuple for a sequence; None where an argument is absent or the first one again."""
    active = v.active if requires_grad else []
    found: dict[str, Any] = {}
    for name, array in inputs.items():
        choice = v.sampling.choice(v.call, name)
        if array is None:
            found[name] = None
        elif choice is not None and choice.kind == "number":
            found[name] = float(array)
        elif isinstance(array, list):
            found[name] = tuple(p.leaf(a, requires_grad=name in active) for a in array)
        elif choice is not None or array.dtype.kind in "ib":
            found[name] = p.constant(array, dtype=None if array.dtype.kind == "f" else array.dtype.name)
        else:
            of = "float64" if v.second == "mixed" and name in v.sampling.second else None
            found[name] = p.leaf(array, requires_grad=name in active, dtype=of)
    return found


def _outputs(p: Recorder, v: Variation, leaves: dict[str, Any]) -> tuple[Handle, ...]:
    """The operator, applied to its operands as they lie in memory."""
    spec, operands = v.spec, {}
    for name, shape in v.call.shapes.items():
        leaf = leaves[name]
        if leaf is None and v.alias and shape is not None:
            leaf = next(iter(operands.values()))
        elif isinstance(leaf, Handle) and not operands and (make := MADE.get(spec.sampling.structure(v.call))):
            leaf = make(p, leaf, v.call.attributes)
        elif isinstance(leaf, Handle) and spec.sampling.choice(v.call, name) is None:
            leaf = laid_out(p, leaf, v.layout, shape, tiles=spec.sampling.tiled)
        if v.call.through and not operands:
            leaf = p.op(v.call.through, leaf, dim=-1)
        operands[name] = leaf
    positional = [operands[t] for t in spec.tensors if t in operands]
    keywords = {k: o for k, o in operands.items() if k not in spec.tensors}
    outputs = v.call.outputs or spec.outputs
    found = p.many(outputs, spec.name, *positional, **keywords, **v.call.attributes)
    return invariant(p, found, spec.sampling.invariant, v.call, operands)
