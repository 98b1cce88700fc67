"""What is read of outputs of which something is free, such as the sign of an eigenvector: numbers that engines agree on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from conformance.operators.sampling import Call
from conformance.recorder import Handle, Recorder

_NO_CALL = Call({})


def invariant(
    p: Recorder,
    outputs: tuple[Handle, ...],
    kind: str,
    call: Call = _NO_CALL,
    operands: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[Handle, ...]:
    """What nothing alters that is free.

    "square": of each output, where a sign is free, or a phase of complex ones; "spectrum": of eigenvalues, and eigenvectors,
    in any order; "counting": of elements that a mask lets count, and of "counted" reductions over them where any does,
    zero elsewhere; an empty kind: the outputs.
    """
    if kind in ("counting", "counted"):
        return (_of_counting(p, *outputs, call, operands, is_reduced=kind == "counted"),)
    if kind == "spectrum":
        return _of_spectrum(p, *outputs)
    if kind == "square":
        return tuple(_squared(p, y) if p.dtype.startswith("complex") else p.op("square", y) for y in outputs)
    return outputs


def _of_spectrum(p: Recorder, values: Handle, vectors: Handle | None = None) -> tuple[Handle, ...]:
    """The sums of |λ|², and of |λ|² |v|² for each component, over the eigenvalues λ and their vectors v, if these are given."""
    sizes = _squared(p, values)
    if vectors is None:
        return (p.op("sum", sizes, dim=-1, keepdim=True),)
    shares = p.op("mul", p.op("unsqueeze", sizes, dim=-2), _squared(p, vectors))
    return p.op("sum", sizes, dim=-1, keepdim=True), p.op("sum", shares, dim=-1)


def _of_counting(p: Recorder, y: Handle, call: Call, operands: Mapping[str, Any], *, is_reduced: bool) -> Handle:
    """The output where its mask is True, which is PyTorch's documentation of it; what it is elsewhere is nowhere said."""
    shapes = [s for n, s in call.shapes.items() if "mask" not in n]
    masks = [(n, m) for n, m in operands.items() if "mask" in n and m is not None]
    if len(masks) < len(shapes):
        return y  # an operand counts throughout
    counts = [p.op("expand", m, size=s) for (_, m), s in zip(masks, shapes, strict=True)]
    if is_reduced:
        over = {k: call.attributes[k] for k in ("dim", "keepdim") if call.attributes.get(k) not in (None, ())}
        counts = [p.op("any", counts[0], **over)]
    found = counts[0] if len(counts) == 1 else p.op("logical_or", *counts)
    return p.op("where", found, y, p.constant(0.0))


def _squared(p: Recorder, y: Handle) -> Handle:
    """The square of the modulus of complex numbers."""
    return p.op("real", p.op("mul", y, p.op("conj", y)))
