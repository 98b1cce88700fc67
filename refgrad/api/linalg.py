"""Products of matrices and vectors."""

from __future__ import annotations

from typing import Any

from refgrad.ops.linalg import matmul as _matmul
from refgrad.ops.reduction import sum as _sum
from refgrad.tensor import Tensor


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The product of matrices, of batches of them, or with vectors."""
    if not isinstance(other, Tensor) or not isinstance(input, Tensor):
        raise TypeError(f"matmul(): argument 'other' must be Tensor, not {type(other).__name__}")
    if not input.ndim or not other.ndim:
        raise RuntimeError("both arguments to matmul need to be at least 1D, but they are 0D and 0D")
    if input.dtype != other.dtype:
        raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {input.dtype} != {other.dtype}")
    inner = input.shape[-1], other.shape[-2 if other.ndim > 1 else 0]
    if inner[0] != inner[1]:
        a, b = ("x".join(map(str, x.shape)) for x in (input, other))
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({a} and {b})")
    return _matmul(input, other)


mm = bmm = mv = matmul


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The sum of the products of the elements of two vectors."""
    if input.ndim != 1 or tensor.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {input.ndim}D and {tensor.ndim}D tensors")
    return matmul(input, tensor)


def vdot(input: Tensor, other: Tensor) -> Tensor:
    """The dot product with the first vector conjugated."""
    return dot(input.conj() if input.dtype.is_complex else input, other)


def inner(input: Tensor, other: Tensor) -> Tensor:
    """The dot products over the last dimensions."""
    if not input.ndim or not other.ndim:
        return input * other
    flat = matmul(input.reshape(-1, input.shape[-1]), other.reshape(-1, other.shape[-1]).t())
    return flat.reshape(*input.shape[:-1], *other.shape[:-1])


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """All products of an element of one vector with one of the other."""
    return input.unsqueeze(-1) * vec2.unsqueeze(0)


ger = outer


def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """``beta * input + alpha * (mat1 @ mat2)``."""
    product = matmul(mat1, mat2)
    return (input if beta == 1 else input * beta) + (product if alpha == 1 else product * alpha)


addmv = addbmm_like = baddbmm = addmm
del addbmm_like


def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """``beta * input + alpha * outer(vec1, vec2)``."""
    return input * beta + outer(vec1, vec2) * alpha


def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """``beta * input + alpha * (the sum of the batch's products)``."""
    return input * beta + _sum(matmul(batch1, batch2), dim=(0,), keepdim=False) * alpha


def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal."""
    return input.diagonal().sum()
