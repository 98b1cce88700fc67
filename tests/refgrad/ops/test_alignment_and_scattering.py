"""Alignment losses, reductions by index, norms of windows and eigenvectors agree with PyTorch, and refuse what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import refgrad
from tests.refgrad.ops.against_torch import agree, cases, torch

LABELS = np.array([[1, 1, 2], [2, 3, 1]])
INDEX = np.array([[0, 1, 1, 0], [2, 0, 2, 2]])
TIES = np.array([[1.0, 2.0, 2.0, 1.0], [3.0, 0.0, 3.0, 3.0]])


def _ctc(t: Any, x: Any, lengths: Any = (6, 5), counts: Any = (3, 2), **options: Any) -> Any:
    """The loss behind `log_softmax`: PyTorch's own gradient by the logarithms leaves out what that takes away."""
    given = (t.tensor(LABELS), t.tensor(lengths), t.tensor(counts))
    return t.nn.functional.ctc_loss(t.nn.functional.log_softmax(x, 2), *given, **options)


@cases(
    ("ctc", lambda t, x: _ctc(t, x), [(6, 2, 4)]),
    ("ctc-sum", lambda t, x: _ctc(t, x, reduction="sum"), [(6, 2, 4)]),
    ("ctc-none", lambda t, x: _ctc(t, x, reduction="none", counts=(0, 1)), [(6, 2, 4)]),
    ("ctc-blank", lambda t, x: _ctc(t, x, blank=3, counts=(3, 1)), [(6, 2, 4)]),
    ("ctc-unreached", lambda t, x: _ctc(t, x, lengths=(3, 5), zero_infinity=True), [(6, 2, 4)]),
    ("lp_pool1d", lambda t, x: t.nn.functional.lp_pool1d(x, 2.0, 3, 2), [(2, 3, 7)]),
    ("lp_pool1d-zero", lambda t, x: t.nn.functional.lp_pool1d(x, 2.0, 2), [np.array([[[0.0, 0.0, 3.0, 4.0]]])]),
    ("lp_pool2d", lambda t, x: t.nn.functional.lp_pool2d(x.abs(), 3.0, (2, 3), ceil_mode=True), [(1, 2, 5, 5)]),
    ("lp_pool2d-negative", lambda t, x: t.nn.functional.lp_pool2d(x, 2.0, 2), [(1, 1, 4, 4)]),
)
def test_windows_and_alignments(function: Any, inputs: Any) -> None:
    agree(function, inputs, order=1)


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", ["sum", "mean", "prod", "amax", "amin"])
@pytest.mark.parametrize("dim", [0, 1])
def test_scatter_reduce(reduce: str, dim: int, include_self: bool) -> None:
    def function(t: Any, x: Any, src: Any) -> Any:
        return t.scatter_reduce(x, dim, t.tensor(INDEX), src, reduce, include_self=include_self)

    agree(function, [(3, 4), (2, 4)], order=2 if reduce in ("sum", "mean") else 1)
    if include_self:  # where it is left out, PyTorch still counts an equal own element among the ties
        agree(function, [np.ones((3, 4)), TIES], order=1)


def test_an_element_left_out_takes_no_share_of_a_tie() -> None:
    x, src = refgrad.ones(1, requires_grad=True), refgrad.ones(1, requires_grad=True)
    x.scatter_reduce(0, refgrad.tensor([0]), src, "amax", include_self=False).backward()
    assert (x.grad.tolist(), src.grad.tolist()) == ([0.0], [1.0])


@cases(
    (
        "fmax",
        lambda t, x, y: t.fmax(x, y),
        [np.array([1.0, np.nan, 2.0, np.nan]), np.array([1.0, 1.0, np.nan, np.nan])],
    ),
    ("fmin", lambda t, x, y: t.fmin(x, y), [np.array([1.0, np.nan, 2.0, 3.0]), np.array([1.0, 1.0, np.nan, 2.0])]),
    ("deg2rad", lambda t, x: t.deg2rad(x), [(3,)]),
    ("rad2deg", lambda t, x: x.rad2deg(), [(3,)]),
    ("abs-nan", lambda t, x: x.abs(), [np.array([np.nan, -1.0, 0.0])]),
)
def test_pairs_and_angles(function: Any, inputs: Any) -> None:
    agree(function, inputs, order=1, forward=False)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_eig(dtype: str) -> None:
    """What the order of eigenvalues and the phase of vectors leave alone."""
    agree(lambda t, x: (t.linalg.eigvals(x) ** 3).sum().real, [(3, 3)], dtype)
    agree(lambda t, x: t.linalg.eig(x)[1].abs().square().sum(-2), [(3, 3)], dtype, order=1)
    agree(lambda t, x: (t.linalg.eig(x)[1].abs() ** 3 * t.linalg.eig(x)[0].abs()).sum(), [(3, 3)], dtype)


def test_sources_that_the_index_does_not_cover_have_no_gradient() -> None:
    for t in (torch, refgrad):
        base, index = t.zeros(3), t.tensor([0, 1])
        for name in ("scatter", "scatter_add"):
            src = t.ones(3, requires_grad=True)
            y = getattr(base, name)(0, index, src)
            assert y.tolist() == [1.0, 1.0, 0.0]
            with pytest.raises(RuntimeError, match=r"got \[2\] but expected shape compatible with \[3\]"):
                y.sum().backward()


@pytest.mark.parametrize("name", ["eig", "eigh", "svd"])
def test_losses_that_depend_on_a_free_phase_are_refused(name: str) -> None:
    for t in (torch, refgrad):
        x = t.tensor(np.random.default_rng(1).standard_normal((3, 3)) + 1j, requires_grad=True)
        loss = getattr(t.linalg, name)(x)[1 if name != "svd" else 0].imag.sum()
        with pytest.raises(RuntimeError, match="ill-defined"):
            loss.backward()


def test_triangle_alone_is_not_differentiable() -> None:
    for t in (torch, refgrad):
        x = t.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)
        with pytest.raises(RuntimeError, match="mode='r'"):
            t.linalg.qr(x, mode="r").R.sum().backward()


def test_multinomial_draws_by_weight_and_refuses_what_is_no_distribution() -> None:
    refgrad.manual_seed(0)
    drawn = refgrad.multinomial(refgrad.tensor([0.0, 1.0, 3.0]), 4000, replacement=True)
    share = float((drawn == 2).double().mean())
    assert drawn.dtype == refgrad.int64
    assert 0.7 < share < 0.8
    assert not (drawn == 0).any()
    apart = refgrad.multinomial(refgrad.tensor([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]), 2)
    assert sorted(apart[0].tolist()) == [0, 1]
    assert sorted(apart[1].tolist()) == [1, 2]
    for weights, n, words in (
        ([0.0, 0.0], 1, "sum of probabilities"),
        ([1.0, -1.0], 1, "element < 0"),
        ([1.0], 2, "n_sample"),
    ):
        for t in (torch, refgrad):
            with pytest.raises(RuntimeError, match=words):
                t.multinomial(t.tensor(weights), n)


def test_the_module_is_the_function() -> None:
    xs = np.random.default_rng(3).standard_normal((6, 2, 4))
    losses = []
    for t in (torch, refgrad):
        logs = t.nn.functional.log_softmax(t.tensor(xs), 2)
        losses.append(t.nn.CTCLoss(blank=3, reduction="sum")(logs, t.tensor([1, 1, 2, 0]), (6, 6), (3, 1)).item())
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)
