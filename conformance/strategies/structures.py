"""What matrices are made of, so that an operator finds those of its domain however the leaf is moved.

Of structure "any" and "invertible" the leaf itself is the argument; here is what else there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conformance.recorder import Handle, Recorder

Make = Callable[[Recorder, Handle, Mapping[str, Any]], Handle]
"""Of the leaf and the attributes of the call."""
DOMINANT = frozenset({"exchanged", "invertible", "spd", "triangular"})
"""Structures whose leaf is drawn diagonally dominant."""


def _hermitian(p: Recorder, x: Handle, _attributes: Mapping[str, Any]) -> Handle:
    return p.op("add", x, _adjoint(p, x))


def _gram(p: Recorder, x: Handle, _attributes: Mapping[str, Any]) -> Handle:
    """Hermitian, and of the rank of its factor."""
    return p.op("matmul", x, _adjoint(p, x))


def _exchanged(p: Recorder, x: Handle, _attributes: Mapping[str, Any]) -> Handle:
    """Upside down, so that elimination exchanges rows."""
    return p.op("flip", x, dims=(-2,))


def _triangular(p: Recorder, x: Handle, attributes: Mapping[str, Any]) -> Handle:
    """A Cholesky factor: one triangle, with a real diagonal."""
    triangle = p.op("triu", x, diagonal=1) if attributes["upper"] else p.op("tril", x, diagonal=-1)
    diagonal = p.op("diagonal", x, offset=0, dim1=-2, dim2=-1)
    if p.dtype.startswith("complex"):
        diagonal = p.op("real", diagonal)
    return p.op("add", triangle, p.op("diag_embed", diagonal, offset=0, dim1=-2, dim2=-1))


def _paired(p: Recorder, x: Handle, _attributes: Mapping[str, Any]) -> Handle:
    """Complex numbers whose parts lie along the last dimension, for operators that give real results of them alone."""
    return p.op("view_as_complex", x)


def _adjoint(p: Recorder, a: Handle) -> Handle:
    transposed = p.op("transpose", a, dim0=-2, dim1=-1)
    return p.op("conj", transposed) if p.dtype.startswith("complex") else transposed


MADE: Mapping[str, Make] = {"exchanged": _exchanged, "spd": _hermitian, "gram": _gram, "triangular": _triangular, "pairs": _paired}
"""Structures that take operations on the leaf."""
