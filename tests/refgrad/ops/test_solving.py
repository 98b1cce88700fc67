"""What factors, solves and inverts matrices beyond the core: discrete results, what is singular, and misuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import refgrad

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra named torch")

MIXED = np.array([[[1.0, 2.0], [2.0, 4.0]], [[4.0, 1.0], [1.0, 3.0]]])  # a singular matrix and a positive one
PIVOTS = np.array([2, 3, 3], np.int32)
RANDOM = np.random.default_rng(5).standard_normal((4, 5, 3))
MADE = {
    "info of lu_factor_ex": lambda t: t.linalg.lu_factor_ex(t.from_numpy(MIXED)).info,
    "info of inv_ex": lambda t: t.linalg.inv_ex(t.from_numpy(MIXED)).info,
    "info of solve_ex": lambda t: t.linalg.solve_ex(t.from_numpy(MIXED), t.ones(2, 1, dtype=t.float64)).info,
    "info of cholesky_ex": lambda t: t.linalg.cholesky_ex(t.from_numpy(MIXED - 3.5 * np.eye(2))).info,
    "info of one matrix": lambda t: t.linalg.inv_ex(t.eye(2)).info,
    "info of torch.lu": lambda t: t.lu(t.from_numpy(MIXED), get_infos=True)[2],
    "inverse beside a singular matrix": lambda t: t.linalg.inv_ex(t.from_numpy(MIXED)).inverse[1],
    "factor beside a singular matrix": lambda t: t.linalg.cholesky_ex(t.from_numpy(MIXED - np.eye(2))).L[1],
    "pivots": lambda t: t.linalg.lu_factor(t.from_numpy(RANDOM)).pivots,
    "pivots of complex": lambda t: t.linalg.lu_factor(t.from_numpy(RANDOM[:2] + 1j * RANDOM[2:])).pivots,
    "permutation": lambda t: t.linalg.lu(t.from_numpy(RANDOM)).P,
    "permutation of pivots": lambda t: t.lu_unpack(t.ones(3, 3), t.from_numpy(PIVOTS)).P,
    "nothing unpacked": lambda t: t.lu_unpack(t.ones(3, 3), t.from_numpy(PIVOTS), unpack_data=False).U,
    "factors of a singular matrix": lambda t: t.linalg.lu(t.from_numpy(MIXED[0])).U,
    "rank": lambda t: t.linalg.lstsq(t.from_numpy(MIXED[0]), t.ones(2, 1, dtype=t.float64)).rank,
    "rank of gels": lambda t: t.linalg.lstsq(t.from_numpy(RANDOM), t.from_numpy(RANDOM), driver="gels").rank,
    "singular values": lambda t: (
        t.linalg.lstsq(t.from_numpy(RANDOM), t.from_numpy(RANDOM), driver="gelss").singular_values
    ),
    "no residuals": lambda t: t.linalg.lstsq(t.from_numpy(RANDOM), t.from_numpy(RANDOM)).residuals,
    "solution of least norm": lambda t: t.linalg.lstsq(t.from_numpy(MIXED[0]), t.ones(2, 1, dtype=t.float64)).solution,
    "a zero on the diagonal": lambda t: t.linalg.solve_triangular(t.zeros(2, 2), t.ones(2, 1), upper=True),
    "exponential of nothing": lambda t: t.matrix_exp(t.zeros(0, 0)),
    "exponential of no matrices": lambda t: t.matrix_exp(t.zeros(0, 2, 2)),
    "exponential of far apart norms": lambda t: t.matrix_exp(t.tensor([[[1e-9]], [[80.0]]], dtype=t.float64)),
    "zeros in place of singular vectors": lambda t: t.svd(t.from_numpy(RANDOM), compute_uv=False).U,
    "condition of singular matrices": lambda t: t.linalg.cond(t.from_numpy(MIXED), 1),
    "condition of nothing": lambda t: t.linalg.cond(t.zeros(2, 0, 0), 1),
    "powers of integers": lambda t: t.linalg.vander(t.tensor([1, 2, 3]), N=2),
    "pseudoinverse of nothing": lambda t: t.linalg.pinv(t.zeros(0, 3)),
    "pseudoinverse of zeros": lambda t: t.linalg.pinv(t.zeros(2, 3)),
}
REFUSED = {
    "square": lambda t: t.matrix_exp(t.ones(2, 3)),
    "floating point": lambda t: t.matrix_exp(t.tensor([[1]])),
    r"U\[2,2\] is zero": lambda t: t.linalg.lu_factor(t.from_numpy(MIXED[0])),
    "without pivoting": lambda t: t.linalg.lu_factor(t.ones(2, 2), pivot=False),
    "singular": lambda t: t.linalg.inv_ex(t.from_numpy(MIXED[0]), check_errors=True),
    "positive-definite": lambda t: t.linalg.cholesky_ex(-t.eye(2), check_errors=True),
    "torch.int32": lambda t: t.linalg.lu_solve(t.ones(3, 3), t.ones(3), t.ones(3, 3)),
    "lu_factor": lambda t: t.lu_unpack(t.ones(3, 3), t.ones(3)),
    "equation AX = B": lambda t: t.linalg.solve_triangular(t.ones(3, 3), t.ones(2, 3), upper=True),
    "at least 2 dimensions": lambda t: t.triangular_solve(t.ones(3), t.ones(3, 3)),
    "Incompatible matrix sizes for cholesky_solve": lambda t: t.cholesky_solve(t.ones(2, 1), t.ones(3, 3)),
    "cholesky_inverse: A must be": lambda t: t.cholesky_inverse(t.ones(3, 2)),
    r"input.shape\[-2\] must be greater": lambda t: t.linalg.householder_product(t.ones(2, 3), t.ones(2)),
    r"equal to min\(other": lambda t: t.ormqr(t.ones(3, 2), t.ones(1), t.ones(3, 3)),
    r"equal to input.shape\[-2\]": lambda t: t.ormqr(t.ones(3, 2), t.ones(2), t.ones(2, 3)),
    "gels, gelsy, gelsd, gelss": lambda t: t.linalg.lstsq(t.ones(3, 3), t.ones(3, 3), driver="svd"),
    "should match other.size": lambda t: t.linalg.lstsq(t.ones(3, 3), t.ones(2, 3)),
    "2 or more dimensions": lambda t: t.linalg.pinv(t.ones(3)),
    "strictly positive integer": lambda t: t.linalg.tensorinv(t.ones(2, 3, 6), ind=0),
    r"prod\(self.shape\[ind:\]\)": lambda t: t.linalg.tensorinv(t.ones(2, 3, 4)),
    r"prod\(self.shape\[other.ndim:\]\)": lambda t: t.linalg.tensorsolve(t.ones(2, 3, 4), t.ones(2, 3)),
    "UPLO argument": lambda t: t.linalg.eigvalsh(t.eye(2), UPLO="X"),
    "svd: The input tensor A must have at least 2": lambda t: t.linalg.svdvals(t.ones(3)),
    "driver=": lambda t: t.linalg.svdvals(t.ones(3, 3), driver="gesvd"),
    "^cholesky: A must be": lambda t: t.cholesky(t.ones(2, 3)),
    "^logdet: A must be": lambda t: t.logdet(t.ones(2, 3)),
    "eigvals: A must be": lambda t: t.linalg.eigvals(t.ones(2, 3)),
    "lu_solve: Incompatible shapes": lambda t: t.linalg.lu_solve(t.ones(3, 3), t.from_numpy(PIVOTS), t.ones(2, 3)),
    "pivots passed to lu_unpack": lambda t: t.lu_unpack(t.ones(3, 3), t.from_numpy(PIVOTS + 6)),
    "invalid norm type": lambda t: t.linalg.cond(t.ones(3, 3), 3),
    "does not match input dtype": lambda t: t.linalg.householder_product(t.ones(3, 2), t.ones(2, dtype=t.float64)),
    "qr: The input tensor A must have": lambda t: t.qr(t.ones(3)),
    "greater than 1": lambda t: t.linalg.vander(t.ones(3), N=1),
}


@pytest.mark.filterwarnings("ignore:torch.lu is deprecated")
@pytest.mark.parametrize("made", MADE)
def test_what_has_no_derivative_is_pytorch_s(made: str) -> None:
    ours, theirs = MADE[made](refgrad), MADE[made](torch)
    assert repr(ours.dtype) == repr(theirs.dtype)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), 1e-12, 1e-14)  # values are judged by the corpus


@pytest.mark.filterwarnings("ignore:torch.(cholesky|qr) is deprecated")
@pytest.mark.parametrize("words", REFUSED)
def test_misuse_is_refused_in_pytorch_s_words(words: str) -> None:
    for t in (refgrad, torch):
        with pytest.raises(RuntimeError, match=words):
            REFUSED[words](t)


@pytest.mark.parametrize("function", ["inv_ex", "cholesky_ex"])
def test_what_is_singular_is_nan(function: str) -> None:
    y: Any = getattr(refgrad.linalg, function)(refgrad.tensor(MIXED - (function == "cholesky_ex") * np.eye(2)))
    assert np.isnan(y[0][0].numpy()).all()
    assert np.isfinite(y[0][1].numpy()).all()


def test_the_first_power_is_a_tensor_of_its_own() -> None:
    x = refgrad.ones(2, 2)
    refgrad.linalg.matrix_power(x, 1).add_(1)
    assert x.tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_factors_of_a_batch_are_those_of_each() -> None:
    """What asks whether a pivot is zero runs under vmap too."""
    a = refgrad.tensor(RANDOM[:, :3])
    found = refgrad.func.vmap(lambda x: refgrad.linalg.lu_solve(*refgrad.linalg.lu_factor(x), x))(a)
    np.testing.assert_allclose(found.numpy(), np.broadcast_to(np.eye(3), (4, 3, 3)), 1e-12, 1e-12)


def test_the_exponential_commutes_with_its_transpose_as_pytorch_s() -> None:
    """The derivative along the matrix itself is the product with it, at every order that forward mode nests."""
    a = refgrad.tensor(RANDOM[0, :3])
    _, first = refgrad.func.jvp(lambda x: refgrad.func.jvp(refgrad.matrix_exp, (x,), (a,))[1], (a,), (a,))
    np.testing.assert_allclose(first.numpy(), (a @ a @ a.matrix_exp()).numpy(), 1e-12)
