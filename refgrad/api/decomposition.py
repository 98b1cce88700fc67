"""Decompositions of matrices and what solves with them, with the signatures of `torch.linalg`."""

from __future__ import annotations

from typing import Any

from refgrad import dtypes
from refgrad.api.forms import fields
from refgrad.api.naming import recorded_as
from refgrad.ops import decomposition as ops
from refgrad.ops import spectral
from refgrad.ops.indexing import getitem
from refgrad.ops.shape import cat
from refgrad.tensor import Tensor


class LinAlgError(RuntimeError):
    """A matrix is singular, or not positive definite, where it must not be."""


def matrix(A: Tensor, name: str, *, prefix: str = "linalg.") -> Tensor:
    """`A`, if it is a stack of matrices; PyTorch's error if not."""
    if A.ndim < 2:
        raise RuntimeError(f"{prefix}{name}: The input tensor A must have at least 2 dimensions.")
    return A


def square(A: Tensor, name: str, *, prefix: str = "linalg.") -> Tensor:
    """`A`, if it is a stack of square matrices of a floating or complex dtype; PyTorch's error if not."""
    m, n = matrix(A, name, prefix=prefix).shape[-2:]
    if m != n:
        raise RuntimeError(f"{prefix}{name}: A must be batches of square matrices, but they are {m} by {n} matrices")
    if A.dtype.category < dtypes.FLOATING:
        raise RuntimeError(f"{prefix}{name}: Expected a floating point or complex tensor as input. Got {A.dtype}")
    return A


def identity(like: Tensor, m: int, n: int) -> Tensor:
    """The first `n` columns of the identity (m, n), in the dtype and on the device of a tensor."""
    return cat(like.new_ones(n).diag_embed(), like.new_zeros(m - n, n), dim=0)


def _checked(op: Any, *args: Any, **attrs: Any) -> Any:
    """The result, the array library's error for singular matrices in PyTorch's class."""
    try:
        return op(*args, **attrs)
    except Exception as error:
        if type(error).__name__ != "LinAlgError":
            raise
        raise LinAlgError(
            f"linalg.{op.name}: {error}; the input matrix is singular or not positive-definite."
        ) from error


def inv(A: Tensor) -> Tensor:
    """The inverse of matrices."""
    return _checked(ops.inv, square(A, "inv"))


def det(A: Tensor) -> Tensor:
    """The determinant of matrices; singular ones have a derivative too."""
    return ops.det(square(A, "det"))


def slogdet(A: Tensor) -> Any:
    """The sign and the logarithm of the modulus of the determinant."""
    return fields("linalg_slogdet", "sign", "logabsdet")(*ops.slogdet(square(A, "slogdet")))


@recorded_as(lambda _y, input: None if input.dtype.is_complex else "WhereBackward0")
def logdet(input: Tensor) -> Tensor:
    """The logarithm of the determinant: nan where that is negative."""
    sign, modulus = ops.slogdet(square(input, "logdet", prefix=""))
    return sign.log() + modulus


def is_vector_for(A: Tensor, B: Tensor) -> bool:
    """Whether the right-hand side is a vector, or a stack of them, one for each matrix."""
    return B.ndim == 1 or (A.ndim - 1 == B.ndim and tuple(B.shape) == tuple(A.shape[:-1]))


@recorded_as("LinalgSolveExBackward0")
def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """`X` with ``A @ X == B``, or with ``X @ A == B``; `B` may be a vector, or a batch of them."""
    square(A, "solve")
    if is_vector_for(A, B):
        if not left:
            raise RuntimeError(
                "linalg.solve: Vector broadcasting of the left hand side is not supported for left=False."
            )
        return _checked(ops.solve, A, B.unsqueeze(-1)).squeeze(-1)
    return _checked(ops.solve, A, B) if left else _checked(ops.solve, A.mT, B.mT).mT


@recorded_as("LinalgCholeskyExBackward0")
def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """The lower triangular factor of Hermitian positive-definite matrices, or the upper one."""
    y = _checked(ops.cholesky, square(A, "cholesky"))
    return ops.mH(y) if upper else y


def qr(A: Tensor, mode: str = "reduced") -> Any:
    """An orthogonal and an upper triangular factor: of m×n matrices m×k and k×n ("reduced"); "r" leaves the first
    empty.
    """
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        )
    made = fields("linalg_qr", "Q", "R")
    m, n = matrix(A, "qr").shape[-2:]
    if mode == "r":
        return made(A.new_empty(0), ops.triangle(A))
    if mode == "complete" and m > n:
        return made(*ops.complete_qr(A))
    return made(*(ops.qr(A) if m >= n else _wide_qr(A)))


@recorded_as("LinalgQrBackward0")
def _wide_qr(A: Tensor) -> tuple[Tensor, Tensor]:
    """Of more columns than rows: the first square part decides the orthogonal factor."""
    m = A.shape[-2]
    q, r = ops.qr(getitem(A, index=(Ellipsis, slice(m))))
    return q, cat(r, ops.mH(q) @ getitem(A, index=(Ellipsis, slice(m, None))), dim=A.ndim - 1)


def legacy_qr(input: Tensor, some: bool = True) -> Any:
    """`qr` as `torch.qr` gives it: of reduced shape, or complete."""
    return fields("qr", "Q", "R")(*qr(input, "reduced" if some else "complete"))


def svd(A: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> Any:
    """Singular vectors, singular values in descending order, and conjugated right singular vectors as rows."""
    _check_driver(A, driver)
    if full_matrices and A.shape[-1] != A.shape[-2]:
        return fields("linalg_svd", "U", "S", "Vh")(*spectral.full_svd(A))
    return fields("linalg_svd", "U", "S", "Vh")(*spectral.svd(A))


def legacy_svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
    """`svd` as `torch.svd` gives it: right singular vectors as columns, by default of reduced shape."""
    u, s, vh = svd(input, not some or not compute_uv)
    u, v = (u, ops.mH(vh)) if compute_uv else (u.detach() * 0, vh.detach().mT * 0)
    return fields("svd", "U", "S", "V")(u, s, v)


def _check_driver(A: Tensor, driver: str | None) -> None:
    matrix(A, "svd")
    if driver is not None and A.device.type != "cuda":
        raise RuntimeError(
            f"torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend; leave "
            f"driver={driver!r} away"
        )


def svdvals(A: Tensor, *, driver: str | None = None) -> Tensor:
    """The singular values in descending order."""
    _check_driver(A, driver)
    return spectral.svd(A)[1]


def eigh(A: Tensor, UPLO: str = "L") -> Any:
    """The ascending eigenvalues and the eigenvectors of Hermitian matrices, of which one triangle is read."""
    A = square(A, "eigh")
    if UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return fields("linalg_eigh", "eigenvalues", "eigenvectors")(*spectral.eigh(ops.mH(A) if UPLO.upper() == "U" else A))


def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """The ascending eigenvalues of Hermitian matrices."""
    return eigh(A, UPLO)[0]


def eig(A: Tensor) -> Any:
    """The complex eigenvalues, in no order, and eigenvectors of square matrices."""
    values, vectors = spectral.eig(square(A, "eig"))
    return fields("linalg_eig", "eigenvalues", "eigenvectors")(values, vectors)


def eigvals(A: Tensor) -> Tensor:
    """The complex eigenvalues of square matrices, in no order."""
    return eig(square(A, "eigvals"))[0]


@recorded_as(lambda _y, A, n: None if n else "CopyBackwards")
def matrix_power(A: Tensor, n: int) -> Tensor:
    """The product of `n` copies of the matrices; of their inverses if `n` is negative."""
    square(A, "matrix_power")
    if not isinstance(n, int):
        raise TypeError(f"linalg_matrix_power(): argument 'n' (position 2) must be int, not {type(n).__name__}")
    if n == 0:
        return A.new_ones(A.shape[:-1]).diag_embed() + 0 * A  # recorded, of zero derivative
    if n == 1:
        return A.clone()
    base, power, y = (inv(A) if n < 0 else A), abs(n), None
    while power:
        if power & 1:
            y = base if y is None else y @ base
        power >>= 1
        base = base @ base if power else base
    return y


def multi_dot(tensors: Any) -> Tensor:
    """The product of the matrices."""
    y, *rest = tensors
    for x in rest:
        y = y @ x
    return y
