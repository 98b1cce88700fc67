"""Misuse of the graph, and errors that come out of a backward pass."""

from __future__ import annotations

import copy

from conformance.cases import IMPERATIVE, MAY, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_equal, leaves, raises, warns
from conformance.catalogue.functions import function


@behaviour(
    "errors.saved-access-after-free",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd mechanics, graph retaining and saved tensors",
    kills=["freed-graph-not-detected"],
    depends=["graph.saved-attributes"],
)
def saved_access_after_free(torch):
    """Reading grad_fn._saved_<name> after backward has freed it raises RuntimeError."""
    for x in leaves(torch):
        for y, name in ((x.exp(), "_saved_result"), (x.pow(2), "_saved_self")):
            y.sum().backward(retain_graph=True)
            assert getattr(y.grad_fn, name) is not None
            y.sum().backward()
            with raises(RuntimeError, "freed"):
                getattr(y.grad_fn, name)


@behaviour(
    "errors.non-tensor-root-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source="autograd.backward, docstring, tensors",
    kills=["roots-unchecked"],
)
def non_tensor_root_raises(torch):
    """Passing something that is neither a tensor nor a GradientEdge as root raises AssertionError."""
    for wrong in (3.0, "text", None):
        with raises(AssertionError, "torch.Tensor"):
            torch.autograd.backward([wrong])


@behaviour(
    "errors.deepcopy-of-non-leaf-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source="observed contract of Tensor.__deepcopy__; rules for leaves",
    kills=["deepcopy-detaches"],
)
def deepcopy_of_non_leaf_raises(torch):
    """copy.deepcopy of a non-leaf raises RuntimeError; of a leaf it gives a leaf with equal requires_grad and a copied
    .grad.
    """
    for x in leaves(torch):
        y = x * 2
        with raises(RuntimeError, "graph leaves"):
            copy.deepcopy(y)
        y.sum().backward()
        for original in (x, x.detach()):
            found = copy.deepcopy(original)
            assert found is not original
            assert found.is_leaf
            assert found.requires_grad == original.requires_grad
            assert_equal(found, original)
        twin = copy.deepcopy(x)
        assert_equal(twin.grad, x.grad)
        twin.grad.zero_()
        assert_equal(x.grad, torch.full_like(x.detach(), 2.0))


@behaviour(
    "errors.grad-assignment-checks",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Tensor.grad and grad_dtype, docstrings",
    kills=["grad-assignment-unchecked"],
)
def grad_assignment_checks(p):
    """Assigning to .grad a tensor of another shape raises RuntimeError, and something that is neither tensor nor None
    raises TypeError.
    """
    for value, other in (([1.0], [1.0, 2.0]), (1.0, [1.0]), ([[1.0, 2.0]], [1.0, 2.0])):
        x = p.leaf(value)
        with p.raises("RuntimeError", "size"):
            x.grad = p.constant(other)
        with p.raises("TypeError"):
            x.grad = 3.0
        p.expect(x.grad, None)


@behaviour(
    "errors.exception-in-backward-keeps-type",
    level=SHOULD,
    profile=IMPERATIVE,
    source="autograd.detect_anomaly, docstring, example",
    depends=["custom.forward-and-backward-are-used"],
    kills=["backward-errors-wrapped"],
)
def exception_in_backward_keeps_type(torch):
    """An exception raised by a custom backward comes out of backward() with its own class and message."""

    class Own(Exception):
        pass

    for error in (Own, KeyError, ZeroDivisionError):

        def failing(ctx, g, error=error):
            raise error("mine")

        for x in leaves(torch):
            y = function(torch, lambda ctx, x: x * 1, failing).apply(x).sum()
            with raises(error, "mine"):
                y.backward()


@behaviour(
    "errors.region-budget-outside-compile",
    level=SHOULD,
    profile=IMPERATIVE,
    source="autograd.graph.region_activation_memory_budget, docstring",
    needs=["compile"],
)
def region_budget_outside_compile(torch):
    """Entering region_activation_memory_budget outside a compiled region raises RuntimeError."""
    with raises(RuntimeError, "compile"), torch.autograd.graph.region_activation_memory_budget(0.5):
        pass


@behaviour(
    "errors.failed-backward-leaves-others-usable",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Autograd mechanics, in-place correctness checks",
    kills=["failed-backward-breaks-the-next"],
)
def failed_backward_leaves_others_usable(p):
    """A backward that raised does not disturb a later backward on a fresh graph of the same leaves."""
    for value, gradient in (([1.0, 2.0], [2.0, 2.0]), ([[1.0], [-3.0]], [[2.0], [2.0]])):
        x = p.leaf(value)
        with p.raises("RuntimeError", "scalar"):
            (x * 2).backward()
        y = x * 1
        z = (y * y).sum()
        y.add_(1)
        with p.raises("RuntimeError", "modified by an inplace operation"):
            z.backward()
        x.grad = None
        (x * 2).sum().backward()
        p.expect(x.grad, gradient)


@behaviour(
    "errors.grad-variables-deprecated",
    level=MAY,
    profile=IMPERATIVE,
    source="autograd.backward, signature",
    kills=["grad-variables-unknown"],
)
def grad_variables_deprecated(torch):
    """The old keyword grad_variables issues a FutureWarning and works like grad_tensors."""
    for x in leaves(torch):
        with warns(FutureWarning, "grad_variables"):
            torch.autograd.backward(x * 2, grad_variables=[torch.full_like(x.detach(), 3.0)])
        assert_equal(x.grad, torch.full_like(x.detach(), 6.0))
