"""retain_grad and retains_grad: the .grad of tensors that are not leaves."""

from __future__ import annotations

import numpy as np

from conformance.cases import IMPERATIVE, MUST, SHOULD, behaviour

_VALUES = (
    2.0,
    [-3.0],
    [1.5, -2.0],
    [[0.5, -4.0], [3.0, 1.0]],
)  # squares and products of these are exact in every dtype
_RETAIN = "PyTorch documentation, torch.Tensor.retain_grad"
_TUTORIAL = "PyTorch tutorial on leaf and non-leaf tensors"


@behaviour("leaf.reading-non-leaf-grad-warns", level=SHOULD, profile=IMPERATIVE, source=f"{_TUTORIAL}, retain_grad")
def reading_non_leaf_grad_warns(p):
    """Reading .grad of a non-leaf that does not retain it gives None with a UserWarning."""
    for values in _VALUES:
        x = p.leaf(values)
        y = x * 2
        y.sum().backward()
        with p.warns("UserWarning", "not a leaf"):
            grad = y.grad
        p.expect(grad, None)


@behaviour(
    "leaf.retain-grad-populates-non-leaf",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_RETAIN}; introductory autograd notes",
    kills=["retain-grad-ignored"],
)
def retain_grad_populates_non_leaf(p):
    """After retain_grad() on a non-leaf, backward also fills its .grad."""
    for values in _VALUES:
        x = p.leaf(values)
        y = x * x
        y.retain_grad()
        p.expect(y.grad, None)
        (3 * y + y * y).sum().backward()  # y is used twice: the sum of both paths is kept
        p.expect(y.grad, 3 + 2 * np.array(values) ** 2)
        p.expect(x.grad, 2 * np.array(values) * (3 + 2 * np.array(values) ** 2))


@behaviour("leaf.retain-grad-on-root-is-one", level=SHOULD, profile=IMPERATIVE, source=f"{_TUTORIAL}, retain_grad")
def retain_grad_on_root_is_one(p):
    """A scalar root that retains its grad has .grad equal to 1 after backward."""
    for values in _VALUES:
        x = p.leaf(values)
        loss = (x * x).sum()
        loss.retain_grad()
        loss.backward()
        p.expect(loss.grad, 1.0)


@behaviour(
    "leaf.retain-grad-accumulates",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_RETAIN}; torch.Tensor.grad",
    kills=["overwrite-grad", "retain-graph-ignored"],
)
def retain_grad_accumulates(p):
    """The retained .grad of a non-leaf accumulates over several backward calls as that of a leaf does."""
    for values in _VALUES:
        x = p.leaf(values)
        y = x * x
        y.retain_grad()
        z = (y * y).sum()
        z.backward(retain_graph=True)
        z.backward(retain_graph=True)
        z.backward()
        p.expect(y.grad, 3 * 2 * np.array(values) ** 2)
        p.expect(x.grad, 3 * 4 * np.array(values) ** 3)


@behaviour(
    "leaf.retain-grad-no-op-on-leaf",
    level=MUST,
    profile=IMPERATIVE,
    source=_RETAIN,
    kills=["retain-grad-flags-leaf"],
)
def retain_grad_no_op_on_leaf(p):
    """retain_grad() on a leaf does nothing: retains_grad stays False and .grad is filled as usual."""
    for values in _VALUES:
        x = p.leaf(values)
        x.retain_grad()
        p.expect(x.retains_grad, False)
        p.expect(x.is_leaf, True)
        (x * x).sum().backward()
        p.expect(x.grad, 2 * np.array(values))
        p.expect(x.retains_grad, False)


@behaviour(
    "leaf.retains-grad-reports",
    level=MUST,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.Tensor.retains_grad",
    kills=["retain-grad-ignored", "retain-grad-flags-leaf"],
)
def retains_grad_reports(p):
    """retains_grad is True exactly for a non-leaf on which retain_grad() was called."""
    for values in _VALUES:
        x, c = p.leaf(values), p.constant(values)
        y, other = x * c, x + c
        for tensor in (x, c, y, other):
            p.expect(tensor.retains_grad, False)
        for tensor in (x, y, y):  # a second call changes nothing
            tensor.retain_grad()
            p.expect(tensor.retains_grad, tensor is y)
        p.expect(other.retains_grad, False)


@behaviour(
    "leaf.retain-grad-without-requires-grad-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_TUTORIAL}, retain_grad",
)
def retain_grad_without_requires_grad_raises(p):
    """retain_grad() on a tensor that does not require grad raises RuntimeError."""
    for values in _VALUES:
        c, x = p.constant(values), p.leaf(values)
        for untracked in (c, c * 2, (x * 2).detach()):
            with p.raises("RuntimeError", "requires_grad=False"):
                untracked.retain_grad()
            p.expect(untracked.retains_grad, False)


@behaviour(
    "leaf.retain-grad-does-not-change-leaf-gradients",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_TUTORIAL}, retain_grad",
)
def retain_grad_does_not_change_leaf_gradients(p):
    """Retaining intermediate gradients changes neither the values nor the presence of the leaves' gradients."""
    for values in _VALUES:
        for keep in (False, True):
            x, w, unused = p.leaf(values), p.leaf(values), p.leaf(values)
            y = x * w
            if keep:
                y.retain_grad()
            (y * y).sum().backward()
            p.expect(x.grad, 2 * np.array(values) ** 3)
            p.expect(w.grad, 2 * np.array(values) ** 3)
            p.expect(unused.grad, None)
