"""Products of Householder reflectors, given as QR decompositions leave them: vectors below a diagonal, and factors."""

from __future__ import annotations

from refgrad.api.decomposition import identity, matrix
from refgrad.api.naming import recorded_as
from refgrad.ops.arithmetic import fill
from refgrad.ops.decomposition import mH
from refgrad.ops.shape import cat
from refgrad.tensor import Tensor


@recorded_as("LinalgHouseholderProductBackward0")
def householder_product(A: Tensor, tau: Tensor) -> Tensor:
    """The first `n` columns (…, m, n) of the product of ``I - tau[i] * v[i] @ v[i].mH``, where `v[i]` is what `A` has
    below its diagonal in column `i`, with a 1 above that.
    """
    m, n = matrix(A, "householder_product", prefix="torch.linalg.").shape[-2:]
    if A.dtype != tau.dtype:
        raise RuntimeError(
            f"torch.linalg.householder_product: tau dtype {tau.dtype} does not match input dtype {A.dtype}"
        )
    if m < n:
        raise RuntimeError(
            "torch.linalg.householder_product: input.shape[-2] must be greater than or equal to input.shape[-1]"
        )
    if n < tau.shape[-1]:
        raise RuntimeError(
            "torch.linalg.householder_product: input.shape[-1] must be greater than or equal to tau.shape[-1]"
        )
    columns = fill(A, 0) + identity(A, m, n)  # of the arguments, so that both have gradients if there is no reflector
    if not tau.shape[-1]:
        columns = columns + tau.sum(-1)[..., None, None]
    return _reflected(A, tau, columns, range(tau.shape[-1]))


@recorded_as("OrmqrBackward0")
def ormqr(input: Tensor, tau: Tensor, other: Tensor, left: bool = True, transpose: bool = False) -> Tensor:
    """`other` times the product of reflectors, all `m` columns of it, or its conjugate transpose, from the left or the
    right.
    """
    rows = -2 if left else -1
    for x in (input, other):
        matrix(x, "ormqr", prefix="torch.")
    if other.shape[rows] < tau.shape[-1]:
        raise RuntimeError(f"torch.ormqr: other.shape[{rows}] must be greater than or equal to tau.shape[-1]")
    if tau.shape[-1] != min(other.shape[rows], input.shape[-1]):
        raise RuntimeError(f"torch.ormqr: tau.shape[-1] must be equal to min(other.shape[{rows}], input.shape[-1])")
    if other.shape[rows] != input.shape[-2]:
        raise RuntimeError(f"torch.ormqr: other.shape[{rows}] must be equal to input.shape[-2]")
    order = range(tau.shape[-1])
    if left:
        return _reflected(input, _conjugated(tau) if transpose else tau, other, order[::-1] if transpose else order)
    return mH(_reflected(input, tau if transpose else _conjugated(tau), mH(other), order if transpose else order[::-1]))


def _conjugated(tau: Tensor) -> Tensor:
    return tau.conj() if tau.dtype.is_complex else tau


def _reflected(A: Tensor, tau: Tensor, y: Tensor, order: range) -> Tensor:
    """`y` (…, m, k) multiplied by the reflectors, of which the last in the order comes first."""
    for i in reversed(order):
        v = cat(A.new_zeros(*A.shape[:-2], i), A.new_ones(*A.shape[:-2], 1), A[..., i + 1 :, i], dim=A.ndim - 2)
        v = v.unsqueeze(-1)
        y = y - tau[..., i, None, None] * (v @ (mH(v) @ y))
    return y
