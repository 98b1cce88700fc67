"""Triangular systems, and what is solved with a Cholesky factor."""

from __future__ import annotations

from typing import Any

from refgrad.api.decomposition import cholesky, identity, square
from refgrad.api.forms import fields
from refgrad.api.naming import recorded_as
from refgrad.ops import factors as ops
from refgrad.ops.decomposition import mH
from refgrad.ops.shape import mT
from refgrad.tensor import Tensor


@recorded_as("LinalgSolveTriangularBackward0")
def solve_triangular(A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Tensor:
    """`X` with ``A @ X == B``, or with ``X @ A == B``, for a triangular `A`, of which only that triangle is read.

    Where the diagonal has a zero, `X` is infinite or nan; with `unitriangular` the diagonal counts as ones.

    >>> from refgrad import tensor
    >>> solve_triangular(tensor([[2.0, 9.0], [3.0, 4.0]]), tensor([[2.0], [11.0]]), upper=False).tolist()
    [[1.0], [2.0]]
    """
    square(A, "solve_triangular")
    check_sides(A, B, "solve_triangular", left=left)
    if left:
        return ops.solve_triangular(A, B, upper=upper, unitriangular=unitriangular)
    return mT(ops.solve_triangular(mT(A), mT(B), upper=not upper, unitriangular=unitriangular))


def check_sides(A: Tensor, B: Tensor, name: str, *, left: bool) -> None:
    """Raises PyTorch's error unless `B` is a matrix, or a stack of them, of as many rows, or columns, as `A` has."""
    if B.ndim < 2:
        raise RuntimeError(
            f"linalg.{name}: The input tensor B must have at least 2 dimensions; this one has {B.ndim}, B.unsqueeze(-1) "
            "makes a matrix of a vector"
        )
    if A.shape[-1] != B.shape[-2 if left else -1]:
        sizes = [f"{x.shape[-2]}x{x.shape[-1]}" for x in (A, B)]
        raise RuntimeError(
            f"linalg.{name}: Incompatible shapes of A and B for the equation {'AX = B' if left else 'XA = B'} "
            f"({sizes[0]} and {sizes[1]})"
        )


@recorded_as("TriangularSolveBackward0")
def triangular_solve(
    b: Tensor, A: Tensor, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """`X` with ``A @ X == b``, or with the transpose of `A` in its place, and a copy of `A`."""
    for x, name in ((b, "b"), (A, "A")):
        if x.ndim < 2:
            raise RuntimeError(
                f"torch.triangular_solve: Expected {name} to have at least 2 dimensions, but it has {x.ndim} dimensions"
                " instead"
            )
    square(A, "triangular_solve", prefix="torch.")
    check_sides(A, b, "triangular_solve", left=True)
    upper = upper is not transpose
    solution, copy = ops.triangular_system(mT(A) if transpose else A, b, upper=upper, unitriangular=unitriangular)
    return fields("triangular_solve", "solution", "cloned_coefficient")(solution, mT(copy) if transpose else copy)


@recorded_as("CholeskyBackward0")
def legacy_cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """`linalg.cholesky` as `torch.cholesky` takes its arguments."""
    return cholesky(square(input, "cholesky", prefix=""), upper=upper)


@recorded_as("CholeskyInverseBackward0")
def cholesky_inverse(L: Tensor, upper: bool = False) -> Tensor:
    """The inverse of the Hermitian matrix of which `L` is the lower Cholesky factor, or the upper one."""
    square(L, "cholesky_inverse", prefix="")
    one = identity(L, L.shape[-1], L.shape[-1])
    y = ops.solve_triangular(mH(L) if upper else L, one, upper=False, unitriangular=False)
    return mH(y) @ y


@recorded_as("CholeskySolveBackward0")
def cholesky_solve(B: Tensor, L: Tensor, upper: bool = False) -> Tensor:
    """`X` with ``A @ X == B`` for the Hermitian `A` of which `L` is the lower Cholesky factor, or the upper one."""
    for x, name in ((B, "b"), (L, "u")):
        if x.ndim < 2:
            raise RuntimeError(f"{name} should have at least 2 dimensions, but has {x.ndim} dimensions instead")
    square(L, "cholesky_solve", prefix="")
    if B.shape[-2] != L.shape[-1]:
        n, (m, k) = L.shape[-1], B.shape[-2:]
        raise RuntimeError(
            f"Incompatible matrix sizes for cholesky_solve: each A matrix is {n} by {n} but each b matrix is {m} by {k}"
        )
    lower = mH(L) if upper else L
    half = ops.solve_triangular(lower, B, upper=False, unitriangular=False)
    return ops.solve_triangular(mH(lower), half, upper=True, unitriangular=False)
