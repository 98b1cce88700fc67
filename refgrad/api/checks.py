"""Inverse, solving and Cholesky that raise nothing: what went wrong is said by an integer beside the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refgrad import dtypes
from refgrad.api.decomposition import LinAlgError, cholesky, identity, inv, is_vector_for, solve, square
from refgrad.api.forms import fields
from refgrad.ops import factors as ops
from refgrad.rules import where
from refgrad.tensor import Tensor


def inv_ex(A: Tensor, *, check_errors: bool = False) -> Any:
    """The inverse, and for each matrix 0, or the place of its first zero pivot, counted from 1: that has nan for inverse.

    With `check_errors` singular matrices raise.

    >>> from refgrad import tensor
    >>> inv_ex(tensor([[[2.0]], [[0.0]]])).info.tolist()
    [0, 1]
    """
    found = _informed(inv, square(A, "inv_ex"), _first_zero_pivot, check=check_errors)
    return fields("linalg_inv_ex", "inverse", "info")(*found)


def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> Any:
    """`X` with ``A @ X == B``, or with ``X @ A == B``, and for each matrix what `inv_ex` says of it."""

    def solved(A: Tensor) -> Tensor:
        return solve(A, B, left=left)

    dims = 1 if is_vector_for(A, B) else 2
    found = _informed(solved, square(A, "solve_ex"), _first_zero_pivot, check=check_errors, dims=dims)
    return fields("linalg_solve_ex", "result", "info")(*found)


def cholesky_ex(A: Tensor, *, upper: bool = False, check_errors: bool = False) -> Any:
    """The Cholesky factor, and for each matrix 0, or the order of the first leading minor that is not positive: that
    has nan for a factor.
    """

    def factored(A: Tensor) -> Tensor:
        return cholesky(A, upper=upper)

    found = _informed(factored, square(A, "cholesky_ex"), ops.first_minor, check=check_errors)
    return fields("linalg_cholesky_ex", "L", "info")(*found)


def _first_zero_pivot(A: Tensor) -> Tensor:
    return ops.zero_pivot(ops.lu_factor(A.detach())[0])


def _informed(
    function: Callable[[Tensor], Tensor], A: Tensor, fault: Callable[[Tensor], Tensor], *, check: bool, dims: int = 2
) -> tuple[Tensor, Tensor]:
    """What the function gives, nan for the matrices in which there is a fault, and where that is."""
    try:
        return function(A), A.new_zeros(A.shape[:-2], dtype=dtypes.int32)
    except LinAlgError:
        if check:
            raise
    info = fault(A)
    n = A.shape[-1]
    y = function(where((info == 0)[..., None, None], A, identity(A, n, n)))
    return where((info == 0)[(..., *[None] * dims)], y, float("nan")), info
