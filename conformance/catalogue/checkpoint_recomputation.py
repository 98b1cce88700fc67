"""Recomputation: when it stops, under what it runs, and which random numbers it draws."""

from __future__ import annotations

import math

from conformance.cases import IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_close, raises, submodule

_PAGE = "PyTorch documentation, torch.utils.checkpoint.checkpoint"
_RANDOM = "PyTorch documentation, torch.utils.checkpoint page, note on random numbers; preserve_rng_state"
_NEEDS = ("checkpoint",)


def _leaf(torch, values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def _utils(torch):
    return submodule(torch, "utils.checkpoint")


def _checkpoint(torch):
    return _utils(torch).checkpoint


def _counting_mode(torch, operator):
    """A dispatch mode that counts the calls of an operator."""
    base = submodule(torch, "utils._python_dispatch").TorchDispatchMode

    class Counting(base):
        count = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            self.count += function is operator
            return function(*args, **(kwargs or {}))

    return Counting


@behaviour(
    "checkpoint.early-stop",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_PAGE}; torch.utils.checkpoint.set_checkpoint_early_stop",
    needs=_NEEDS,
    depends=["checkpoint.same-values-and-gradients"],
)
def early_stop(torch):
    """The non-reentrant variant stops recomputing as soon as all saved tensors are there, the reentrant one always runs
    to the end; early_stop=False or set_checkpoint_early_stop(False) around the forward turns stopping off.
    """

    def ends_reached(**options):
        ends = []

        def function(a):
            h = a.exp().sin()
            ends.append(None)
            return h + 1

        _checkpoint(torch)(function, _leaf(torch, [0.3]), **options).backward()
        return len(ends)

    assert ends_reached(use_reentrant=False) == 1, "the non-reentrant variant did not stop early"
    assert ends_reached(use_reentrant=True) == 2, "the reentrant variant stopped early"
    assert ends_reached(use_reentrant=False, early_stop=False) == 2, "early_stop=False stopped early"
    with _utils(torch).set_checkpoint_early_stop(False):
        reached = ends_reached(use_reentrant=False)
    assert reached == 2, "set_checkpoint_early_stop(False) stopped early"


@behaviour(
    "checkpoint.rng-state-restored",
    level=MUST,
    profile=IMPERATIVE,
    source=_RANDOM,
    kills=["checkpoint-draws-anew"],
    needs=(*_NEEDS, "nn"),
    depends=["checkpoint.same-values-and-gradients"],
)
def rng_state_restored(torch):
    """By default recomputation uses the same random numbers as forward, so that dropout has a consistent gradient."""
    for reentrant in (False, True):
        x = torch.ones(1000, requires_grad=True)
        y = _checkpoint(torch)(lambda a: torch.nn.functional.dropout(a * 1, 0.5), x, use_reentrant=reentrant)
        torch.rand(3)
        y.sum().backward()
        assert torch.equal(x.grad, y), f"use_reentrant={reentrant}: backward dropped other elements than forward"


@behaviour("checkpoint.rng-not-preserved-on-request", level=SHOULD, profile=IMPERATIVE, source=_RANDOM, needs=_NEEDS)
def rng_not_preserved_on_request(torch):
    """With preserve_rng_state=False the recomputation draws new random numbers."""
    drawn = []

    def function(a):
        drawn.append(torch.rand(3))
        return (a * 2).exp()

    x = torch.ones(5, requires_grad=True)
    _checkpoint(torch)(function, x, use_reentrant=False, preserve_rng_state=False).sum().backward()
    assert len(drawn) == 2, f"the function ran {len(drawn)} times"
    assert not torch.equal(*drawn), "the recomputation drew the same numbers"


@behaviour(
    "checkpoint.rng-global-stream-undisturbed",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_RANDOM,
    needs=(*_NEEDS, "nn"),
)
def rng_global_stream_undisturbed(torch):
    """With preserved state, recomputation in backward does not advance the global random stream."""
    for reentrant in (False, True):
        x = torch.ones(5, requires_grad=True)
        y = _checkpoint(torch)(lambda a: torch.nn.functional.dropout(a * 1, 0.5), x, use_reentrant=reentrant)
        before = torch.get_rng_state()
        y.sum().backward()
        assert torch.equal(before, torch.get_rng_state()), f"use_reentrant={reentrant}: backward advanced the stream"


@behaviour(
    "checkpoint.changed-global-gives-wrong-gradient",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_PAGE}, warning",
    needs=_NEEDS,
)
def changed_global_gives_wrong_gradient(torch):
    """If the function depends on a global that changes between forward and backward, the gradient is that of the
    recomputed function, without an error.
    """
    outside, x = [2.0], _leaf(torch, [1.0])
    y = _checkpoint(torch)(lambda a: (a * outside[0]).sin(), x, use_reentrant=False)
    outside[0] = 5.0
    y.backward()
    assert_close(x.grad, [math.cos(5.0) * 2.0], "the gradient")  # cos is recomputed, the factor 2 was not a tensor


@behaviour(
    "checkpoint.graph-exec-group",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.utils.checkpoint.GraphExecGroup",
    needs=_NEEDS,
    depends=["checkpoint.same-values-and-gradients"],
)
def graph_exec_group(torch):
    """Several backward calls over different parts of one non-reentrant checkpoint inside a GraphExecGroup recompute the
    region once in all; outside it, once each.
    """

    def runs(grouped):
        calls, a, b = [], _leaf(torch, [1.0]), _leaf(torch, [2.0])

        def function(a, b):
            calls.append(None)
            return a.exp(), b.exp()

        first, second = _checkpoint(torch)(function, a, b, use_reentrant=False, early_stop=False)
        if grouped:
            with _utils(torch).GraphExecGroup():
                first.sum().backward()
                second.sum().backward()
        else:
            first.sum().backward()
            second.sum().backward()
        assert_close([a.grad, b.grad], [[math.exp(1.0)], [math.exp(2.0)]], "the gradients")
        return len(calls)

    assert runs(False) == 3, "two backward calls outside a group did not recompute twice"
    assert runs(True) == 2, "two backward calls in a group did not recompute once"


@behaviour(
    "checkpoint.selective-policy",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.utils.checkpoint.create_selective_checkpoint_contexts",
    needs=(*_NEEDS, "dispatch"),
)
def selective_policy(torch):
    """A selective checkpoint that must save an operator does not run it again in recomputation, and gradients are
    unchanged; a list of operators means the same policy.
    """
    from functools import partial

    utils, mm = _utils(torch), torch.ops.aten.mm.default
    counted = _counting_mode(torch, mm)

    def policy(_ctx, operator, *_args, **_kw):
        return utils.CheckpointPolicy.MUST_SAVE if operator is mm else utils.CheckpointPolicy.PREFER_RECOMPUTE

    def function(x, y):
        return torch.sigmoid(torch.mm(x, y)) * y

    def products_in_backward(**options):
        x, y = _leaf(torch, [[0.5, -1.0], [2.0, 0.25]]), _leaf(torch, [[1.0, 0.5], [-0.5, 2.0]])
        expected = torch.autograd.grad(function(x, y).sum(), (x, y))
        output = _checkpoint(torch)(function, x, y, use_reentrant=False, **options)
        with counted() as mode:
            output.sum().backward()
        assert_close([x.grad, y.grad], list(expected), "the gradients")
        return mode.count

    whole = products_in_backward()
    for saved in ([mm], policy):
        contexts = partial(utils.create_selective_checkpoint_contexts, saved)
        again = whole - products_in_backward(context_fn=contexts)
        assert again == 1, f"{again} products less than with a whole recomputation"


@behaviour(
    "checkpoint.context-fn",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PAGE}, context_fn",
    kills=["checkpoint-contexts-swapped"],
    needs=_NEEDS,
)
def context_fn(torch):
    """context_fn gives two context managers: forward runs under the first, recomputation under the second; with
    use_reentrant=True it raises ValueError.
    """
    from contextlib import contextmanager

    log = []

    @contextmanager
    def logged(name):
        log.append(name)
        yield

    def contexts():
        return logged("forward"), logged("recomputation")

    x = _leaf(torch, [1.0])
    y = _checkpoint(torch)(lambda a: a.exp().sin(), x, use_reentrant=False, context_fn=contexts)
    assert log == ["forward"], f"forward ran under {log}"
    y.backward()
    assert log == ["forward", "recomputation"], f"forward and backward ran under {log}"
    with raises(ValueError, "context_fn"):
        _checkpoint(torch)(lambda a: a * 2, x, use_reentrant=True, context_fn=contexts)
