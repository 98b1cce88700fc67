"""Which gradient arguments backward accepts: shape, dtype, None, and the length of grad_tensors."""

from __future__ import annotations

import numpy as np

from conformance.cases import IMPERATIVE, MUST, SHOULD, behaviour

_VALUES = ([-3.0], [1.5, -2.0], [[0.5, -4.0], [3.0, 1.0]])
_WEIGHTS = ([0.5], [10.0, -0.25], [[1.0, 0.0], [-2.0, 8.0]])  # of the shapes of _VALUES; products stay exact
_BACKWARD = "PyTorch documentation, torch.Tensor.backward, gradient"
_SEVERAL = "PyTorch documentation, torch.autograd.backward, grad_tensors"


def _refuses(p, root, gradient):
    """Expects backward of a root of this shape with a gradient of that shape to fail and to touch no .grad."""
    fresh, earlier = p.leaf(np.ones(root)), p.leaf(np.ones(root))
    (earlier * 5).sum().backward()
    with p.raises("RuntimeError", "shape"):
        (fresh * earlier).backward(p.constant(np.ones(gradient)))
    p.expect(fresh.grad, None)
    p.expect(earlier.grad, np.full(root, 5.0))


@behaviour(
    "backward-arg.wrong-shape-raises",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_BACKWARD}: of matching shape",
    kills=["cotangent-broadcast"],
)
def wrong_shape_raises(p):
    """A gradient argument whose shape differs from the root's raises RuntimeError."""
    for root, gradient in (((2,), (3,)), ((2, 2), (4,)), ((2, 3), (3, 2)), ((), (2,)), ((2,), (2, 1)), ((1,), ())):
        _refuses(p, root, gradient)


@behaviour(
    "backward-arg.broadcastable-shape-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_BACKWARD}: of matching shape",
    kills=["cotangent-broadcast"],
)
def broadcastable_shape_raises(p):
    """A gradient argument is not broadcast: a one-element gradient for a two-element root raises RuntimeError."""
    for root, gradient in (((2,), (1,)), ((2,), ()), ((2, 2), (2,)), ((2, 2), (1, 2)), ((3, 2), (3, 1))):
        _refuses(p, root, gradient)


@behaviour(
    "backward-arg.other-dtype-is-cast",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_BACKWARD}: of matching type",
    discrepancy="The documentation asks for a gradient of matching type; PyTorch casts a real gradient of another "
    "floating dtype without a word and refuses only a complex gradient of a real root.",
)
def other_dtype_is_cast(p):
    """A real gradient argument of another floating dtype is accepted, and the accumulated .grad has the leaf's
    dtype.
    """
    other = "float32" if p.dtype == "float64" else "float64"
    for values, weights in zip(_VALUES, _WEIGHTS, strict=True):
        x = p.leaf(values)
        (x * x).backward(p.constant(weights, dtype=other))
        p.expect(x.grad.dtype, p.dtype)
        p.expect(x.grad, 2 * np.array(values) * np.array(weights))


@behaviour(
    "backward-arg.complex-for-real-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_BACKWARD}: of matching type",
    needs=["complex"],
)
def complex_for_real_raises(p):
    """A complex gradient argument for a real root raises RuntimeError."""
    matching = "complex128" if p.dtype == "float64" else "complex64"
    for values, weights in zip(_VALUES, _WEIGHTS, strict=True):
        x = p.leaf(values)
        with p.raises("RuntimeError", "dtype"):
            (x * 2).backward(p.constant(weights, dtype=matching))
        p.expect(x.grad, None)


@behaviour(
    "backward-arg.none-for-scalar-in-list",
    level=MUST,
    profile=IMPERATIVE,
    source=_SEVERAL,
    kills=["first-root-only", "non-scalar-seeds-ones"],
)
def none_for_scalar_in_list(p):
    """In a sequence of grad_tensors None stands for 1 at scalar roots; for a non-scalar root None raises
    RuntimeError.
    """
    for weights in ([1.0, 1.0], [0.5, -2.0], [[3.0, 0.25]]):
        x, v = p.leaf(np.ones(np.shape(weights))), p.constant(weights)
        p.backward([x.sum(), x * 2], [None, v])
        p.expect(x.grad, 1 + 2 * np.array(weights))
        p.backward([x * 2, x.sum()], [v, None])
        p.expect(x.grad, 2 + 4 * np.array(weights))
        for roots, gradients in (([x * 2], [None]), ([x.sum(), x * 2], [None, None])):
            with p.raises("RuntimeError", "scalar outputs"):
                p.backward(roots, gradients)
        p.expect(x.grad, 2 + 4 * np.array(weights))


@behaviour(
    "backward-arg.none-for-root-without-grad",
    level=MUST,
    profile=IMPERATIVE,
    source=_SEVERAL,
    discrepancy="The documentation of backward and of grad says that None may stand for tensors that do not require "
    "grad; PyTorch refuses such a root: element 1 of tensors does not require grad.",
    kills=["backward-on-constant-silent"],
)
def none_for_root_without_grad(p):
    """A root that does not require grad raises RuntimeError in backward and in grad, even with None as its entry in
    grad_tensors or grad_outputs.
    """
    for values in _VALUES:
        x, c, v = p.leaf(values), p.constant([2.0]), p.constant(np.ones(np.shape(values)))
        with p.raises("RuntimeError", "does not require grad"):
            p.backward([x * 2, c], [v, None])
        with p.raises("RuntimeError", "does not require grad"):
            p.grad([x * 2, c], x, [v, None])
        p.expect(x.grad, None)


@behaviour(
    "backward-arg.too-few-grad-tensors-raise",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_SEVERAL}: of matching length",
    kills=["cotangent-count-unchecked"],
)
def too_few_grad_tensors_raise(p):
    """Fewer grad_tensors (or grad_outputs) than roots raise RuntimeError."""
    for values in _VALUES:
        x, v = p.leaf(values), p.constant(np.ones(np.shape(values)))
        for given in ([v], [v, v]):
            with p.raises("RuntimeError", f"3 tensors and {len(given)} gradients"):
                p.backward([x * 2, x * 3, x * 4], given)
            with p.raises("RuntimeError", f"3 tensors and {len(given)} gradients"):
                p.grad([x * 2, x * 3, x * 4], x, given)
        p.expect(x.grad, None)


@behaviour(
    "backward-arg.surplus-grad-tensors-ignored",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_SEVERAL}: of matching length",
    discrepancy="The documentation requires a sequence of matching length; PyTorch notices one that is too short but "
    "not one that is too long.",
)
def surplus_grad_tensors_ignored(p):
    """Entries of grad_tensors (or grad_outputs) beyond the number of roots are ignored without an error."""
    for values, weights in zip(_VALUES, _WEIGHTS, strict=True):
        x, v, surplus = p.leaf(values), p.constant(weights), p.constant([5.0, 5.0, 5.0])
        p.backward([x * 2], [v, surplus])
        p.expect(x.grad, 2 * np.array(weights))
        p.expect(p.grad([x * 2], x, [v, surplus])[0], 2 * np.array(weights))


@behaviour(
    "backward-arg.single-tensor-accepted",
    level=MUST,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.autograd.backward, tensors and grad_tensors",
    kills=["bare-tensor-refused"],
)
def single_tensor_accepted(torch):
    """torch.autograd.backward accepts a bare tensor for tensors and for grad_tensors in place of sequences."""
    for values, weights in zip(_VALUES, _WEIGHTS, strict=True):
        x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
        v = torch.tensor(weights, dtype=torch.float64)
        torch.autograd.backward(x * 2, v)
        torch.autograd.backward(x * 2, [v])
        torch.autograd.backward([x * 2], v)
        torch.autograd.backward((x * x).sum())
        expected = 6 * v + 2 * x.detach()
        assert bool((x.grad == expected).all()), f"expected {expected}, got {x.grad}"
