"""What layers and indexing leave without gradient: ignored targets, padding, repeated indices, empty powers."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MAY, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises

_FUNCTIONAL = "PyTorch documentation, torch.nn.functional"
_TENSOR = "PyTorch documentation, torch.Tensor"
_NEEDS = ("nn",)


def _tensor(torch, values, **kw):
    return torch.tensor(values, dtype=torch.float64, **kw)


def _leaf(torch, values):
    return _tensor(torch, values, requires_grad=True)


@behaviour(
    "nondiff.lp-pool-zero-sum",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.nn.LPPool1d",
    kills=["powers-of-zero-nan"],
    needs=_NEEDS,
)
def lp_pool_zero_sum(torch):
    """lp_pool's gradient is set to 0 where the sum of the powers is zero."""
    for values, expected in (
        ([[[0.0, 0.0, 3.0, 4.0]]], [[[0.0, 0.0, 0.6, 0.8]]]),
        ([[[5.0, 12.0, 0.0, 0.0], [0.0, 0.0, 8.0, -6.0]]], [[[5 / 13, 12 / 13, 0.0, 0.0], [0.0, 0.0, 0.8, -0.6]]]),
    ):
        x = _leaf(torch, values)
        torch.nn.functional.lp_pool1d(x, 2.0, 2).sum().backward()
        assert_close(x.grad, expected, "the gradient")


@behaviour(
    "nondiff.ignore-index-no-gradient",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_FUNCTIONAL}.nll_loss and cross_entropy",
    kills=["ignored-targets-counted"],
)
def ignore_index_no_gradient(p):
    """Targets equal to ignore_index give no gradient to their rows, and the mean is over the other rows."""
    for targets, ignored, expected in (
        ([-100, 0], -100, [[0.0, 0.0], [-1.0, 0.0]]),
        ([1, 1, 0], 1, [[0.0, 0.0], [0.0, 0.0], [-1.0, 0.0]]),
        ([0, -100, 1], -100, [[-0.5, 0.0], [0.0, 0.0], [0.0, -0.5]]),
    ):
        x, t = p.leaf(np.zeros((len(targets), 2))), p.constant(targets, dtype="int64")
        p.expect(p.grad(p.op("nll_loss", x, t, ignore_index=ignored), x)[0], expected)


@also("nondiff.ignore-index-no-gradient", needs=_NEEDS)
def through_cross_entropy(torch):
    for targets, expected in (([-100, 0], [[0.0, 0.0], [-0.5, 0.5]]), ([1, -100], [[0.5, -0.5], [0.0, 0.0]])):
        x = _leaf(torch, [[0.0, 0.0], [0.0, 0.0]])
        torch.nn.functional.cross_entropy(x, torch.tensor(targets)).backward()
        assert_close(x.grad, expected, "the gradient of the cross-entropy")


@behaviour(
    "nondiff.padding-idx-no-gradient",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_FUNCTIONAL}.embedding",
    kills=["padding-trained"],
    needs=_NEEDS,
)
def padding_idx_no_gradient(torch):
    """The row of the embedding matrix at padding_idx gets gradient 0 even when it is looked up."""
    for padding, counts in ((0, [0.0, 2.0, 1.0]), (1, [1.0, 0.0, 1.0]), (-1, [1.0, 2.0, 0.0])):
        w = _leaf(torch, [[1.0, 1.0]] * 3)
        rows = torch.nn.functional.embedding(torch.tensor([0, 1, 1, 2]), w, padding_idx=padding)
        assert_equal(rows, [[1.0, 1.0]] * 4, "the rows")
        rows.sum().backward()
        assert_equal(w.grad, [[c, c] for c in counts], f"the gradient with padding_idx={padding}")


@behaviour(
    "nondiff.scale-grad-by-freq",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_FUNCTIONAL}.embedding",
    kills=["frequencies-ignored"],
    needs=_NEEDS,
)
def scale_grad_by_freq(torch):
    """scale_grad_by_freq divides the gradient of each row by how often it occurs in the batch."""
    for indices, weights, expected in (
        ([0, 1, 1], [1.0, 1.0, 1.0], [1.0, 1.0, 0.0]),
        ([2, 2, 2, 0], [3.0, 6.0, 0.0, 5.0], [5.0, 0.0, 3.0]),
    ):
        w = _leaf(torch, [[1.0], [1.0], [1.0]])
        rows = torch.nn.functional.embedding(torch.tensor(indices), w, scale_grad_by_freq=True)
        (rows * _tensor(torch, [[v] for v in weights])).sum().backward()
        assert_close(w.grad, [[v] for v in expected], "the gradient")


@behaviour(
    "nondiff.ctc-zero-infinity", level=SHOULD, profile=FUNCTIONAL, source=f"{_FUNCTIONAL}.ctc_loss", needs=_NEEDS
)
def ctc_zero_infinity(torch):
    """With zero_infinity=True an infinite CTC loss and its gradient are zero."""
    scores = [[[0.5, -1.0, 2.0]], [[0.0, 0.25, -0.5]]]  # two steps for three labels
    log_probs = _tensor(torch, scores).log_softmax(2).detach().requires_grad_()
    targets, lengths = torch.tensor([[1, 2, 1]]), (torch.tensor([2]), torch.tensor([3]))
    loss = torch.nn.functional.ctc_loss(log_probs, targets, *lengths)
    assert loss.item() == float("inf"), f"three labels in two steps have the loss {loss.item()}"
    loss = torch.nn.functional.ctc_loss(log_probs, targets, *lengths, zero_infinity=True)
    loss.backward()
    assert_equal(loss, 0.0, "the loss with zero_infinity")
    assert_equal(log_probs.grad, [[[0.0] * 3]] * 2, "the gradient with zero_infinity")


@behaviour(
    "nondiff.gaussian-nll-clamp-ignored",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.nn.GaussianNLLLoss",
    needs=_NEEDS,
)
def gaussian_nll_clamp_ignored(torch):
    """The clamping of var in gaussian_nll_loss is not differentiated: a var below eps still gets a gradient, that of
    the clamped value.
    """
    for variance, eps in ((1e-9, 1e-3), (1e-5, 0.25), (2.0, 1e-3)):
        v = _leaf(torch, [variance])
        torch.nn.functional.gaussian_nll_loss(_tensor(torch, [0.0]), _tensor(torch, [0.0]), v, eps=eps).backward()
        assert_close(v.grad, [0.5 / max(variance, eps)], "the gradient of the variance")


@behaviour(
    "nondiff.scatter-duplicate-index-gradient",
    level=MAY,
    profile=FUNCTIONAL,
    source=f"{_TENSOR}.scatter_",
)
def scatter_duplicate_index_gradient(torch):
    """With duplicate indices scatter gives the gradient of the target position to every source that points to it,
    although only one value was written.
    """
    for index, weights, expected in (([0, 0], [5.0, 1.0, 1.0], [5.0, 5.0]), ([2, 2], [1.0, 1.0, -3.0], [-3.0, -3.0])):
        s = _leaf(torch, [1.0, 2.0])
        torch.zeros(3, dtype=torch.float64).scatter(0, torch.tensor(index), s).backward(_tensor(torch, weights))
        assert_equal(s.grad, expected, "the gradient of the sources")


@behaviour(
    "nondiff.scatter-shape-restriction",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_TENSOR}.scatter_, scatter_add_ and scatter_reduce_",
)
def scatter_shape_restriction(torch):
    """The backward of scatter, scatter_add and scatter_reduce works only if src has the shape of index: with a larger
    src it raises RuntimeError.
    """
    zeros, index = torch.zeros(3, dtype=torch.float64), torch.tensor([0, 1])
    for scatter in (
        lambda s: zeros.scatter(0, index, s),
        lambda s: zeros.scatter_add(0, index, s),
        lambda s: zeros.scatter_reduce(0, index, s, "sum"),
    ):
        larger = scatter(_leaf(torch, [1.0, 2.0, 3.0]))
        assert_equal(larger, [1.0, 2.0, 0.0], "the value with a larger source")
        with raises(RuntimeError):
            larger.sum().backward()
        s = _leaf(torch, [1.0, 2.0])
        scatter(s).sum().backward()
        assert_equal(s.grad, [1.0, 1.0], "the gradient of a source of the shape of index")


@behaviour(
    "nondiff.normalize-out-not-differentiable",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_FUNCTIONAL}.normalize",
    needs=_NEEDS,
)
def normalize_out_not_differentiable(torch):
    """normalize with out= of a tensor that requires grad is not differentiable: it raises RuntimeError in grad mode."""
    x, out = _leaf(torch, [[3.0, 4.0]]), torch.empty(1, 2, dtype=torch.float64)
    with raises(RuntimeError, "out="):
        torch.nn.functional.normalize(x, out=out)
    with torch.no_grad():
        torch.nn.functional.normalize(x, out=out)
    assert_close(out, [[0.6, 0.8]], "the result under no_grad")
