"""How long a graph lives: what a backward frees, and what retain_graph keeps."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MAY, MUST, SHOULD, also, behaviour

_VALUES = (2.0, [-3.0], [1.5, -2.0], [[0.5, -4.0], [3.0, 1.0]])  # cubes of these are exact in every dtype
_NOTES = "PyTorch notes on autograd mechanics, how long a graph is kept"
_ENCODES = "PyTorch notes on autograd mechanics, how autograd encodes the history"
_BACKWARD = "PyTorch documentation, torch.Tensor.backward, retain_graph"
_GRAD = "PyTorch documentation, torch.autograd.grad, retain_graph"


@behaviour(
    "retain-graph.second-backward-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_NOTES}; Autograd quickstart tutorial",
    kills=["freed-graph-not-detected"],
)
def second_backward_raises(p):
    """A second backward through a graph whose saved tensors were freed by the first one raises RuntimeError."""
    for values in _VALUES:
        x = p.leaf(values)
        y = (x * x).sum()
        y.backward()
        for words in ("second time", "retain_graph=True"):  # the message says what happened and the remedy
            with p.raises("RuntimeError", words):
                y.backward()
        p.expect(x.grad, 2 * np.array(values))  # the failing calls added nothing


@also("retain-graph.second-backward-raises")
def second_grad_raises(p):
    for values in _VALUES:
        x = p.leaf(values)
        y = (x * x).sum()
        p.expect(p.grad(y, x)[0], 2 * np.array(values))
        with p.raises("RuntimeError", "second time"):
            p.grad(y, x)


@behaviour(
    "retain-graph.true-allows-second-backward",
    level=MUST,
    profile=FUNCTIONAL,
    source=_BACKWARD,
    kills=["retain-graph-ignored"],
)
def true_allows_second_backward(p):
    """After backward(retain_graph=True) the same graph can be used again with the same result."""
    for values in _VALUES:
        x = p.leaf(values)
        y = (x * x * x).sum()
        for times in (1, 2, 3):
            y.backward(retain_graph=True)
            p.expect(x.grad, times * 3 * np.array(values) ** 2)


@also("retain-graph.true-allows-second-backward")
def second_grad_through_retained_graph(p):
    for values in _VALUES:
        x = p.leaf(values)
        y = (x * x * x).sum()
        for _ in range(3):
            p.expect(p.grad(y, x, retain_graph=True)[0], 3 * np.array(values) ** 2)


@behaviour(
    "retain-graph.freed-by-last-call",
    level=MUST,
    profile=IMPERATIVE,
    source=_BACKWARD,
    kills=["freed-graph-not-detected", "retain-graph-ignored"],
)
def freed_by_last_call(p):
    """The first later call without retain_graph frees the retained graph, so that one more raises RuntimeError."""
    for values in _VALUES:
        x = p.leaf(values)
        y = (x * x).sum()
        y.backward(retain_graph=True)
        y.backward()
        with p.raises("RuntimeError", "second time"):
            y.backward()
        p.expect(x.grad, 2 * 2 * np.array(values))


@behaviour(
    "retain-graph.default-follows-create-graph",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_BACKWARD}; torch.autograd.grad",
    kills=["create-graph-frees"],
)
def default_follows_create_graph(p):
    """retain_graph defaults to the value of create_graph: after create_graph=True the graph is still usable."""
    for values in _VALUES:
        x = p.leaf(values)
        y = (x * x * x).sum()
        (first,) = p.grad(y, x, create_graph=True)
        (second,) = p.grad(y, x)
        p.expect(first, 3 * np.array(values) ** 2)
        p.expect(second, 3 * np.array(values) ** 2)


@also("retain-graph.default-follows-create-graph")
def default_follows_create_graph_of_backward(p):
    for values in _VALUES:
        x = p.leaf(values)
        y = (x * x * x).sum()
        y.backward(create_graph=True)
        x.grad = None  # also undoes the reference cycle
        y.backward()
        p.expect(x.grad, 3 * np.array(values) ** 2)
        with p.raises("RuntimeError", "second time"):  # create_graph=False: freed
            y.backward()


@behaviour(
    "retain-graph.explicit-false-with-create-graph-frees",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_GRAD,
    kills=["freed-graph-not-detected"],
)
def explicit_false_with_create_graph_frees(p):
    """An explicit retain_graph=False together with create_graph=True frees the forward graph all the same."""
    for values in _VALUES:
        x = p.leaf(values)
        y = (x * x * x).sum()
        (g,) = p.grad(y, x, create_graph=True, retain_graph=False)
        p.expect(g, 3 * np.array(values) ** 2)
        with p.raises("RuntimeError", "second time"):
            p.grad(y, x)


@behaviour(
    "retain-graph.grad-frees-too",
    level=MUST,
    profile=IMPERATIVE,
    source=_GRAD,
    kills=["freed-graph-not-detected"],
)
def grad_frees_too(p):
    """torch.autograd.grad frees the graph in the same way: a second grad call without retain_graph raises
    RuntimeError.
    """
    for values in _VALUES:
        x = p.leaf(values)
        y = (x * x).sum()
        p.grad(y, x, retain_graph=True)
        p.expect(p.grad(y, x)[0], 2 * np.array(values))
        with p.raises("RuntimeError", "second time"):
            p.grad(y, x)
        with p.raises("RuntimeError", "second time"):
            y.backward()
        p.expect(x.grad, None)


@behaviour(
    "retain-graph.shared-part-is-freed",
    level=MUST,
    profile=IMPERATIVE,
    source=_NOTES,
    kills=["freed-graph-not-detected", "retain-graph-ignored"],
)
def shared_part_is_freed(p):
    """When two roots share a part of the graph, backward of one frees the shared part, so that backward of the other
    raises RuntimeError unless the first retained it.
    """
    for values in _VALUES:
        x = p.leaf(values)
        h = (x * x).sum()
        a, b = h * 3, h * 4
        a.backward()
        with p.raises("RuntimeError", "second time"):
            b.backward()
        p.expect(x.grad, 3 * 2 * np.array(values))


@also("retain-graph.shared-part-is-freed")
def shared_part_is_retained(p):
    for values in _VALUES:
        x = p.leaf(values)
        h = (x * x).sum()
        a, b = h * 3, h * 4
        a.backward(retain_graph=True)
        b.backward()
        p.expect(x.grad, (3 + 4) * 2 * np.array(values))


@behaviour(
    "retain-graph.nothing-saved-nothing-freed",
    level=MAY,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.autograd.backward; an implementation detail",
)
def nothing_saved_nothing_freed(p):
    """A graph of operations that save nothing, such as additions, can be run backward twice without retain_graph."""
    for values in _VALUES:
        x = p.leaf(values)
        y = (x + 1 - (x + x)).sum()
        y.backward()
        y.backward()
        p.expect(x.grad, np.full(np.shape(values), -2.0))


@behaviour(
    "retain-graph.rerun-forward-needs-nothing",
    level=MUST,
    profile=FUNCTIONAL,
    source=_ENCODES,
    kills=["overwrite-grad", "last-path-wins"],
)
def rerun_forward_needs_nothing(p):
    """Recomputing the forward makes a new graph, on which backward works without retain_graph."""
    for values in _VALUES:
        x = p.leaf(values)
        for times in (1, 2, 3):
            (x * x).sum().backward()
            p.expect(x.grad, times * 2 * np.array(values))


@also("retain-graph.rerun-forward-needs-nothing")
def rerun_forward_by_grad(p):
    for values in _VALUES:
        x = p.leaf(values)
        for _ in range(3):
            p.expect(p.grad((x * x).sum(), x)[0], 2 * np.array(values))
