"""Functions of matrices, pseudoinverse and least squares, and tensors read as matrices."""

from __future__ import annotations

import math
from typing import Any

from refgrad import dtypes
from refgrad.api.checks import inv_ex
from refgrad.api.decomposition import inv, is_vector_for, matrix, solve, square, svdvals
from refgrad.api.forms import fields
from refgrad.api.naming import recorded_as
from refgrad.api.norms import matrix_norm
from refgrad.ops import factors as ops
from refgrad.ops.shape import cat
from refgrad.rules import where
from refgrad.tensor import Tensor

DRIVERS = ("gels", "gelsy", "gelsd", "gelss")


def matrix_exp(input: Tensor) -> Tensor:
    """The exponential of square matrices: the sum of ``matrix_power(input, k) / k!``.

    >>> from refgrad import tensor
    >>> matrix_exp(tensor([[0.0, 1.0], [0.0, 0.0]])).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    return ops.matrix_exp(square(input, "matrix_exp"))


_COND = {None: "SqueezeBackward1", 2: "SqueezeBackward1", -2: "SqueezeBackward1", "nuc": "MulBackward0"}


@recorded_as(lambda _y, A, p=None: _COND.get(p, "NanToNumBackward0"))
def cond(A: Tensor, p: Any = None) -> Tensor:
    """The condition number: by default the ratio of the largest to the least singular value, with `p` the product of
    the norms of the matrices and their inverses; infinite for singular ones.
    """
    if p not in (None, 1, -1, 2, -2, math.inf, -math.inf, "fro", "nuc"):
        raise RuntimeError(f"linalg.cond got an invalid norm type: {p}; it takes fro, nuc, ±1, ±2, ±inf")
    A = matrix(A, "cond") if p in (None, 2, -2) else square(A, f"cond(ord={p})")
    if not A.numel():
        return A.abs().sum((-2, -1))
    if p == "nuc":
        values = svdvals(A)
        return values.sum(-1) * values.reciprocal().sum(-1)
    if p in (None, 2, -2):
        values = svdvals(A)
        largest, least = values[..., 0], values[..., -1]
        return least / largest if p == -2 else largest / least
    inverse, fault = inv_ex(A)
    return where(fault == 0, matrix_norm(A, p) * matrix_norm(inverse, p), math.inf)


def _tolerances(A: Tensor, atol: Any, rtol: Any) -> tuple[Any, ...]:
    """What counts as zero, absolutely and relatively, of each matrix; by default what rounding makes of zeros."""
    if rtol is None:
        rtol = _roundoff(A)
        if isinstance(atol, Tensor):
            rtol = where(atol > 0, 0.0, rtol)
        elif atol is not None and atol > 0:
            rtol = 0.0
    return tuple(x.detach().unsqueeze(-1) if isinstance(x, Tensor) else float(x or 0.0) for x in (atol, rtol))


def _roundoff(A: Tensor) -> float:
    """The share of the largest singular value that rounding may make of a zero."""
    return max(A.shape[-2:]) * float(dtypes.xp.finfo(A.dtype.array).eps)


def pinv(A: Tensor, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None) -> Tensor:
    """The pseudoinverse (…, n, m); singular values up to ``max(atol, rtol * the largest)`` count as zero.

    With `hermitian`, the lower triangle of Hermitian matrices is read. Differentiable where the rank does not change.
    """
    if A.ndim < 2 or A.dtype.category < dtypes.FLOATING:
        raise RuntimeError(
            f"linalg.pinv: expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types, not "
            f"{A.ndim} of {A.dtype}"
        )
    if hermitian:
        square(A, "pinv")
    atol, rtol = _tolerances(A, atol, rcond if rtol is None else rtol)
    return ops.pinv(A, atol, rtol, hermitian=hermitian)


def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    """`pinv`, in which singular values up to `rcond` times the largest count as zero."""
    return pinv(input, rcond)


@recorded_as("LinalgLstsqBackward0")
def lstsq(A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None) -> Any:
    """Least-squares solutions of ``A @ X == B``, those of least norm if there are several; squared residuals, rank and
    singular values are given where PyTorch's driver of that name gives them, and empty elsewhere.
    """
    driver = driver or "gelsy"
    if driver not in DRIVERS:
        raise RuntimeError(
            f"torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss), not {driver}"
        )
    if A.ndim < 2 or B.ndim < 1:
        raise RuntimeError("torch.linalg.lstsq: input must have at least 2 dimensions, and other at least 1.")
    is_vector = is_vector_for(A, B)
    if A.shape[-2] != B.shape[-1 if is_vector else -2]:
        raise RuntimeError(
            f"torch.linalg.lstsq: input.size(-2) should match other.size({-1 if is_vector else -2}); they are "
            f"{A.shape[-2]} and {B.shape[-1 if is_vector else -2]}"
        )
    right = B.unsqueeze(-1) if is_vector else B
    eps = _roundoff(A) if rcond is None else rcond
    solution = pinv(A, rtol=0.0 if driver == "gels" else eps) @ right
    rank = ops.rank(A, 0.0, eps)
    residuals = _residuals(A, right, solution, rank, driver)
    return fields("linalg_lstsq", "solution", "residuals", "rank", "singular_values")(
        solution.squeeze(-1) if is_vector else solution,
        residuals,
        rank if driver != "gels" else rank.reshape(-1)[:0],
        svdvals(A.detach()) if driver in ("gelsd", "gelss") else A.new_empty(0, dtype=A.dtype.to_real()),
    )


def _residuals(A: Tensor, B: Tensor, X: Tensor, rank: Tensor, driver: str) -> Tensor:
    """The squares of what is left, where the rows are more than the columns and these are independent."""
    m, n = A.shape[-2:]
    if m <= n or driver == "gelsy" or bool((rank < n).any()):
        return (X.abs() if X.dtype.is_complex else X).reshape(-1)[:0]
    return ((A @ X - B).abs() ** 2).sum(-2)


@recorded_as(lambda y, A, ind=2: "ReshapeAliasBackward0" if y.numel() > 1 else "ViewBackward0")
def tensorinv(A: Tensor, ind: int = 2) -> Tensor:
    """The inverse of `A` read as a matrix, whose rows are its first `ind` dimensions: these come last in the result."""
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    rows, columns = tuple(A.shape[:ind]), tuple(A.shape[ind:])
    if math.prod(rows) != math.prod(columns):
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
            f"{math.prod(columns)} != {math.prod(rows)}"
        )
    return inv(A.reshape(math.prod(rows), math.prod(columns))).reshape(*columns, *rows)


def tensorsolve(A: Tensor, B: Tensor, dims: Any = None) -> Tensor:
    """`X` with ``tensordot(A, X, X.ndim) == B``, after the dimensions `dims` of `A` were moved to its end."""
    if dims is not None:
        moved = tuple(d % A.ndim for d in dims)
        A = A.permute(*(d for d in range(A.ndim) if d not in moved), *moved)
    rows, columns = tuple(A.shape[: B.ndim]), tuple(A.shape[B.ndim :])
    if math.prod(rows) != math.prod(columns):
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), "
            f"but got {math.prod(columns)} != {math.prod(rows)}"
        )
    n = math.prod(columns)
    return solve(A.reshape(n, n), B.reshape(n)).reshape(*columns)


def vander(x: Tensor, *, N: int | None = None) -> Tensor:
    """The powers 0 to ``N - 1`` of each element, along a new last dimension; `N` is the size of the last one by default."""
    n = (x.shape[-1] if x.ndim else 1) if N is None else N
    if n <= 1:
        raise RuntimeError(f"N must be greater than 1, not {n}.")
    powers = x.unsqueeze(-1).expand(*x.shape, n - 1).cumprod(-1)
    return cat(powers.new_ones(*x.shape, 1), powers, dim=x.ndim)
