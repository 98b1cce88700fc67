"""Grids, margins, bags, unpooling and shuffled channels agree with PyTorch, at kinks too, and refuse what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import refgrad
import refgrad.nn.functional
from tests.refgrad.ops.against_torch import agree, cases

torch = pytest.importorskip("torch", reason="PyTorch is the second witness")

ON_PLACES = np.resize([-1.0, 0.0, 1.0, 0.5, -0.5, 0.25, 2.0], (1, 2, 4, 2))
CLASSES, SETS = np.array([0, 3, 1]), np.array([[0, 2, -1, 1], [-1, 0, 0, 0], [3, 3, 1, -1]])
TIED = np.array([[1.0, 0.0, 0.5, 2.0], [0.0, 1.0, 1.0, 0.0], [0.5, 0.5, -0.5, 1.5]])
INDICES = np.array([0, 1, 1, 2, 0, 2])
BAGS = np.array([0, 2, 2, 5])


@pytest.mark.parametrize("corners", [True, False])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@cases(
    ("bilinear", lambda F, p, c, x, g: F.grid_sample(x, 3 * g.sin(), "bilinear", p, c), [(2, 2, 3, 4), (2, 2, 3, 2)]),
    ("nearest", lambda F, p, c, x, g: F.grid_sample(x, 3 * g.sin(), "nearest", p, c), [(2, 2, 3, 4), (2, 2, 3, 2)]),
    ("bicubic", lambda F, p, c, x, g: F.grid_sample(x, 2 * g.sin(), "bicubic", p, c), [(1, 2, 3, 4), (1, 2, 3, 2)]),
    ("bilinear-places", lambda F, p, c, x, g: F.grid_sample(x, g, "bilinear", p, c), [(1, 2, 3, 4), ON_PLACES]),
    ("nearest-places", lambda F, p, c, x, g: F.grid_sample(x, g, "nearest", p, c), [(1, 2, 3, 4), ON_PLACES]),
    ("volume", lambda F, p, c, x, g: F.grid_sample(x, 2 * g.sin(), "bilinear", p, c), [(1, 2, 2, 3, 2), (1, 2, 1, 3, 3)]),
)  # fmt: skip
def test_grid(function: Any, inputs: Any, padding: str, corners: bool) -> None:
    agree(lambda t, *xs: function(t.nn.functional, padding, corners, *xs), inputs, order=1, forward=False)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@cases(
    ("multi_margin", lambda F, r, x, y: F.multi_margin_loss(x, y, reduction=r), [(3, 4), CLASSES]),
    ("multi_margin-ties", lambda F, r, x, y: F.multi_margin_loss(x, y, reduction=r), [TIED, CLASSES]),
    ("multi_margin-all", lambda F, r, x, y, w: F.multi_margin_loss(x, y, 2, 0.7, w.detach(), reduction=r), [(3, 4), CLASSES, (4,)]),
    ("multi_margin-vector", lambda F, r, x, y: F.multi_margin_loss(x, y, reduction=r), [(4,), np.array(2)]),
    ("multilabel_margin", lambda F, r, x, y: F.multilabel_margin_loss(x, y, reduction=r), [(3, 4), SETS]),
    ("multilabel_margin-ties", lambda F, r, x, y: F.multilabel_margin_loss(x, y, reduction=r), [TIED, SETS]),
    ("multilabel_margin-vector", lambda F, r, x, y: F.multilabel_margin_loss(x, y, reduction=r), [(4,), SETS[0]]),
)  # fmt: skip
def test_margins_of_classes(function: Any, inputs: Any, reduction: str) -> None:
    agree(lambda t, *xs: function(t.nn.functional, reduction, *xs), inputs, order=1, forward=False)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@cases(
    ("rows", lambda F, m, w, i: F.embedding_bag(i.reshape(2, 3), w, mode=m), [(3, 2), INDICES]),
    ("bags", lambda F, m, w, i, o: F.embedding_bag(i, w, o, mode=m), [(3, 2), INDICES, BAGS]),
    ("padding", lambda F, m, w, i, o: F.embedding_bag(i, w, o, mode=m, padding_idx=-2), [(3, 2), INDICES, BAGS]),
    ("last", lambda F, m, w, i, o: F.embedding_bag(i, w, o, mode=m, include_last_offset=True), [(3, 2), INDICES, np.array([0, 2, 6])]),
    ("ties", lambda F, m, w, i: F.embedding_bag(i.reshape(2, 3), w * 0 + 1, mode=m), [(3, 2), INDICES]),
    ("empty", lambda F, m, w, i: F.embedding_bag(i[:0].reshape(0, 3), w, mode=m), [(3, 2), INDICES]),
)  # fmt: skip
def test_bags(function: Any, inputs: Any, mode: str) -> None:
    agree(lambda t, *xs: function(t.nn.functional, mode, *xs), inputs, order=1, forward=False)


def test_gradient_of_a_word_is_divided_by_how_often_it_occurs() -> None:
    table = refgrad.ones(3, 1, requires_grad=True)
    words = refgrad.tensor([0, 1, 1, 1])
    refgrad.nn.functional.embedding_bag(
        words, table, refgrad.tensor([0, 2]), mode="sum", scale_grad_by_freq=True
    ).sum().backward()
    assert table.grad.flatten().tolist() == [1.0, 1.0, 0.0]  # PyTorch's second is 1.5


def _unpooled(t: Any, n: int, x: Any) -> Any:
    F = t.nn.functional
    y, at = getattr(F, f"max_pool{n}d")(x, 2, return_indices=True)
    return getattr(F, f"max_unpool{n}d")(y, at, 2, output_size=x.shape)


@cases(
    *((f"max_unpool{n}d", lambda t, x, n=n: _unpooled(t, n, x), [(2, 2, 5, 4, 4)[: n + 2]]) for n in (1, 2, 3)),
    ("channel_shuffle", lambda t, x: t.channel_shuffle(x, 3), [(2, 6, 2)]),
    ("pixel_shuffle", lambda t, x: t.pixel_shuffle(x, 2), [(2, 8, 3, 2)]),
    ("pixel_unshuffle", lambda t, x: t.pixel_unshuffle(x, 2), [(3, 4, 2)]),
    ("local_response_norm", lambda t, x: t.nn.functional.local_response_norm(x, 4, 0.5, 0.6, 2.0), [(2, 5, 3)]),
    ("local_response_norm-image", lambda t, x: t.nn.functional.local_response_norm(x, 3, 0.5), [(1, 4, 3, 2)]),
    ("multilabel_soft_margin", lambda t, x, y: t.nn.functional.multilabel_soft_margin_loss(x, y.sigmoid()), [(3, 4), (3, 4)]),
    ("triplet", lambda t, x, y, z: t.nn.functional.triplet_margin_with_distance_loss(x, y, z, margin=3.0, swap=True), [(3, 4)] * 3),
    ("triplet-distance", lambda t, x, y, z: t.nn.functional.triplet_margin_with_distance_loss(x, y, z, distance_function=lambda a, b: (a - b).abs().sum(-1), margin=3.0), [(3, 4)] * 3),
    ("native_group_norm", lambda t, x: t.native_group_norm(x, None, None, 2, 4, 3, 2, 1e-5)[0], [(2, 4, 3)]),
)  # fmt: skip
def test_layer(function: Any, inputs: Any) -> None:
    agree(function, inputs)


NORMS = {
    "layer": lambda t, x: t.native_layer_norm(x, (2, 3), None, None, 0.01),
    "group": lambda t, x: t.native_group_norm(x, None, None, 4, 2, 3, 2, 0.01),
    "batch": lambda t, x: t.native_batch_norm(x, None, None, None, None, True, 0.1, 0.01),
    "batch-running": lambda t, x: t.native_batch_norm(
        x, None, None, x[:, 0, 0][:2], x[:, 0, 1][:2] ** 2, False, 0.1, 0.01
    ),
}


@pytest.mark.parametrize("name", NORMS)
def test_moments_beside_a_normalised_tensor(name: str) -> None:
    x = np.random.default_rng(0).standard_normal((4, 2, 3))
    ours, theirs = (NORMS[name](t, t.from_numpy(x.copy())) for t in (refgrad, torch))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12, atol=1e-12, strict=True)
    assert not any(m.requires_grad for m in NORMS[name](refgrad, refgrad.tensor(x, requires_grad=True))[1:])


MISUSES = {
    "pooling a vector": (RuntimeError, lambda F, T: F.avg_pool1d(T([1.0, 2.0]), 2)),
    "no step": (RuntimeError, lambda F, T: F.avg_pool1d(T([[1.0, 2.0]]), 2, 0)),
    "no dilation": (RuntimeError, lambda F, T: F.max_pool1d(T([[1.0, 2.0]]), 2, dilation=0)),
    "too many sizes": (RuntimeError, lambda F, T: F.adaptive_max_pool1d(T([[1.0, 2.0]]), (1, 1))),
    "negative size": (RuntimeError, lambda F, T: F.adaptive_avg_pool1d(T([[1.0, 2.0]]), -1)),
    "transposed bias": (RuntimeError, lambda F, T: F.conv_transpose1d(T([[[1.0]]]), T([[[1.0]]]), T([1.0, 2.0]))),
    "transposed to nothing": (RuntimeError, lambda F, T: F.conv_transpose1d(T([[[1.0]]]), T([[[1.0]]]), padding=1)),
    "bilinear bias": (RuntimeError, lambda F, T: F.bilinear(T([[1.0]]), T([[1.0]]), T([[[1.0]]]), T([1.0, 2.0]))),
    "cosine of numbers": (RuntimeError, lambda F, T: F.cosine_embedding_loss(T([1.0]), T([1.0]), T([1.0]))),
    "dtypes differ": (RuntimeError, lambda F, T: F.grid_sample(T([[[[1.0]]]]), T([[[[0.0, 0.0]]]]).double(), align_corners=True)),
    "unknown mode": (ValueError, lambda F, T: F.grid_sample(T([[[[1.0]]]]), T([[[[0.0, 0.0]]]]), "cubic")),
    "batches differ": (RuntimeError, lambda F, T: F.grid_sample(T([[[[1.0]]]]), T([[[[0.0, 0.0]]]] * 2), align_corners=True)),
    "cubic volume": (RuntimeError, lambda F, T: F.grid_sample(T([[[[[1.0]]]]]), T([[[[[0.0] * 3]]]]), "bicubic", align_corners=True)),
    "no such place": (RuntimeError, lambda F, T: F.max_unpool1d(T([[[1.0]]]), T([[[9]]]), 2)),
    "indices of another shape": (RuntimeError, lambda F, T: F.max_unpool1d(T([[[1.0]]]), T([[[0, 1]]]), 2)),
    "size out of reach": (ValueError, lambda F, T: F.max_unpool1d(T([[[1.0]]]), T([[[0]]]), 2, output_size=(9,))),
    "channels are not squares": (RuntimeError, lambda F, T: F.pixel_shuffle(T([[[1.0]]] * 3), 2)),
    "odd height": (RuntimeError, lambda F, T: F.pixel_unshuffle(T([[[1.0, 2.0]]]), 2)),
    "odd groups": (RuntimeError, lambda F, T: F.channel_shuffle(T([[[1.0]] * 3]), 2)),
    "third power": (ValueError, lambda F, T: F.multi_margin_loss(T([[1.0, 2.0]]), T([0]), p=3)),
    "no such class": (RuntimeError, lambda F, T: F.multi_margin_loss(T([[1.0, 2.0]]), T([2]))),
    "no such label": (RuntimeError, lambda F, T: F.multilabel_margin_loss(T([[1.0, 2.0]]), T([[2, -1]]))),
    "no margin": (ValueError, lambda F, T: F.triplet_margin_loss(T([[1.0]]), T([[1.0]]), T([[1.0]]), margin=0.0)),
    "negative variance": (ValueError, lambda F, T: F.gaussian_nll_loss(T([1.0]), T([1.0]), T([-1.0]))),
    "variances of another shape": (ValueError, lambda F, T: F.gaussian_nll_loss(T([1.0, 2.0]), T([1.0, 2.0]), T([1.0, 1.0, 1.0]))),
    "first bag begins late": (RuntimeError, lambda F, T: F.embedding_bag(T([0]), T([[1.0]]), T([1]))),
    "bags of a matrix": (ValueError, lambda F, T: F.embedding_bag(T([[0]]), T([[1.0]]), T([0]))),
    "weighted maximum": (NotImplementedError, lambda F, T: F.embedding_bag(T([[0]]), T([[1.0]]), mode="max", per_sample_weights=T([[1.0]]))),
    "class beyond": (RuntimeError, lambda F, T: F.one_hot(T([0, 5]), 3)),
    "negative class": (RuntimeError, lambda F, T: F.one_hot(T([-1]))),
    "class is no integer": (RuntimeError, lambda F, T: F.one_hot(T([1.0]))),
    "classes not to be counted": (RuntimeError, lambda F, T: F.one_hot(T([0])[:0])),
    "too few labels": (RuntimeError, lambda F, T: F.ctc_loss(T([[[0.0, 0.0]]]), T([[1]]), (1,), (2,))),
    "unknown reduction": (ValueError, lambda F, T: F.ctc_loss(T([[[0.0, 0.0]]]), T([[1]]), (1,), (1,), reduction="all")),
}  # fmt: skip


@pytest.mark.parametrize("name", MISUSES)
def test_misuse_raises_the_class_that_pytorch_raises(name: str) -> None:
    kind, misuse = MISUSES[name]
    for t in (refgrad, torch):
        with pytest.raises(kind):
            misuse(t.nn.functional, t.tensor)


@pytest.mark.filterwarnings("ignore:.*deprecated:UserWarning")
@cases(
    ("upsample_nearest", lambda t, x: t.nn.functional.upsample_nearest(x, scale_factor=1.5), [(1, 2, 3, 2)]),
    ("upsample_bilinear", lambda t, x: t.nn.functional.upsample_bilinear(x, (3, 4)), [(1, 2, 2, 3)]),
)  # fmt: skip
def test_upsampling_by_its_former_names(function: Any, inputs: Any) -> None:
    agree(function, inputs)


def test_former_names_warn() -> None:
    for name in ("upsample_nearest", "upsample_bilinear"):
        with pytest.warns(UserWarning, match="interpolate"):
            getattr(refgrad.nn.functional, name)(refgrad.ones(1, 1, 2, 2), 3)
