"""Products of matrices and vectors."""

from __future__ import annotations

from typing import Any

from refgrad.api.naming import recorded_as
from refgrad.ops.arithmetic import fill
from refgrad.ops.linalg import matmul as _matmul
from refgrad.ops.reduction import sum as _sum
from refgrad.tensor import Tensor


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The product of matrices, of batches of them, or with vectors."""
    if not isinstance(other, Tensor) or not isinstance(input, Tensor):
        raise TypeError(f"matmul(): argument 'other' must be Tensor, not {type(other).__name__}")
    a, b = (x._data.shape if x._level is None else x.shape for x in (input, other))
    if not a or not b:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {len(a)}D and {len(b)}D")
    if input._data.dtype != other._data.dtype:
        raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {input.dtype} != {other.dtype}")
    if a[-1] != b[-2 if len(b) > 1 else 0]:
        a, b = ("x".join(map(str, shape)) for shape in (a, b))
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({a} and {b})")
    return Tensor.__apply__(_matmul, (input, other), _NONE)


_NONE: dict[str, Any] = {}


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of two matrices."""
    for x, name in ((input, "self"), (mat2, "mat2")):
        if x.ndim != 2:
            raise RuntimeError(f"{name} must be a matrix")
    return matmul(input, mat2)


def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """The products of two stacks of matrices of one length."""
    for x, name in ((input, "batch1"), (mat2, "batch2")):
        if x.ndim != 3:
            raise RuntimeError(f"{name} must be a 3D tensor")
    if (input.shape[0], input.shape[2]) != tuple(mat2.shape[:2]):
        wanted, found = [input.shape[0], input.shape[2]], list(mat2.shape[:2])
        raise RuntimeError(f"Expected size for first two dimensions of batch2 tensor to be: {wanted} but got: {found}.")
    return matmul(input, mat2)


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """The product of a matrix and a vector."""
    if (input.ndim, vec.ndim) != (2, 1):
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {input.ndim}, {vec.ndim}")
    return matmul(input, vec)


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The sum of the products of the elements of two vectors."""
    if input.ndim != 1 or tensor.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {input.ndim}D and {tensor.ndim}D tensors")
    return matmul(input, tensor)


@recorded_as("VdotBackward0")
def vdot(input: Tensor, other: Tensor) -> Tensor:
    """The dot product with the first vector conjugated."""
    if input.ndim == other.ndim == 1 and input.numel() != other.numel():
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{input.numel()}] and src [{other.numel()}] to have the same "
            f"number of elements, but got {input.numel()} and {other.numel()} elements respectively"
        )
    return dot(input.conj() if input.dtype.is_complex else input, other)


def inner(input: Tensor, other: Tensor) -> Tensor:
    """The dot products over the last dimensions."""
    if not input.ndim or not other.ndim:
        return input * other
    flat = matmul(input.reshape(-1, input.shape[-1]), other.reshape(-1, other.shape[-1]).t())
    return flat.reshape(*input.shape[:-1], *other.shape[:-1])


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """All products of an element of one vector with one of the other."""
    for x, name in ((input, "self"), (vec2, "vec2")):
        if x.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {x.ndim}-D")
    return input.unsqueeze(-1) * vec2.unsqueeze(0)


ger = outer


def _added(input: Tensor, product: Tensor, beta: Any, alpha: Any) -> Tensor:
    """``beta * input + alpha * product``, in which nothing of `input` shows if `beta` is 0, not even nan."""
    scaled = input if beta == 1 else fill(input, 0) if beta == 0 else input * beta
    return scaled + (product if alpha == 1 else product * alpha)


@recorded_as("AddmmBackward0")
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """``beta * input + alpha * (mat1 @ mat2)``."""
    return _added(input, mm(mat1, mat2), beta, alpha)


@recorded_as("AddmvBackward0")
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """``beta * input + alpha * (mat @ vec)``."""
    return _added(input, mv(mat, vec), beta, alpha)


@recorded_as("BaddbmmBackward0")
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """``beta * input + alpha * (batch1 @ batch2)``, of each pair of a stack."""
    return _added(input, bmm(batch1, batch2), beta, alpha)


@recorded_as("AddrBackward0")
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """``beta * input + alpha * outer(vec1, vec2)``."""
    return _added(input, outer(vec1, vec2), beta, alpha)


@recorded_as("AddbmmBackward0")
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """``beta * input + alpha * (the sum of the batch's products)``."""
    return _added(input, _sum(bmm(batch1, batch2), dim=(0,), keepdim=False), beta, alpha)


@recorded_as("TraceBackward0")
def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal."""
    return input.diagonal().sum()
