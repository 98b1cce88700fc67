"""Losses, norms and normalising layers agree with PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.refgrad.ops.against_torch import agree, cases

CLASSES, SOME_IGNORED = np.array([0, 2, 1, 2]), np.array([0, -100, 1, -100])
PROBABILITIES, TARGETS = np.array([0.1, 0.5, 0.9, 0.3]), np.array([0.0, 1.0, 0.7, 0.2])
WEIGHTS = np.array([0.3, 1.5, 0.7])


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@cases(
    ("mse", lambda F, r, x, y: F.mse_loss(x, y, reduction=r), [(2, 3), (2, 3)]),
    ("l1", lambda F, r, x, y: F.l1_loss(x, y, reduction=r), [np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 5.0])]),
    ("smooth_l1", lambda F, r, x, y: F.smooth_l1_loss(x, y, reduction=r, beta=0.5), [(2, 3), (2, 3)]),
    ("smooth_l1-kinks", lambda F, r, x, y: F.smooth_l1_loss(x, y, reduction=r), [np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 5.0])]),
    ("huber", lambda F, r, x, y: F.huber_loss(x, y, reduction=r, delta=0.7), [(2, 3), (2, 3)]),
    ("nll", lambda F, r, x, y: F.nll_loss(x, y, reduction=r), [(4, 3), CLASSES]),
    ("nll-weight", lambda F, r, x, y, w: F.nll_loss(x, y, w.detach(), reduction=r), [(4, 3), SOME_IGNORED, WEIGHTS]),
    ("nll-one", lambda F, r, x, y: F.nll_loss(x, y, reduction=r), [(3,), np.array(1)]),
    ("cross_entropy", lambda F, r, x, y: F.cross_entropy(x, y, reduction=r), [(4, 3), CLASSES]),
    ("cross_entropy-weight", lambda F, r, x, y, w: F.cross_entropy(x, y, w.detach(), reduction=r, label_smoothing=0.1), [(4, 3), SOME_IGNORED, WEIGHTS]),
    ("cross_entropy-2d", lambda F, r, x, y: F.cross_entropy(x, y, reduction=r, label_smoothing=0.2), [(2, 3, 2), np.array([[0, 1], [2, 2]])]),
    ("cross_entropy-probabilities", lambda F, r, x, y: F.cross_entropy(x, y.softmax(1), reduction=r, label_smoothing=0.1), [(4, 3), (4, 3)]),
    ("kl_div", lambda F, r, x, y: F.kl_div(x.log_softmax(1), y.softmax(1), reduction=r), [(4, 3), (4, 3)]),
    ("kl_div-log", lambda F, r, x, y: F.kl_div(x, y, reduction=r, log_target=True), [(4, 3), (4, 3)]),
    ("bce", lambda F, r, x, y: F.binary_cross_entropy(x, y, reduction=r), [PROBABILITIES, TARGETS]),
    ("bce-weight", lambda F, r, x, y, w: F.binary_cross_entropy(x, y, w.detach(), reduction=r), [PROBABILITIES, TARGETS, (4,)]),
    ("bce-logits", lambda F, r, x, y: F.binary_cross_entropy_with_logits(x, y, reduction=r), [(4,), TARGETS]),
    ("bce-logits-weights", lambda F, r, x, y, w: F.binary_cross_entropy_with_logits(x, y, w.detach(), reduction=r, pos_weight=w.detach() * w.detach()), [(4,), TARGETS, (4,)]),
    ("poisson", lambda F, r, x, y: F.poisson_nll_loss(x, y, reduction=r), [(4,), TARGETS]),
    ("gaussian", lambda F, r, x, y, v: F.gaussian_nll_loss(x, y, v.exp(), reduction=r), [(4,), (4,), (4,)]),
    ("soft_margin", lambda F, r, x, y: F.soft_margin_loss(x, y.detach().sign(), reduction=r), [(4,), (4,)]),
    ("margin_ranking", lambda F, r, x, y, z: F.margin_ranking_loss(x, y, z.sign(), 0.3, reduction=r), [(4,), (4,), (4,)]),
    ("hinge_embedding", lambda F, r, x, y: F.hinge_embedding_loss(x, y.sign(), reduction=r), [(4,), (4,)]),
    ("triplet", lambda F, r, x, y, z: F.triplet_margin_loss(x, y, z, swap=True, reduction=r), [(4, 3), (4, 3), (4, 3)]),
)  # fmt: skip
def test_losses(function: Any, inputs: Any, reduction: str) -> None:
    agree(lambda torch, *xs: function(torch.nn.functional, reduction, *xs), inputs)


@pytest.mark.parametrize("ord", [2, 1, 0, 3, 1.5, 0.5, -1, float("inf"), -float("inf")])
@pytest.mark.parametrize("x", [(3, 4), np.array([[0.0, 0.0], [1.0, -1.0]])], ids=["drawn", "zeros-and-ties"])
def test_vector_norms(ord: float, x: Any) -> None:
    order = 2 if isinstance(x, tuple) else 1  # at 0, PyTorch's second derivative of the norm is nan
    agree(lambda t, x: t.linalg.vector_norm(x, ord, 1), [x], order=order)


@pytest.mark.parametrize("ord", ["fro", "nuc", 2, -2, 1, -1, float("inf"), -float("inf")])
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_matrix_norms(ord: Any, dtype: str) -> None:
    agree(lambda t, x: t.linalg.matrix_norm(x, ord, (0, 2), keepdim=True), [(3, 2, 4)], dtype)


@cases(
    ("norm", lambda t, x: t.norm(x), [(3, 4)]),
    ("linalg.norm", lambda t, x: t.linalg.norm(x, "nuc"), [(3, 4)]),
    ("normalize", lambda t, x: t.nn.functional.normalize(x, 2.0, 1), [(3, 4)]),
    ("cosine", lambda t, x, y: t.cosine_similarity(x, y, -1), [(3, 1, 4), (2, 4)]),
    ("pairwise", lambda t, x, y: t.pairwise_distance(x, y), [(3, 4), (3, 4)]),
    ("layer_norm", lambda t, x, w, b: t.nn.functional.layer_norm(x, (3, 4), w, b), [(2, 3, 4), (3, 4), (3, 4)]),
    ("rms_norm", lambda t, x, w: t.nn.functional.rms_norm(x, (4,), w), [(2, 4), (4,)]),
    (
        "batch_norm",
        lambda t, x, w, b: t.nn.functional.batch_norm(x, None, None, w, b, training=True),
        [(3, 2, 4), (2,), (2,)],
    ),
    (
        "batch_norm-eval",
        lambda t, x, m, v: t.nn.functional.batch_norm(x, m.detach(), v.detach().exp()),
        [(3, 2), (2,), (2,)],
    ),
    ("instance_norm", lambda t, x, w, b: t.nn.functional.instance_norm(x, None, None, w, b), [(2, 3, 4), (3,), (3,)]),
    ("group_norm", lambda t, x, w, b: t.nn.functional.group_norm(x, 2, w, b), [(2, 4, 3), (4,), (4,)]),
    ("var", lambda t, x: t.var(x, 1), [(3, 4)]),
    ("std_mean", lambda t, x: t.std_mean(x, (0, 1), correction=0), [(3, 4)]),
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_norms(function: Any, inputs: Any, dtype: str) -> None:
    agree(function, inputs, dtype)


@cases(
    ("norm", lambda t, x: t.norm(x), [np.zeros(3)]),
    ("normalize", lambda t, x: t.nn.functional.normalize(x, 2.0, 1), [np.array([[0.0, 0.0], [3.0, 4.0]])]),
    ("cosine", lambda t, x, y: t.cosine_similarity(x, y, 0), [np.zeros(3), (3,)]),
)
def test_norms_of_zero_have_the_subgradient_zero(function: Any, inputs: Any) -> None:
    agree(function, inputs, order=1)  # of order 2 PyTorch gives nan
