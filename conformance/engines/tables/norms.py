"""Norms over a library that is spelled as NumPy and has `linalg.norm`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.errors import Unsupported


def norms(np: Any) -> dict[str, Callable[..., Any]]:
    """The norms of vectors and matrices. Nothing is composed: a formula's gradient at zero would be the table's own."""
    linalg = np.linalg

    def vector(a: Any, *, ord: Any = 2, dim: Any = None, keepdim: bool = False) -> Any:
        if dim in (None, ()) or a.ndim == 0:
            if keepdim:
                raise Unsupported("keepdim=True")
            return linalg.norm(np.reshape(a, (-1,)), ord)
        return linalg.norm(a, ord, axis=_axis(dim), keepdims=keepdim)

    def matrix(a: Any, *, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False) -> Any:
        return linalg.norm(a, ord, axis=dim, keepdims=keepdim)

    def either(a: Any, *, ord: Any = None, dim: Any = None, keepdim: bool = False) -> Any:
        if ord is None and dim is None and not keepdim:
            return linalg.norm(np.reshape(a, (-1,)))
        axis = dim if dim is None or len(dim) > 1 else dim[0]
        return linalg.norm(a, ord, axis=axis, keepdims=keepdim)

    return {
        "norm": lambda a, *, p="fro", dim=None, keepdim=False: vector(
            a, ord=2 if p == "fro" else p, dim=dim, keepdim=keepdim
        ),
        "linalg.vector_norm": vector,
        "linalg.matrix_norm": matrix,
        "linalg.norm": either,
    }


def _axis(dim: Any) -> int:
    """The one axis; over several, `norm` is another function."""
    if isinstance(dim, tuple) and len(dim) != 1:
        raise Unsupported(f"dim={dim!r}")
    return dim[0] if isinstance(dim, tuple) else dim
