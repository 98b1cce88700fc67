"""Checkpointing: the values and gradients of the plain call, recomputed in backward instead of kept."""

from __future__ import annotations

import gc
import math
import weakref

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, submodule

_PAGE = "PyTorch documentation, torch.utils.checkpoint.checkpoint"
_NEEDS = ("checkpoint",)


def _leaf(torch, values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def _utils(torch):
    return submodule(torch, "utils.checkpoint")


def _checkpoint(torch):
    return _utils(torch).checkpoint


@behaviour(
    "checkpoint.same-values-and-gradients",
    level=MUST,
    profile=FUNCTIONAL,
    source=_PAGE,
    kills=["checkpoint-first-input-only"],
    needs=_NEEDS,
)
def same_values_and_gradients(torch):
    """A checkpointed function gives the same output and the same gradients as the plain call, in both variants."""

    def function(a, b):
        return (a * b).exp().sin() + b

    for one, other in (([0.3], [0.7]), ([[0.5, -1.0]], [[2.0, 0.25]]), (0.3, 0.7)):
        a, b = _leaf(torch, one), _leaf(torch, other)
        plain = function(a, b)
        plain.sum().backward()
        for reentrant in (False, True):
            c, d = _leaf(torch, one), _leaf(torch, other)
            output = _checkpoint(torch)(function, c, d, use_reentrant=reentrant)
            assert_close(output, plain, "the output")
            output.sum().backward()
            assert_close(c.grad, a.grad, "the gradient of the first input")
            assert_close(d.grad, b.grad, "the gradient of the second input")


@behaviour(
    "checkpoint.recomputes-in-backward",
    level=MUST,
    profile=IMPERATIVE,
    source=_PAGE,
    kills=["checkpoint-keeps-everything"],
    needs=_NEEDS,
    depends=["checkpoint.same-values-and-gradients"],
)
def recomputes_in_backward(torch):
    """The function runs once in forward and once more during backward."""
    for reentrant in (False, True):
        calls = []

        def function(a, calls=calls):
            calls.append(None)
            return a.exp().sin()

        y = _checkpoint(torch)(function, _leaf(torch, [0.3]), use_reentrant=reentrant)
        assert len(calls) == 1, f"use_reentrant={reentrant}: the function ran {len(calls)} times in forward"
        y.backward()
        assert len(calls) == 2, f"use_reentrant={reentrant}: the function ran {len(calls)} times in all"


@behaviour(
    "checkpoint.intermediates-not-kept",
    level=MUST,
    profile=IMPERATIVE,
    source=_PAGE,
    kills=["checkpoint-keeps-everything"],
    needs=_NEEDS,
)
def intermediates_not_kept(torch):
    """Intermediate results of the checkpointed function are not kept alive between forward and backward."""
    for reentrant in (False, True):
        kept = []

        def function(a, kept=kept):
            h = a.exp()
            kept.append(weakref.ref(h))
            return h.sin()

        x = _leaf(torch, [0.3])
        y = _checkpoint(torch)(function, x, use_reentrant=reentrant)
        gc.collect()
        assert kept[0]() is None, f"use_reentrant={reentrant}: an intermediate result lives on after forward"
        y.backward()
        assert_close(x.grad, [math.cos(math.exp(0.3)) * math.exp(0.3)], "the gradient")


@behaviour(
    "checkpoint.non-reentrant-double-backward",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_PAGE}: all ways of performing backward",
    needs=_NEEDS,
    depends=["checkpoint.same-values-and-gradients"],
)
def non_reentrant_double_backward(torch):
    """The non-reentrant variant supports create_graph and higher derivatives."""
    for value in (2.0, -0.5):
        x = _leaf(torch, [value])
        g = _checkpoint(torch)(lambda a: a * a * a * a, x, use_reentrant=False)
        for expected in (4 * value**3, 12 * value**2, 24 * value):
            (g,) = torch.autograd.grad(g, x, create_graph=True)
            assert_close(g, [expected], "a derivative of x**4")


@behaviour("checkpoint.under-no-grad", level=SHOULD, profile=IMPERATIVE, source=_PAGE, needs=_NEEDS)
def under_no_grad(torch):
    """Under no_grad a checkpointed call gives the plain value without history and never recomputes."""
    calls = []

    def function(a):
        calls.append(None)
        return a * 2

    with torch.no_grad():
        y = _checkpoint(torch)(function, _leaf(torch, [1.0]), use_reentrant=False)
    assert_equal(y, [2.0], "the output")
    assert not y.requires_grad, "the output requires grad"
    assert len(calls) == 1, f"the function ran {len(calls)} times"


@behaviour(
    "checkpoint.nested",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_PAGE}: any part of a model",
    needs=_NEEDS,
    depends=["checkpoint.same-values-and-gradients"],
)
def nested(torch):
    """Non-reentrant checkpoints may be nested and give the plain gradients."""

    def function(a):
        return a.exp().sin()

    def outer(a):
        return _checkpoint(torch)(function, a, use_reentrant=False) * a

    for values in ([0.3], [[0.5, -1.0]]):
        x, z = _leaf(torch, values), _leaf(torch, values)
        _checkpoint(torch)(outer, x, use_reentrant=False).sum().backward()
        (function(z) * z).sum().backward()
        assert_close(x.grad, z.grad, "the gradient")


@behaviour(
    "checkpoint.sequential",
    level=MUST,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.utils.checkpoint.checkpoint_sequential",
    kills=["checkpoint-sequential-recomputes-last"],
    needs=(*_NEEDS, "nn"),
    depends=["checkpoint.same-values-and-gradients"],
)
def sequential(torch):
    """checkpoint_sequential over a Sequential in any number of segments gives the value and gradients of the plain
    model, and recomputes all segments but the last.
    """
    in_segments = _utils(torch).checkpoint_sequential
    nn = torch.nn
    model = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 2), nn.Sigmoid(), nn.Linear(2, 1)).double()
    x = _leaf(torch, [[1.0, -0.5, 0.25], [0.0, 2.0, -1.0]])
    plain = torch.autograd.grad(model(x).sum(), [x, *model.parameters()])
    for segments in (1, 2, 3, 5):
        y = in_segments(model, segments, x, use_reentrant=False)
        assert_close(y, model(x), f"the output in {segments} segments")
        for g, expected in zip(torch.autograd.grad(y.sum(), [x, *model.parameters()]), plain, strict=True):
            assert_close(g, expected, f"a gradient in {segments} segments")
    log = []
    parts = [lambda t: log.append("exp") or t.exp(), lambda t: log.append("sin") or t.sin()]
    in_segments(parts, 2, _leaf(torch, [0.3]), use_reentrant=False).sum().backward()
    assert [log.count("exp"), log.count("sin")] == [2, 1], f"the segments ran as {log}"
