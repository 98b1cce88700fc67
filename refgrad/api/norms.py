"""Norms of vectors and matrices, with the signatures of `torch.linalg`, and `torch.norm`."""

from __future__ import annotations

from typing import Any

from refgrad import dtypes
from refgrad.api.forms import dims, one_dim, with_out
from refgrad.api.naming import recorded_as
from refgrad.api.reduction import amax, amin
from refgrad.api.shape import to_dtype
from refgrad.ops.arithmetic import abs
from refgrad.ops.norms import vector_norm as _vector_norm
from refgrad.ops.reduction import sum
from refgrad.ops.shape import permute
from refgrad.ops.spectral import svd
from refgrad.rules import where
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


@recorded_as("DistBackward0")
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The norm of the difference, over all elements; where it is 0 the subgradient is 0."""
    return vector_norm(input - other, p)


_MODES = ("use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist")


@recorded_as("CdistBackward0")
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str = _MODES[0]) -> Tensor:
    """The distance of every row of one matrix from every row of the other; of coinciding rows the gradient is 0.

    No mode multiplies matrices here: what that saves in time it loses in digits where rows are close.

    >>> from refgrad import tensor
    >>> cdist(tensor([[0.0, 0.0], [3.0, 4.0]]), tensor([[0.0, 0.0]])).tolist()
    [[0.0], [5.0]]
    """
    if compute_mode not in _MODES:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode; it is one of {', '.join(_MODES)}")
    for name, x in (("X1", x1), ("X2", x2)):
        if not x.dtype.is_floating_point:
            raise RuntimeError(f"cdist only supports floating-point dtypes, {name} got: {x.dtype}")
        if x.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {x.ndim}D")
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: {x2.shape[-1]}")
    if x1.dtype != x2.dtype:
        raise RuntimeError(f"cdist: expected both tensors to have the same dtype, but got {x1.dtype} and {x2.dtype}")
    return distances("cdist", x1.unsqueeze(-2) - x2.unsqueeze(-3), p)


def distances(name: str, difference: Tensor, p: float) -> Tensor:
    """The norms of differences along the last dimension, which may have no elements."""
    if p < 0:
        raise RuntimeError(f"{name} only supports non-negative p values, not {p}")
    return vector_norm(difference, p, -1) if difference.shape[-1] else difference.sum(-1)


_NORM_GUARD = 1e-7  # added to norms in the divisor, as PyTorch does


@recorded_as("RenormBackward0")
def renorm(input: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """A copy in which the slices along the dimension whose norm exceeds `maxnorm` are scaled down to it.

    >>> from refgrad import tensor
    >>> renorm(tensor([[3.0, 4.0], [0.5, 0.0]]), 2, 0, 1.0)[1].tolist()
    [0.5, 0.0]
    """
    if p <= 0:
        raise RuntimeError(f"renorm: non-positive-norm not supported: p is {p}")
    if maxnorm < 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm}")
    if input.ndim < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {input.ndim} dimensions")
    dim = one_dim(dim, input.ndim)
    norms = vector_norm(input, p, tuple(d for d in range(input.ndim) if d != dim), True)
    return input * where(norms > maxnorm, maxnorm / (norms + _NORM_GUARD), 1.0)


@with_out
def normalize(input: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Tensor:
    """`input` divided by its norm along the dimension, or by `eps` if that is larger."""
    return input / vector_norm(input, p, dim, True).clamp(min=eps)
