"""Layers whose inputs are indices, classes or probabilities, against PyTorch's."""

import numpy as np
import pytest

import refgrad
import refgrad.nn

torch = pytest.importorskip("torch")


def run(namespace, nn, text, values):
    xs = [namespace.from_numpy(v.copy()) for v in values]
    for x in xs:
        if x.is_floating_point():
            x.requires_grad_()
    layer = eval(f"nn.{text}", {"nn": nn, "torch": namespace})  # noqa: S307 - the texts are below
    y = layer(*xs)
    y.sum().backward()
    grads = [p.grad for p in (*xs, *layer.parameters()) if p.requires_grad]
    return [p.detach().numpy() for p in (y, *grads)]


RNG = np.random.default_rng(3)
SCORES, CLASSES = RNG.normal(size=(5, 3)), np.array([0, 2, 1, -100, 2])
MAPS, MAP_CLASSES = RNG.normal(size=(2, 3, 4)), RNG.integers(0, 3, (2, 4))
PROBABILITIES, TARGETS = RNG.random((5, 3)), RNG.random((5, 3))
LOGS = np.log(PROBABILITIES)
INDICES = np.array([[0, 2, 2], [1, 4, 0]])
SIGNS = np.array([1, -1, 1, 1, -1])
W = "torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64)"
T = "_weight=torch.arange(15, dtype=torch.float64).reshape(5, 3) / 7"


@pytest.mark.parametrize(
    "text,values",
    [
        ("CrossEntropyLoss()", (SCORES, CLASSES)),
        (f"CrossEntropyLoss({W}, reduction='none', label_smoothing=0.2)", (SCORES, CLASSES)),
        ("CrossEntropyLoss(label_smoothing=0.1)", (MAPS, MAP_CLASSES)),
        ("CrossEntropyLoss(reduction='sum')", (SCORES, TARGETS)),
        (f"NLLLoss({W})", (LOGS, CLASSES)),
        ("BCELoss()", (PROBABILITIES, TARGETS)),
        ("BCEWithLogitsLoss(reduction='sum')", (SCORES, TARGETS)),
        ("KLDivLoss(reduction='sum')", (LOGS, TARGETS)),
        ("PoissonNLLLoss(log_input=False, full=True)", (PROBABILITIES, TARGETS)),
        ("GaussianNLLLoss(full=True)", (SCORES, TARGETS, PROBABILITIES)),
        ("SoftMarginLoss()", (SCORES[:, 0], SIGNS)),
        ("HingeEmbeddingLoss()", (SCORES[:, 0], SIGNS)),
        ("CosineEmbeddingLoss(0.1)", (SCORES, TARGETS, SIGNS)),
        (f"Embedding(5, 3, {T})", (INDICES,)),
        (f"Embedding(5, 3, padding_idx=-5, {T})", (INDICES,)),
        (f"Embedding(5, 3, scale_grad_by_freq=True, {T})", (INDICES,)),
        (f"Embedding(5, 3, max_norm=1.0, {T})", (INDICES,)),
        (f"Embedding(5, 3, max_norm=1.5, norm_type=1.0, {T})", (INDICES,)),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_result_and_gradients_are_those_of_torch(text, values):
    for a, b in zip(run(refgrad, refgrad.nn, text, values), run(torch, torch.nn, text, values), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_attention_masks_are_those_of_torch():
    found = []
    for namespace, nn in ((refgrad, refgrad.nn), (torch, torch.nn)):
        layer = nn.MultiheadAttention(4, 2, dtype=namespace.float64)
        rng = np.random.default_rng(0)
        for _, p in sorted(layer.named_parameters()):
            p.data = namespace.from_numpy(rng.normal(size=tuple(p.shape)))
        x = namespace.from_numpy(rng.normal(size=(3, 2, 4)))
        later = namespace.ones(3, 3, dtype=namespace.bool).triu(1)
        padding = namespace.tensor([[False, False, False], [False, False, True]])
        y, weights = layer(x, x, x, key_padding_mask=padding, attn_mask=later, average_attn_weights=False)
        found.append((y.detach().numpy(), weights.detach().numpy()))
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_dropout_keeps_the_expectation_and_passes_gradients_where_it_passes_values():
    x = refgrad.ones(10_000, requires_grad=True)
    y = refgrad.nn.Dropout(0.25)(x)
    y.sum().backward()
    assert set(np.round(y.detach().numpy(), 6)) == {0.0, np.float32(np.round(1 / 0.75, 6))}
    assert abs(y.mean().item() - 1) < 0.05  # nine standard deviations
    np.testing.assert_array_equal(x.grad.numpy(), y.detach().numpy())


def test_embedding_refuses_what_is_out_of_range():
    with pytest.raises(IndexError, match="index out of range"):
        refgrad.nn.Embedding(3, 2)(refgrad.tensor([3]))
