"""Factors by Gaussian elimination with exchanged rows, and what is solved with them."""

from __future__ import annotations

from typing import Any

from refgrad import dtypes
from refgrad.api.decomposition import LinAlgError, identity, matrix, square
from refgrad.api.forms import fields
from refgrad.api.naming import recorded_as
from refgrad.api.triangular import check_sides
from refgrad.ops import factors as ops
from refgrad.ops.decomposition import mH
from refgrad.ops.shape import cat, mT
from refgrad.tensor import Tensor


def lu_factor_ex(A: Tensor, *, pivot: bool = True, check_errors: bool = False) -> Any:
    """Both factors in one matrix (…, m, n), the rows exchanged in turn (…, k) as PyTorch counts them, from 1, and where
    the upper factor is singular: the first zero of its diagonal (…), 0 if it has none.
    """
    return _with_info("linalg.lu_factor_ex", "linalg_lu_factor_ex", A, pivot=pivot, check=check_errors)


def lu_factor(A: Tensor, *, pivot: bool = True) -> Any:
    """Both factors in one matrix and the rows exchanged; raises where the upper one is singular."""
    LU, pivots, _ = _with_info("torch.linalg.lu_factor", "linalg_lu_factor_ex", A, pivot=pivot, check=True)
    return fields("linalg_lu_factor", "LU", "pivots")(LU, pivots)


@recorded_as("LinalgLuBackward0")
def lu(A: Tensor, *, pivot: bool = True) -> Any:
    """A permutation (…, m, m), a lower factor (…, m, k) with ones on its diagonal and an upper one (…, k, n), of which
    `A` is the product.
    """
    LU, pivots = _factored(A, "linalg.lu", pivot=pivot)
    return fields("linalg_lu", "P", "L", "U")(*_unpacked(LU, pivots))


def legacy_lu(A: Tensor, pivot: bool = True, get_infos: bool = False) -> Any:
    """`lu_factor` as `torch.lu` gives it, which raises nothing; with `get_infos` also where the upper factor is
    singular.
    """
    found = _with_info("torch.lu", "_lu_with_info", A, pivot=pivot, check=False)
    return found if get_infos else tuple(found[:2])


def _with_info(name: str, type_name: str, A: Tensor, *, pivot: bool, check: bool) -> Any:
    LU, pivots = _factored(A, name, pivot=pivot)
    info = ops.zero_pivot(LU)
    if check:
        _refuse_zero(info, name)
    return fields(type_name, "LU", "pivots", "info")(LU, pivots, info)


def _refuse_zero(info: Tensor, name: str) -> None:
    try:
        ops.refuse_zero(info)
    except ZeroDivisionError as error:
        raise LinAlgError(
            f"{name}: {error} and using it on lu_solve would result in a division by zero. If you still want to perform "
            "the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)"
        ) from None


def _factored(A: Tensor, name: str, *, pivot: bool) -> tuple[Tensor, Tensor]:
    if matrix(A, name, prefix="").dtype.category < dtypes.FLOATING:
        raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got {A.dtype}")
    if not pivot:
        raise RuntimeError(f"{name}: LU without pivoting is not implemented on the CPU; leave pivot=True")
    m, n = A.shape[-2:]
    return ops.lu_factor(A) if m >= n else _wide(A)


@recorded_as("LinalgLuFactorExBackward0")
def _wide(A: Tensor) -> tuple[Tensor, Tensor]:
    """Of more columns than rows: the square part decides the exchanges and the lower factor."""
    m = A.shape[-2]
    LU, pivots = ops.lu_factor(A[..., :m])
    rest = mT(ops.permutation(pivots, rows=m, dtype=LU.dtype)) @ A[..., m:]
    return cat(LU, ops.solve_triangular(LU, rest, upper=False, unitriangular=True), dim=A.ndim - 1), pivots


@recorded_as("LuUnpackBackward0")
def _unpacked(LU: Tensor, pivots: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    m, n = LU.shape[-2:]
    k = min(m, n)
    P = ops.permutation(pivots, rows=m, dtype=LU.dtype)
    return P, LU[..., :k].tril(-1) + identity(LU, m, k), LU[..., :k, :].triu()


def lu_unpack(LU_data: Tensor, LU_pivots: Tensor, unpack_data: bool = True, unpack_pivots: bool = True) -> Any:
    """The permutation and both factors, apart; an empty tensor for what is not unpacked."""
    if LU_pivots.dtype is not dtypes.int32:
        raise RuntimeError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype. Note: this function "
            "is intended to be used with the output produced by torch.linalg.lu_factor"
        )
    try:
        P, L, U = _unpacked(LU_data, LU_pivots)
    except IndexError as error:
        raise RuntimeError(
            f"pivots passed to lu_unpack must be between 1 and LU.size(-2), here {LU_data.shape[-2]}, inclusive. Did you "
            "properly pass the result of lu_factor?"
        ) from error
    empty = LU_data.new_empty(0)
    return fields("lu_unpack", "P", "L", "U")(
        P if unpack_pivots else empty, *((L, U) if unpack_data else (empty, empty))
    )


@recorded_as("LinalgLuSolveBackward0")
def lu_solve(LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False) -> Tensor:
    """`X` with ``A @ X == B``, or with ``X @ A == B``, of the `A` that was factored, or of its conjugate transpose."""
    square(LU, "lu_solve")
    if pivots.dtype is not dtypes.int32:
        raise RuntimeError(
            f"linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32, not {pivots.dtype}; they come from "
            "linalg.lu_factor"
        )
    check_sides(LU, B, "lu_solve", left=left)
    if not left:  # X·A = B  <=>  Aᴴ·Xᴴ = Bᴴ
        return mH(_solved(LU, pivots, mH(B), adjoint=not adjoint))
    return _solved(LU, pivots, B, adjoint=adjoint)


def _solved(LU: Tensor, pivots: Tensor, B: Tensor, *, adjoint: bool) -> Tensor:
    P = ops.permutation(pivots, rows=LU.shape[-1], dtype=LU.dtype)
    if adjoint:
        half = ops.solve_triangular(mH(LU), B, upper=False, unitriangular=False)
        return P @ ops.solve_triangular(mH(LU), half, upper=True, unitriangular=True)
    half = ops.solve_triangular(LU, mT(P) @ B, upper=False, unitriangular=True)
    return ops.solve_triangular(LU, half, upper=True, unitriangular=False)


def legacy_lu_solve(b: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
    """`lu_solve` as `torch.lu_solve` takes its arguments."""
    return lu_solve(LU_data, LU_pivots, b)
