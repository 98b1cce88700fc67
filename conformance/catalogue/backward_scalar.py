"""backward() without an argument: the implicit 1, what counts as a scalar, a graph built anew by each execution."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour

_SCALARS = (3.0, -0.5, 0.0, 1024.0)
_VALUES = (2.0, [-3.0], [1.5, -2.0], [[0.5, -4.0], [3.0, 1.0]])
_BACKWARD = "PyTorch documentation, torch.Tensor.backward"
_ENCODES = "PyTorch notes on autograd mechanics, how autograd encodes the history"
_LEARNER = "introductory autograd notes"


@behaviour(
    "backward-scalar.implicit-one",
    level=MUST,
    profile=FUNCTIONAL,
    source="Autograd quickstart tutorial; PyTorch notes on autograd mechanics, complex numbers",
    kills=["implicit-seed-two"],
)
def implicit_one(p):
    """backward() of a scalar root without argument equals backward(torch.tensor(1.0))."""
    for value in _SCALARS:
        a, b = p.leaf(value), p.leaf(value)
        (a * a).backward()
        (b * b).backward(p.constant(1.0))
        p.expect(a.grad, 2 * value)
        p.expect_equal(a.grad, b.grad)


@also("backward-scalar.implicit-one")
def implicit_one_by_grad(p):
    for value in _SCALARS:
        x = p.leaf(value)
        (implicit,) = p.grad(x * x, x)
        (explicit,) = p.grad(x * x, x, p.constant(1.0))
        p.expect(implicit, 2 * value)
        p.expect_equal(implicit, explicit)


@behaviour(
    "backward-scalar.one-element-counts-as-scalar",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_BACKWARD}: non-scalar means more than one element",
    kills=["scalar-means-zero-dim"],
)
def one_element_counts_as_scalar(p):
    """A root with exactly one element, whatever its number of dimensions, needs no gradient argument."""
    for shape in ((), (1,), (1, 1), (1, 1, 1)):
        x = p.leaf(np.full(shape, 3.0))
        (x * x).backward()
        p.expect(x.grad, np.full(shape, 6.0))


@also("backward-scalar.one-element-counts-as-scalar")
def one_element_counts_as_scalar_by_grad(p):
    for shape in ((), (1,), (1, 1), (1, 1, 1)):
        x = p.leaf(np.full(shape, 3.0))
        p.expect(p.grad(x * x, x)[0], np.full(shape, 6.0))


@behaviour(
    "backward-scalar.non-scalar-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_BACKWARD}; {_LEARNER}",
    kills=["non-scalar-seeds-ones"],
)
def non_scalar_raises(p):
    """backward() without gradient on a root with more than one element raises RuntimeError, and no .grad is touched."""
    for shape in ((2,), (2, 2), (1, 3), (4, 1)):
        fresh, earlier = p.leaf(np.ones(shape)), p.leaf(np.ones(shape))
        (earlier * 5).sum().backward()
        with p.raises("RuntimeError", "scalar outputs"):
            (fresh * earlier).backward()
        p.expect(fresh.grad, None)
        p.expect(earlier.grad, np.full(shape, 5.0))


@also("backward-scalar.non-scalar-raises")
def non_scalar_raises_by_grad(p):
    for shape in ((2,), (2, 2), (1, 3), (4, 1)):
        x = p.leaf(np.ones(shape))
        with p.raises("RuntimeError", "scalar outputs"):
            p.grad(x * 2, x)


@behaviour(
    "backward-scalar.no-grad-root-raises",
    level=MUST,
    profile=IMPERATIVE,
    source="PyTorch tutorial on leaf and non-leaf tensors, requires_grad",
    kills=["backward-on-constant-silent"],
)
def no_grad_root_raises(p):
    """backward() on a tensor that does not require grad raises RuntimeError."""
    for value in _SCALARS:
        x, c = p.leaf(value), p.constant(value)
        with p.no_grad():
            unrecorded = x * 2
        for root in (c, c * c, unrecorded, (x * 2).detach()):
            with p.raises("RuntimeError", "does not require grad"):
                root.backward()
        p.expect(x.grad, None)
        p.expect(c.grad, None)


@behaviour("backward-scalar.returns-none", level=SHOULD, profile=IMPERATIVE, source=f"{_BACKWARD}: it accumulates")
def returns_none(torch):
    """backward returns None; gradients are delivered through .grad only."""
    for value in _SCALARS:
        x = torch.tensor(value, dtype=torch.float64, requires_grad=True)
        for result in ((x * x).backward(), torch.autograd.backward([x * x]), (x * x).backward(torch.ones_like(x))):
            assert result is None, f"backward must return None, got {result!r}"
        assert x.grad.item() == 6 * value, f"three backwards must add up to {6 * value}, got {x.grad.item()}"


@behaviour(
    "backward-scalar.on-leaf-itself",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.Tensor.register_hook, example",
    kills=["ignores-cotangent", "implicit-seed-two"],
)
def on_leaf_itself(p):
    """backward on a leaf itself stores the incoming gradient in its own .grad."""
    for values in _VALUES:
        v = p.leaf(np.zeros(np.shape(values)))
        v.backward(p.constant(values))
        p.expect(v.grad, values)
    s = p.leaf(5.0)
    s.backward()
    p.expect(s.grad, 1.0)


@also("backward-scalar.on-leaf-itself")
def on_leaf_itself_by_grad(p):
    for values in _VALUES:
        v = p.leaf(np.zeros(np.shape(values)))
        p.expect(p.grad(v, v, p.constant(values))[0], values)


@behaviour(
    "backward-scalar.python-control-flow",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_ENCODES}; {_LEARNER}",
    kills=["last-path-wins"],
)
def python_control_flow(torch):
    """The graph is rebuilt at each execution, so that only the branch or the loop iterations actually run are
    differentiated.
    """
    for value in (2.0, -2.0, 0.5, -0.25):
        x = torch.tensor(value, dtype=torch.float64, requires_grad=True)
        y = x * 3 if x.item() > 0 else x * x
        while abs(y.item()) < 100:
            y = y * 2
        y.backward()
        expected = y.item() / value * (1 if value > 0 else 2)  # y is c·x in one branch and c·x² in the other
        assert x.grad.item() == expected, f"at {value}: expected {expected}, got {x.grad.item()}"


@also("backward-scalar.python-control-flow")
def the_branch_that_ran_by_grad(p):
    for value, rounds in ((2.0, 3), (-2.0, 0), (0.5, 1), (-0.25, 5)):
        x = p.leaf(value)
        y = x * 3 if value > 0 else x * x
        for _ in range(rounds):
            y = y * 2
        p.expect(p.grad(y, x)[0], 2**rounds * (3.0 if value > 0 else 2 * value))


@behaviour(
    "backward-scalar.graph-may-change-between-iterations",
    level=MUST,
    profile=FUNCTIONAL,
    source=_ENCODES,
    kills=["last-path-wins"],
)
def graph_may_change_between_iterations(p):
    """Successive iterations over the same leaf may build graphs of different shape and size without interfering."""
    x = p.leaf(1.5)
    for degree in (2, 4, 1, 3):
        y = x
        for _ in range(degree - 1):
            y = y * x
        p.expect(p.grad(y, x)[0], degree * 1.5 ** (degree - 1))


@also("backward-scalar.graph-may-change-between-iterations")
def changing_graphs_accumulate(p):
    x, total = p.leaf(1.5), 0.0
    for degree in (2, 4, 1, 3):
        y = x
        for _ in range(degree - 1):
            y = y * x
        y.backward()
        total += degree * 1.5 ** (degree - 1)
        p.expect(x.grad, total)
