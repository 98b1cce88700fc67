"""Matrix decompositions and special functions where they are not differentiable, and sparse gradients."""

from __future__ import annotations

import math

from conformance.cases import FUNCTIONAL, IMPERATIVE, MAY, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises

_LINALG = "PyTorch documentation, torch.linalg"
_WEIGHTS = [[1.0, 2.0], [3.0, 4.0]]


def _tensor(torch, values, **kw):
    return torch.tensor(values, dtype=kw.pop("dtype", torch.float64), **kw)


def _leaf(torch, values, **kw):
    return _tensor(torch, values, requires_grad=True, **kw)


def _tall(torch):
    return _leaf(torch, [[1.0, 2.0], [0.5, -1.0], [3.0, 0.25]])


def _wide(torch):
    return _leaf(torch, [[1.0, 0.5, 3.0], [2.0, -1.0, 0.25]])


@behaviour(
    "nondiff.qr-mode-r-not-differentiable",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_LINALG}.qr",
    kills=["qr-modes-alike"],
)
def qr_mode_r_not_differentiable(torch):
    """linalg.qr with mode "r" is never differentiable (backward raises RuntimeError), and "reduced" always is."""
    for make in (_tall, _wide):
        r = torch.linalg.qr(make(torch), mode="r").R
        with raises(RuntimeError, "mode"):
            r.sum().backward()
        x = make(torch)
        q, r = torch.linalg.qr(x, mode="reduced")
        (q.sum() + r.sum()).backward()
        assert torch.isfinite(x.grad).all().item(), f"the gradient of the reduced form is {x.grad.tolist()}"


@behaviour("nondiff.qr-complete-needs-wide", level=SHOULD, profile=FUNCTIONAL, source=f"{_LINALG}.qr")
def qr_complete_needs_wide(torch):
    """linalg.qr with mode "complete" is differentiable for m <= n and raises RuntimeError in backward for m > n."""
    x = _wide(torch)
    torch.linalg.qr(x, mode="complete").R.sum().backward()
    y = _wide(torch)
    torch.linalg.qr(y, mode="reduced").R.sum().backward()
    assert_close(x.grad, y.grad, "the gradient of the complete form of a wide matrix")
    q = torch.linalg.qr(_tall(torch), mode="complete").Q
    with raises(RuntimeError):
        q.sum().backward()


@behaviour("nondiff.eigh-repeated-eigenvalues", level=SHOULD, profile=FUNCTIONAL, source=f"{_LINALG}.eigh")
def eigh_repeated_eigenvalues(torch):
    """A gradient through eigenvectors is not finite at repeated eigenvalues, while eigvalsh has a finite gradient
    there.
    """
    for scale in (1.0, 2.5):
        x = _leaf(torch, [[scale, 0.0], [0.0, scale]])
        torch.linalg.eigvalsh(x).sum().backward()
        assert_close(x.grad, [[1.0, 0.0], [0.0, 1.0]], "the gradient of the sum of the eigenvalues")
        x = _leaf(torch, [[scale, 0.0], [0.0, scale]])
        (torch.linalg.eigh(x).eigenvectors * _tensor(torch, _WEIGHTS)).sum().backward()
        assert not torch.isfinite(x.grad).all().item(), f"the gradient of the eigenvectors is {x.grad.tolist()}"


@behaviour("nondiff.svd-repeated-singular-values", level=SHOULD, profile=FUNCTIONAL, source=f"{_LINALG}.svd")
def svd_repeated_singular_values(torch):
    """A gradient through U or Vh is not finite at repeated singular values, while svdvals has a finite gradient
    there.
    """
    x = _leaf(torch, [[1.0, 0.0], [0.0, 1.0]])
    torch.linalg.svdvals(x).sum().backward()
    assert_close(x.grad, [[1.0, 0.0], [0.0, 1.0]], "the gradient of the sum of the singular values")
    for part in (0, 2):
        x = _leaf(torch, [[1.0, 0.0], [0.0, 1.0]])
        (torch.linalg.svd(x)[part] * _tensor(torch, _WEIGHTS)).sum().backward()
        assert not torch.isfinite(x.grad).all().item(), f"the gradient of U or Vh is {x.grad.tolist()}"


@also("nondiff.svd-repeated-singular-values")
def singular_values_beside_full_bases(torch):
    """So have the singular values of a matrix that is not square, beside bases that are completed at will."""
    x = _leaf(torch, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    torch.linalg.svd(x, full_matrices=True)[1].sum().backward()
    assert_close(x.grad, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], "the gradient of the sum of the singular values")


@behaviour(
    "nondiff.eig-phase-dependent-loss-raises",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_LINALG}.eig",
    needs=["complex"],
)
def eig_phase_dependent_loss_raises(torch):
    """A loss that depends on the phase of complex eigenvectors makes the backward of linalg.eig raise RuntimeError."""
    values = [[1 + 2j, 0.5, -1j], [0.25, 2 - 1j, 1.0], [1j, -0.5, 3.0]]
    x = _leaf(torch, values, dtype=torch.complex128)
    with raises(RuntimeError, "ill-defined"):
        torch.linalg.eig(x).eigenvectors.imag.sum().backward()
    torch.linalg.eig(x).eigenvectors.abs().sum().backward()
    assert torch.isfinite(x.grad.abs()).all().item(), "a loss that does not depend on the phase has no finite gradient"


@behaviour(
    "nondiff.svd-without-uv-still-differentiable",
    level=MAY,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.svd, note",
    discrepancy="The torch.svd docstring says that S can be used for gradients only if compute_uv is True; torch 2.13.0 "
    "differentiates it all the same.",
    kills=["singular-values-detached"],
)
def svd_without_uv_still_differentiable(torch):
    """Singular values from torch.svd(compute_uv=False) are differentiable: their sum has gradient U V^T."""
    for values in ([[2.0, 0.0], [0.0, 1.0]], [[3.0, 1.0], [-0.5, 2.0]], [[1.0, 2.0], [0.5, -1.0], [3.0, 0.25]]):
        x = _leaf(torch, values)
        torch.svd(x, compute_uv=False).S.sum().backward()
        u, _, vh = torch.linalg.svd(x.detach(), full_matrices=False)
        assert_close(x.grad, u @ vh, "the gradient of the sum of the singular values")


@behaviour(
    "nondiff.gammainc-first-argument",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.special.gammainc",
)
def gammainc_first_argument(torch):
    """gammainc has no backward for its first argument: it raises NotImplementedError, while the second argument's
    gradient works.
    """
    for a, x in ((2.0, 1.0), (1.0, 0.5), (3.0, 2.0)):
        second = _leaf(torch, [x])
        torch.special.gammainc(_tensor(torch, [a]), second).backward()
        assert_close(second.grad, [x ** (a - 1) * math.exp(-x) / math.gamma(a)], "the gradient of the second argument")
        with raises(NotImplementedError):
            torch.special.gammainc(_leaf(torch, [a]), _tensor(torch, [x])).backward()


def _sparse(torch, indices, values, size):
    made = torch.sparse_coo_tensor(torch.tensor(indices), _tensor(torch, values), size, check_invariants=True)
    return made.requires_grad_()


@behaviour(
    "nondiff.gather-sparse-grad",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.gather",
    needs=["sparse"],
)
def gather_sparse_grad(torch):
    """gather(sparse_grad=True) gives its input a sparse gradient equal to the dense one."""
    for values, index in (([[1.0, 2.0]], [[0, 0]]), ([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[2, 0], [1, 1]])):
        gradients = []
        for sparse in (True, False):
            x = _leaf(torch, values)
            torch.gather(x, 1, torch.tensor(index), sparse_grad=sparse).sum().backward()
            gradients.append(x.grad)
        assert gradients[0].is_sparse, "the gradient is dense"
        assert_equal(gradients[0].to_dense(), gradients[1], "the sparse gradient")


@behaviour(
    "nondiff.embedding-sparse-grad",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.nn.Embedding, sparse",
    needs=["sparse", "nn"],
)
def embedding_sparse_grad(torch):
    """With sparse=True the weight's gradient is a sparse tensor."""
    module = torch.nn.Embedding(4, 2, sparse=True)
    module(torch.tensor([1, 1, 3])).sum().backward()
    assert module.weight.grad.is_sparse, "the gradient is dense"
    expected = [[0.0, 0.0], [2.0, 2.0], [0.0, 0.0], [1.0, 1.0]]
    assert_equal(module.weight.grad.to_dense(), expected, "the gradient of the weight")


@behaviour(
    "nondiff.to-dense-masked-grad",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.Tensor.to_dense",
    needs=["sparse"],
)
def to_dense_masked_grad(torch):
    """The backward of to_dense() of a sparse tensor keeps by default only the gradient at the specified elements."""
    for at, weights, expected in ((0, [3.0, 7.0], [3.0, 0.0]), (1, [3.0, 7.0], [0.0, 7.0])):
        s = _sparse(torch, [[at]], [5.0], (2,))
        s.to_dense().backward(_tensor(torch, weights))
        assert s.grad.is_sparse, "the gradient is dense"
        assert_equal(s.grad.to_dense(), expected, "the gradient")


@behaviour(
    "nondiff.sparse-mm-gradients",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.sparse page, linear algebra operations",
    needs=["sparse"],
)
def sparse_mm_gradients(torch):
    """torch.sparse.mm supports backward to its sparse argument, with a sparse gradient, as well as to its dense
    argument.
    """
    s = _sparse(torch, [[0, 1], [1, 0]], [2.0, 3.0], (2, 2))
    d = _leaf(torch, [[1.0], [5.0]])
    torch.sparse.mm(s, d).sum().backward()
    assert s.grad.is_sparse, "the gradient of the sparse argument is dense"
    assert_equal(s.grad.to_dense(), [[0.0, 5.0], [1.0, 0.0]], "the gradient of the sparse argument")
    assert_equal(d.grad, [[3.0], [2.0]], "the gradient of the dense argument")
