"""What is read of outputs of which something is free, such as the sign of an eigenvector: numbers that engines agree on."""

from __future__ import annotations

from conformance.recorder import Handle, Recorder


def invariant(p: Recorder, outputs: tuple[Handle, ...], kind: str) -> tuple[Handle, ...]:
    """What nothing alters that is free.

    "square": of each output, where a sign is free, or a phase of complex ones; "spectrum": of eigenvalues and eigenvectors
    in any order; an empty kind: the outputs.
    """
    if kind == "spectrum":
        return _of_spectrum(p, *outputs)
    if kind == "square":
        return tuple(_squared(p, y) if p.dtype.startswith("complex") else p.op("square", y) for y in outputs)
    return outputs


def _of_spectrum(p: Recorder, values: Handle, vectors: Handle) -> tuple[Handle, Handle]:
    """The sums of |λ|², and of |λ|² |v|² for each component, over the eigenvalues λ and their vectors v."""
    sizes = _squared(p, values)
    shares = p.op("mul", p.op("unsqueeze", sizes, dim=-2), _squared(p, vectors))
    return p.op("sum", sizes, dim=-1, keepdim=True), p.op("sum", shares, dim=-1)


def _squared(p: Recorder, y: Handle) -> Handle:
    """The square of the modulus of complex numbers."""
    return p.op("real", p.op("mul", y, p.op("conj", y)))
