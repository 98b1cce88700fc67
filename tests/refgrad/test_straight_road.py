"""The straight road of recording and of the backward pass gives what the long one gives."""

import itertools
import warnings

import numpy as np
import pytest

import refgrad as torch
from refgrad.backends import numpy as backend

FUNCTIONS = {
    "products": lambda x, w: torch.sin(x * w) * x,
    "quotients": lambda x, w: (x - w) / (w * w + 1.0) / x,
    "one operand a number": lambda x, w: 2.0 * x + 1 - w / 3,
    "broadcast": lambda x, w: x * w[0] + w[:, :1] - x.sum(0),
    "matrices": lambda x, w: torch.tanh(x @ w) @ w[0],
    "results kept": lambda x, w: torch.exp(torch.tanh(x)) * torch.sigmoid(w) * torch.sqrt(torch.exp(x)),
    "selections": lambda x, w: torch.relu(x - 1) + torch.where(x > w, x, w) + torch.maximum(x, w),
    "reductions": lambda x, w: x.mean(1) * w.sum(0, keepdim=True) + torch.logsumexp(x * w, 0),
    "shapes": lambda x, w: torch.cat([x.T, w.reshape(9, 1).expand(9, 3)])[1:7:2] * x[0],
    "one tensor many times": lambda x, w: x * x + x * w + x + x,
}


def gradients(function):
    x, w = (torch.tensor(np.linspace(a, b, 9).reshape(3, 3), requires_grad=True) for a, b in ((0.5, 2), (1.5, 0.7)))
    function(x, w).sum().backward()
    return [t.grad.numpy() for t in (x, w) if t.grad is not None]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_are_bit_for_bit_those_of_the_long_road(name):
    usual = gradients(FUNCTIONS[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with torch.autograd.detect_anomaly(check_nan=False):
            other = gradients(FUNCTIONS[name])
    for a, b in zip(usual, other, strict=True):
        np.testing.assert_array_equal(a, b)


def test_sums_made_on_the_way_touch_nothing_that_others_hold():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    a = x * 1
    y = a + a + a + a  # one array arrives four times
    kept = []
    y.register_hook(kept.append)
    a.register_hook(kept.append)
    cotangent = torch.tensor([1.0, 10.0])
    y.backward(cotangent)
    assert [g.tolist() for g in kept] == [[1.0, 10.0], [4.0, 40.0]]
    assert cotangent.tolist() == [1.0, 10.0]
    assert x.grad.tolist() == [4.0, 40.0]
    x.grad.mul_(0)
    assert kept[1].tolist() == [4.0, 40.0]


def test_nodes_take_their_names_when_they_are_shown():
    x = torch.ones(2, requires_grad=True)
    y = torch.exp(x) * x
    assert type(y.grad_fn).__name__ == y.grad_fn.name() == "MulBackward0"
    assert y.grad_fn is y.grad_fn
    before = [node for node, _ in y.grad_fn.next_functions]
    assert [type(node).__name__ for node in before] == ["ExpBackward0", "AccumulateGrad"]
    assert torch.autograd.graph.get_gradient_edge(y * 2).node.name() == "MulBackward0"
    assert isinstance(y.grad_fn, torch.autograd.graph.Node)


SHAPES = [(), (1,), (3,), (2, 3), (2, 1), (1, 3), (4, 2, 3), (4, 1, 3), (1, 1, 1), (0, 3), (4, 2, 1)]


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128", "int64"])
def test_broadcasting_and_its_transpose_are_numpys(dtype):
    for small, large in itertools.product(SHAPES, SHAPES):
        try:
            fits = np.broadcast_shapes(small, large) == large
        except ValueError:
            fits = False
        x = np.arange(np.prod(small, dtype=int)).reshape(small).astype(dtype)
        if not fits:
            with pytest.raises(ValueError, match=r"broadcast|dimensions"):
                backend.broadcast_to(x, large)
            continue
        wide = backend.broadcast_to(x, large)
        np.testing.assert_array_equal(wide, np.broadcast_to(x, large))
        assert wide.dtype == dtype
        back = backend.sum_to(np.ones(large, dtype), small)
        np.testing.assert_array_equal(back, np.full(small, np.prod(large, dtype=int) // max(x.size, 1), dtype))
        assert back.shape == small


def test_views_of_one_array_are_known_to_share_memory():
    x = np.arange(6.0)
    assert backend.may_share_memory(x[1:], x)
    assert backend.may_share_memory(x.reshape(2, 3).T, x)
    assert not backend.may_share_memory(x.copy(), x)
