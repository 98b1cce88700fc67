"""What matrices are made of, so that an operator finds those of its domain however the leaf is moved.

Of structure "any" and "invertible" the leaf itself is the argument; here is what else there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from conformance.recorder import Handle, Recorder

Make = Callable[[Recorder, Handle, Mapping[str, Any]], Handle]
"""Of the leaf and the attributes of the call."""


def _turning(_m: int, n: int) -> np.ndarray:
    """A quarter turn of the first two axes, the others stretched by their number: eigenvalues far apart, two not real."""
    found = np.diag(np.arange(float(n)))
    if n > 1:
        found[:2, :2] = [[0.0, -1.0], [1.0, 0.0]]
    return found


def _stretched(m: int, n: int) -> np.ndarray:
    """Every axis stretched by its number: singular values far apart."""
    return np.eye(m, n) * np.arange(1.0, n + 1)


DOMINANT: Mapping[str, Callable[[int, int], np.ndarray]] = {
    **dict.fromkeys(("exchanged", "invertible", "spd", "triangular"), np.eye),
    "stretched": _stretched,
    "turning": _turning,
}
"""Structures whose leaf is drawn beside a matrix of this size that dominates it."""


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


MADE: Mapping[str, Make] = {
    "exchanged": _exchanged,
    "spd": _hermitian,
    "gram": _gram,
    "triangular": _triangular,
    "pairs": _paired,
}
"""Structures that take operations on the leaf."""
