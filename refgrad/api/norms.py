"""Norms of vectors and matrices, with the signatures of `torch.linalg`, and `torch.norm`."""

from __future__ import annotations

from typing import Any

from refgrad import dtypes
from refgrad.api.forms import dims, one_dim, with_out
from refgrad.api.reduction import amax, amin
from refgrad.api.shape import to_dtype
from refgrad.ops.arithmetic import abs
from refgrad.ops.norms import vector_norm as _vector_norm
from refgrad.ops.reduction import sum
from refgrad.ops.shape import permute
from refgrad.ops.spectral import svd
from refgrad.tensor import Tensor

INFINITY = float("inf")


def vector_norm(x: Tensor, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The norm of vectors along the dimensions; where it is 0 the subgradient is 0."""
    x = x if dtype is None else to_dtype(x, dtype)
    if x.dtype.category < dtypes.FLOATING:
        raise RuntimeError(f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {x.dtype}")
    return _vector_norm(x, ord=float(ord), dim=dims(dim, x), keepdim=keepdim)


def matrix_norm(
    A: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """The norm of matrices: "fro", "nuc", or the norm that ±1, ±2, ±inf induce."""
    x = A if dtype is None else to_dtype(A, dtype)
    if x.ndim < 2:
        raise RuntimeError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
    rows, columns = (one_dim(d, x.ndim) for d in dim)
    if rows == columns:
        raise RuntimeError(f"linalg.matrix_norm: dims must be different. Got ({dim[0]}, {dim[1]})")
    if ord == "fro":
        return _vector_norm(x, ord=2.0, dim=(rows, columns), keepdim=keepdim)
    if ord == "nuc" or ord in (2, -2):
        return _spectral(x, ord, rows, columns, keepdim)
    if ord not in (1, -1, INFINITY, -INFINITY):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    inner, outer = (rows, columns) if ord in (1, -1) else (columns, rows)
    y = (amax if ord > 0 else amin)(sum(abs(x), dim=(inner,), keepdim=True), outer, True)
    return y if keepdim else y.squeeze((rows, columns))


def _spectral(x: Tensor, ord: Any, rows: int, columns: int, keepdim: bool) -> Tensor:
    order = (*(d for d in range(x.ndim) if d not in (rows, columns)), rows, columns)
    values = svd(permute(x, dims=order))[1]
    y = values.sum(-1) if ord == "nuc" else (amax if ord > 0 else amin)(values, -1)
    if not keepdim:
        return y
    return y.reshape(tuple(1 if d in (rows, columns) else n for d, n in enumerate(x.shape)))


def linalg_norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The norm of a vector or matrix, or along one dimension or two; without `ord` of all elements."""
    x = A if dtype is None else to_dtype(A, dtype)
    if dim is not None:
        dim = (dim,) if isinstance(dim, int) else tuple(dim)
        is_matrix = len(dim) == 2 and ord is not None
        return (
            matrix_norm(x, ord, dim, keepdim) if is_matrix else vector_norm(x, 2 if ord is None else ord, dim, keepdim)
        )
    if ord is None:
        return vector_norm(x, 2, None, keepdim)
    if x.ndim > 2:
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {x.ndim}D."
        )
    return matrix_norm(x, ord, (0, 1), keepdim) if x.ndim == 2 else vector_norm(x, ord, None, keepdim)


def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The norm over the dimensions: of vectors, but for "nuc"; "fro" is the Euclidean one."""
    if p == "nuc":
        return matrix_norm(input, "nuc", (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(input, 2 if p in ("fro", None) else p, dim, keepdim, dtype=dtype)


def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The norm of the difference."""
    return vector_norm(input - other, p)


@with_out
def normalize(input: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Tensor:
    """`input` divided by its norm along the dimension, or by `eps` if that is larger."""
    return input / vector_norm(input, p, dim, True).clamp(min=eps)
