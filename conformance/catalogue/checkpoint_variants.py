"""Where the two variants of checkpoint differ, and the check that recomputation is what forward was."""

from __future__ import annotations

import math
import warnings

from conformance.cases import IMPERATIVE, MAY, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, quiet, raises, submodule

_PAGE = "PyTorch documentation, torch.utils.checkpoint.checkpoint"
_NEEDS = ("checkpoint",)


def _tensor(torch, values, **kw):
    return torch.tensor(values, dtype=torch.float64, **kw)


def _leaf(torch, values):
    return _tensor(torch, values, requires_grad=True)


def _utils(torch):
    return submodule(torch, "utils.checkpoint")


def _checkpoint(torch):
    return _utils(torch).checkpoint


def _warned(function):
    """What the function gives, and the messages of the UserWarnings that it issued."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = function()
    return found, [str(w.message) for w in caught if issubclass(w.category, UserWarning)]


@behaviour(
    "checkpoint.reentrant-forbids-grad-and-inputs",
    level=MUST,
    profile=IMPERATIVE,
    source=_PAGE,
    kills=["checkpoint-never-reentrant"],
    needs=_NEEDS,
)
def reentrant_forbids_grad_and_inputs(torch):
    """The reentrant variant raises RuntimeError under torch.autograd.grad and under backward(inputs=...); the
    non-reentrant one supports both.
    """
    checkpoint, x = _checkpoint(torch), _leaf(torch, [0.3])

    def function(a):
        return a.exp().sin()

    with raises(RuntimeError, "use_reentrant"):
        torch.autograd.grad(checkpoint(function, x, use_reentrant=True), x)
    with raises(RuntimeError, "use_reentrant"):
        checkpoint(function, x, use_reentrant=True).backward(inputs=[x])
    expected = [math.cos(math.exp(0.3)) * math.exp(0.3)]
    assert_close(torch.autograd.grad(checkpoint(function, x, use_reentrant=False), x)[0], expected, "the gradient")
    x.grad = None
    checkpoint(function, x, use_reentrant=False).backward(inputs=[x])
    assert_close(x.grad, expected, "the accumulated gradient")


@behaviour("checkpoint.reentrant-forward-under-no-grad", level=SHOULD, profile=IMPERATIVE, source=_PAGE, needs=_NEEDS)
def reentrant_forward_under_no_grad(torch):
    """The reentrant variant runs the forward under no_grad, the non-reentrant one with recording on."""
    for reentrant in (True, False):
        modes = []

        def function(a, modes=modes):
            modes.append(torch.is_grad_enabled())
            return a * 2

        _checkpoint(torch)(function, _leaf(torch, [1.0]), use_reentrant=reentrant)
        assert modes == [not reentrant], f"use_reentrant={reentrant}: recording in forward was {modes}"


@behaviour(
    "checkpoint.reentrant-needs-grad-input",
    level=MUST,
    profile=IMPERATIVE,
    source=_PAGE,
    kills=["checkpoint-always-reentrant"],
    needs=_NEEDS,
)
def reentrant_needs_grad_input(torch):
    """With no input that requires grad the reentrant variant warns and the part gets no gradients even if parameters
    used inside require them; the non-reentrant variant has them.
    """
    w, x = _leaf(torch, [3.0]), _tensor(torch, [2.0])
    y, messages = _warned(lambda: _checkpoint(torch)(lambda a: a * w, x, use_reentrant=True))
    assert any("requires_grad" in m for m in messages), f"no warning about requires_grad, but {messages}"
    assert not y.requires_grad, "the output of the reentrant variant requires grad"
    _checkpoint(torch)(lambda a: a * w, x, use_reentrant=False).backward()
    assert w.grad is not None, "a parameter used inside the non-reentrant variant got no gradient"
    assert_equal(w.grad, [2.0], "the gradient of a parameter used inside")


@behaviour(
    "checkpoint.nested-structures",
    level=MUST,
    profile=IMPERATIVE,
    source=_PAGE,
    kills=["checkpoint-always-reentrant"],
    needs=_NEEDS,
)
def nested_structures(torch):
    """Tensors inside dicts or lists take part in autograd in the non-reentrant variant only."""
    for make, take in ((lambda x: {"a": x}, lambda d: d["a"]), (lambda x: [x], lambda d: d[0])):
        x = _leaf(torch, [1.0])
        with quiet():
            y = _checkpoint(torch)(lambda d, take=take: take(d).exp(), make(x), use_reentrant=True)
        assert not y.requires_grad, "the reentrant variant differentiates through a structure"
        y = _checkpoint(torch)(lambda d, take=take: take(d).exp(), make(x), use_reentrant=False)
        assert y.requires_grad, "the non-reentrant variant does not differentiate through a structure"
        y.backward()
        assert_close(x.grad, [math.e], "the gradient")


@behaviour(
    "checkpoint.detached-outputs",
    level=MUST,
    profile=IMPERATIVE,
    source=_PAGE,
    kills=["checkpoint-always-reentrant"],
    needs=_NEEDS,
)
def detached_outputs(torch):
    """In the non-reentrant variant a detached output does not require grad; in the reentrant one it is made to require
    grad, and backward raises RuntimeError if every output was detached.
    """
    x = _leaf(torch, [1.0])
    first, second = _checkpoint(torch)(lambda a: ((a * 2).detach(), a * 3), x, use_reentrant=False)
    assert not first.requires_grad, "a detached output of the non-reentrant variant requires grad"
    (first + second).backward()
    assert_equal(x.grad, [3.0], "the gradient")
    first, second = _checkpoint(torch)(lambda a: ((a * 2).detach(), a * 3), x, use_reentrant=True)
    assert first.requires_grad, "a detached output of the reentrant variant does not require grad"
    y = _checkpoint(torch)(lambda a: (a * 2).detach(), x, use_reentrant=True)
    with raises(RuntimeError, "none of output"):
        y.backward()


@behaviour(
    "checkpoint.reentrant-mixed-detached-does-not-raise",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_PAGE,
    discrepancy="The docstring says that backward raises an error for a reentrant checkpoint that contains detached "
    "tensors; torch raises only when no output is left that requires grad in the recomputation.",
    needs=_NEEDS,
)
def reentrant_mixed_detached_does_not_raise(torch):
    """If only some outputs of a reentrant checkpoint are detached, backward through the sum of all outputs gives the
    gradient of the others.
    """
    for values in ([1.0], [2.0, -3.0]):
        x = _leaf(torch, values)
        first, second = _checkpoint(torch)(lambda a: ((a * 2).detach(), a * 3), x, use_reentrant=True)
        (first + second).sum().backward()
        assert_equal(x.grad, [3.0] * len(values), "the gradient")


@behaviour(
    "checkpoint.use-reentrant-missing-warns",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_PAGE}, warning",
    discrepancy="The docstring announces an exception from version 2.9 on; torch 2.13.0 still only warns.",
    needs=_NEEDS,
)
def use_reentrant_missing_warns(torch):
    """Calling checkpoint without use_reentrant issues a UserWarning and uses the reentrant variant."""
    x, modes = _leaf(torch, [1.0]), []

    def function(a):
        modes.append(torch.is_grad_enabled())
        return a * 2

    y, messages = _warned(lambda: _checkpoint(torch)(function, x))
    assert any("use_reentrant" in m for m in messages), f"no warning about use_reentrant, but {messages}"
    assert modes == [False], "the reentrant variant, which runs forward under no_grad, was not used"
    assert "Checkpoint" in y.grad_fn.name(), f"the output was recorded as {y.grad_fn.name()}"


@behaviour(
    "checkpoint.keyword-arguments",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PAGE}, use_reentrant",
    kills=["checkpoint-always-reentrant"],
    needs=_NEEDS,
    depends=["checkpoint.same-values-and-gradients"],
)
def keyword_arguments(torch):
    """The non-reentrant variant passes keyword arguments on to the function; the reentrant one raises ValueError for
    them.
    """

    def function(a, k=1):
        return a * k

    for k in (5, -0.5):
        x = _leaf(torch, [1.0, 2.0])
        y = _checkpoint(torch)(function, x, use_reentrant=False, k=k)
        assert_equal(y, [k, 2 * k], "the output")
        y.sum().backward()
        assert_equal(x.grad, [k, k], "the gradient")
        with raises(ValueError, "keyword"):
            _checkpoint(torch)(function, x, use_reentrant=True, k=k)


def _changing(first, later):
    """A function that is `first` at its first call and `later` afterwards."""
    calls = []

    def function(a):
        calls.append(None)
        return first(a) if len(calls) == 1 else later(a)

    return function


@behaviour(
    "checkpoint.determinism-check",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PAGE}, determinism_check",
    kills=["checkpoint-unchecked"],
    needs=_NEEDS,
)
def determinism_check(torch):
    """If recomputation saves tensors of other shapes, dtypes or devices, or another number of them, backward raises
    CheckpointError; determinism_check="none" turns the metadata check off and another word raises ValueError.
    """
    checkpoint, error = _checkpoint(torch), _utils(torch).CheckpointError

    def other_shape():
        return _changing(lambda a: a.exp().sum(), lambda a: a.repeat(2).exp().sum())

    def other_dtype():
        return _changing(lambda a: a.exp().sum(), lambda a: a.float().exp().sum())

    for make in (other_shape, other_dtype):
        y = checkpoint(make(), _leaf(torch, [1.0]), use_reentrant=False)
        with raises(error, "different metadata"):
            y.backward()
    y = checkpoint(_changing(lambda a: a.exp().sin(), lambda a: a * 1), _leaf(torch, [1.0]), use_reentrant=False)
    with raises(error, "different number"):
        y.backward()
    x = _leaf(torch, [1.0])
    same_count = _changing(lambda a: a.exp(), lambda a: a.float().exp())
    checkpoint(same_count, x, use_reentrant=False, determinism_check="none").backward()
    assert x.grad is not None, 'determinism_check="none" left no gradient'
    with raises(ValueError):
        checkpoint(lambda a: a.exp(), _leaf(torch, [1.0]), use_reentrant=False, determinism_check="x").backward()


@behaviour("checkpoint.debug-trace", level=MAY, profile=IMPERATIVE, source=f"{_PAGE}, debug", needs=_NEEDS)
def debug_trace(torch):
    """With debug=True the error of a failed determinism check contains a trace of the operations run in forward and in
    recomputation.
    """
    function = _changing(lambda a: a.exp().sin(), lambda a: a * 1)
    y = _checkpoint(torch)(function, _leaf(torch, [1.0]), use_reentrant=False, debug=True)
    with raises(_utils(torch).CheckpointError, "exp"):
        y.backward()
