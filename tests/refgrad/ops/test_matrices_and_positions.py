"""Decompositions, products by indices, triangles, and what selects elements agree with PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import refgrad
from tests.refgrad.ops.against_torch import agree, cases

SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])
ROWS = np.array([2, 0, 2])


def positive(x: Any) -> Any:
    """A Hermitian positive-definite matrix made of `x`."""
    return x @ x.mH + 2 * refgrad_or_torch(x).eye(x.shape[-1], dtype=x.dtype)


def refgrad_or_torch(x: Any) -> Any:
    """The namespace of the tensor."""
    return refgrad if isinstance(x, refgrad.Tensor) else __import__("torch")


@cases(
    ("inv", lambda t, a: t.linalg.inv(a), [(2, 3, 3)]),
    ("det", lambda t, a: t.linalg.det(a), [(2, 3, 3)]),
    ("det-8", lambda t, a: t.linalg.det(a), [(8, 8)]),
    ("det-1", lambda t, a: t.det(a), [(1, 1)]),
    ("slogdet", lambda t, a: t.linalg.slogdet(a), [(2, 3, 3)]),
    ("solve", lambda t, a, b: t.linalg.solve(a, b), [(3, 3), (2, 3, 2)]),
    ("solve-vector", lambda t, a, b: t.linalg.solve(a, b), [(2, 3, 3), (2, 3)]),
    ("solve-right", lambda t, a, b: t.linalg.solve(a, b, left=False), [(3, 3), (2, 3)]),
    ("solve_triangular", lambda t, a, b: t.linalg.solve_triangular(a, b, upper=True), [(3, 3), (3, 2)]),
    ("cholesky", lambda t, x: t.linalg.cholesky(positive(x)), [(2, 3, 3)]),
    ("cholesky-upper", lambda t, x: t.linalg.cholesky(positive(x), upper=True), [(3, 3)]),
    ("qr", lambda t, a: t.linalg.qr(a), [(2, 4, 3)]),
    ("qr-wide", lambda t, a: t.linalg.qr(a), [(2, 4)]),
    ("eigvalsh", lambda t, x: t.linalg.eigvalsh(positive(x)), [(2, 3, 3)]),
    ("eigh", lambda t, x: [v if i == 0 else (v * v.conj()).real for i, v in enumerate(t.linalg.eigh(positive(x)))], [(3, 3)]),
    ("svdvals", lambda t, a: t.linalg.svdvals(a), [(2, 4, 3)]),
    ("svd", lambda t, a: (lambda u, s, v: [s, (u * u.conj()).real, (v * v.conj()).real])(*t.linalg.svd(a, full_matrices=False)), [(4, 3)]),
    ("svd-wide", lambda t, a: (lambda u, s, v: (u * s.sin().unsqueeze(-2)) @ v)(*t.linalg.svd(a, full_matrices=False)), [(2, 2, 4)]),
    ("matrix_power", lambda t, a: t.linalg.matrix_power(a, -3), [(3, 3)]),
    ("einsum", lambda t, a, b: t.einsum("bij,bjk->bik", a, b), [(2, 3, 4), (2, 4, 5)]),
    ("einsum-three", lambda t, a, b, c: t.einsum("ij,jk,ki", a, b, c), [(2, 3), (3, 4), (4, 2)]),
    ("einsum-diagonal", lambda t, a: t.einsum("...ii->...i", a), [(2, 3, 3)]),
    ("einsum-ellipsis", lambda t, a, b: t.einsum("...i,j...->...j", a, b), [(2, 3), (4, 2)]),
    ("einsum-implicit", lambda t, a, b: t.einsum("ba,bc", a, b), [(2, 3), (2, 4)]),
    ("tensordot", lambda t, a, b: t.tensordot(a, b, 2), [(2, 3, 4), (3, 4, 5)]),
    ("tensordot-pairs", lambda t, a, b: t.tensordot(a, b, ([0, 2], [1, 0])), [(2, 3, 4), (4, 2, 5)]),
    ("kron", lambda t, a, b: t.kron(a, b), [(2, 3), (2, 2, 2)]),
    ("cross", lambda t, a, b: t.linalg.cross(a, b), [(2, 3), (2, 3)]),
    ("tril", lambda t, a: t.tril(a, -1), [(2, 3, 4)]),
    ("triu", lambda t, a: a.triu(1), [(3, 3)]),
    ("diag_embed", lambda t, a: t.diag_embed(a, 1, 0, 2), [(2, 3)]),
    ("trace", lambda t, a: t.trace(a), [(3, 4)]),
    ("repeat_interleave", lambda t, a: t.repeat_interleave(a, 2, 1), [(2, 3)]),
    ("repeat_interleave-each", lambda t, a, n: a.repeat_interleave(n, 0), [(3, 2), np.array([1, 0, 2])]),
    ("index_add", lambda t, a, i, b: t.index_add(a, 1, i, b, alpha=2), [(2, 3), ROWS, (2, 3)]),
    ("scatter", lambda t, a, i, b: t.scatter(a, 0, i.unsqueeze(1), b), [(3, 2), np.array([2, 0]), (2, 1)]),
    ("take_along_dim", lambda t, a, i: t.take_along_dim(a, i.unsqueeze(0), 1), [(2, 3), ROWS]),
    ("masked_fill", lambda t, a, v: t.masked_fill(a, a.detach().abs() > 1, v), [(2, 3), ()]),
    ("roll", lambda t, a: t.roll(a, (1, -1), (0, 1)), [(2, 3)]),
    ("unfold", lambda t, a: a.unfold(1, 2, 1), [(2, 4)]),
    ("tile", lambda t, a: t.tile(a, (2, 1, 2)), [(2, 3)]),
)  # fmt: skip
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_agrees(function: Any, inputs: Any, dtype: str) -> None:
    agree(function, inputs, dtype)


@pytest.mark.parametrize("options", [{}, {"padding_idx": 0}, {"padding_idx": -1}, {"scale_grad_by_freq": True}])
def test_embedding(options: dict[str, Any]) -> None:
    # Leaving gradients out, or scaling them, is no transpose of anything: forward mode is compared without.
    agree(lambda t, w, i: t.nn.functional.embedding(i, w, **options), [(3, 2), ROWS], order=1, forward=not options)


@pytest.mark.parametrize("a", [SINGULAR, np.zeros((2, 2)), np.zeros((3, 3)), np.diag([1.0, 0.0, 0.0])])
def test_determinants_of_singular_matrices_have_right_derivatives(a: Any) -> None:
    n, h = len(a), 2.0**-10
    e = np.eye(n * n).reshape(n, n, n, n)
    x = refgrad.tensor(a, requires_grad=True)
    (g,) = refgrad.autograd.grad(refgrad.det(x), x, create_graph=True)
    # The determinant is linear in each element: differences are exact up to rounding.
    expected = [
        [(np.linalg.det(a + h * e[i, j]) - np.linalg.det(a - h * e[i, j])) / (2 * h) for j in range(n)]
        for i in range(n)
    ]
    np.testing.assert_allclose(g.detach().numpy(), expected, atol=1e-9)
    (second,) = refgrad.autograd.grad(g[0, 0], x)
    mixed = [
        [
            sum(s * r * np.linalg.det(a + s * h * e[0, 0] + r * h * e[i, j]) for s in (1, -1) for r in (1, -1))
            / (4 * h * h)
            for j in range(n)
        ]
        for i in range(n)
    ]
    mixed[0][0] = 0.0
    np.testing.assert_allclose(second.numpy(), mixed, atol=1e-6)  # rounding over h²


def test_singular_matrices_are_refused_as_in_pytorch() -> None:
    with pytest.raises(refgrad.linalg.LinAlgError, match="singular"):
        refgrad.linalg.inv(refgrad.zeros(2, 2))
