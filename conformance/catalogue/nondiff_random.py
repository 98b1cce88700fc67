"""Random operations: what is differentiable in them, what gives zeros, and what is a constant."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, SHOULD, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal

_RULES = "PyTorch documentation, autograd notes, gradients for non-differentiable functions"
_DISTRIBUTIONS = "PyTorch documentation, torch.distributions"


def _leaf(torch, values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


@behaviour(
    "nondiff.random-op-backward-does-not-raise",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_RULES}, rule 6",
    discrepancy="Rule 6 says that functions that are no deterministic mapping are marked non-differentiable and error "
    "out in backward; torch.bernoulli (and poisson) do not raise but return zero gradients.",
)
def random_op_backward_does_not_raise(torch):
    """torch.bernoulli of a probability tensor that requires grad gives a result that requires grad, and backward gives
    zeros.
    """
    for draw, values in ((torch.bernoulli, [0.5, 0.9]), (torch.bernoulli, [[0.25]]), (torch.poisson, [2.0, 7.0])):
        x = _leaf(torch, values)
        y = draw(x)
        assert y.requires_grad, f"the result of {draw.__name__} does not require grad"
        y.sum().backward()
        assert_equal(x.grad, (x.detach() * 0).tolist(), f"the gradient through {draw.__name__}")


@behaviour("nondiff.integer-sampling-not-tracked", level=SHOULD, profile=FUNCTIONAL, source=f"{_RULES}, rule 6")
def integer_sampling_not_tracked(torch):
    """torch.multinomial of weights that require grad returns integers that do not require grad."""
    for weights, count in (([0.5, 0.5], 1), ([[0.1, 0.9], [0.7, 0.3]], 2)):
        drawn = torch.multinomial(_leaf(torch, weights), count)
        assert drawn.dtype == torch.int64, f"multinomial gives {drawn.dtype}"
        assert not drawn.requires_grad, "the drawn indices require grad"


@behaviour(
    "nondiff.sample-versus-rsample",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=_DISTRIBUTIONS,
    needs=["distributions"],
)
def sample_versus_rsample(torch):
    """rsample() of a reparameterizable distribution is differentiable in its parameters, while sample() gives a
    constant.
    """
    mean, scale = _leaf(torch, [0.5, -1.0]), _leaf(torch, [2.0, 0.25])
    normal = torch.distributions.Normal(mean, scale)
    assert not normal.sample().requires_grad, "sample() requires grad"
    z = normal.rsample()
    z.sum().backward()
    assert_equal(mean.grad, [1.0, 1.0], "the gradient of the mean")
    assert_close(scale.grad, (z.detach() - mean.detach()) / scale.detach(), "the gradient of the scale")


@behaviour(
    "nondiff.log-prob-score-function",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_DISTRIBUTIONS}, score function",
    needs=["distributions"],
)
def log_prob_score_function(torch):
    """log_prob is differentiable in the parameters: for Normal(mu, 1) at value v its derivative in mu is v - mu."""
    for mu, v in ((0.5, 2.0), (-1.0, -1.0), (3.0, 0.25)):
        mean = _leaf(torch, [mu])
        torch.distributions.Normal(mean, 1.0).log_prob(torch.tensor([v], dtype=torch.float64)).backward()
        assert_close(mean.grad, [v - mu], "the score")


@behaviour("nondiff.dropout-gradient-follows-mask", level=SHOULD, profile=FUNCTIONAL, source=_RULES, needs=["nn"])
def dropout_gradient_follows_mask(torch):
    """In training mode dropout's gradient is the mask and scale of its forward: 0 for dropped elements and 1/(1-p) for
    kept ones.
    """
    for probability in (0.5, 0.25):
        x = torch.ones(200, dtype=torch.float64, requires_grad=True)
        y = torch.nn.functional.dropout(x, probability, training=True)
        y.sum().backward()
        assert_equal(x.grad, y, "the gradient")
        kept = 1 / (1 - probability)
        assert set(y.tolist()) <= {0.0, kept}, f"with p = {probability} dropout gives {set(y.tolist())}"
