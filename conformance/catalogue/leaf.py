"""What a leaf is, and that a backward fills the .grad of leaves only."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, also, behaviour

_VALUES = (
    2.0,
    [-3.0],
    [1.5, -2.0],
    [[0.5, -4.0], [3.0, 1.0]],
)  # squares and products of these are exact in every dtype
_IS_LEAF = "PyTorch documentation, torch.Tensor.is_leaf"


@behaviour(
    "leaf.not-requiring-grad-is-leaf",
    level=MUST,
    profile=IMPERATIVE,
    source=_IS_LEAF,
    kills=["is-leaf-means-created"],
)
def not_requiring_grad_is_leaf(p):
    """Every tensor with requires_grad False is a leaf, even if it is the result of an operation."""
    for values in _VALUES:
        x, tracked = p.constant(values), p.leaf(values)
        with p.no_grad():
            unrecorded = tracked * 2
        for result in (x, x + 1, x * x, x.exp(), x.sum(), unrecorded, (tracked * 2).detach()):
            p.expect(result.requires_grad, False)
            p.expect(result.is_leaf, True)


@behaviour(
    "leaf.user-created-is-leaf",
    level=MUST,
    profile=IMPERATIVE,
    source=_IS_LEAF,
    kills=["is-leaf-means-constant"],
)
def user_created_is_leaf(p):
    """A tensor that the user created with requires_grad=True is a leaf and its grad_fn is None."""
    for values in _VALUES:
        x = p.leaf(values)
        p.expect(x.requires_grad, True)
        p.expect(x.is_leaf, True)
        p.expect(x.grad_fn, None)


@also("leaf.user-created-is-leaf")
def by_every_constructor(torch):
    zeros, ones = torch.zeros(2, 3, requires_grad=True), torch.ones(4, requires_grad=True)
    for x in (torch.tensor([1.0, 2.0], requires_grad=True), zeros, ones, torch.ones(()).requires_grad_()):
        assert x.requires_grad, f"{x!r} must require grad"
        assert x.is_leaf, f"{x!r} must be a leaf"
        assert x.grad_fn is None, f"a leaf must have no grad_fn, got {x.grad_fn!r}"


@behaviour(
    "leaf.operation-result-is-not-leaf",
    level=MUST,
    profile=IMPERATIVE,
    source=_IS_LEAF,
    kills=["is-leaf-always-true"],
)
def operation_result_is_not_leaf(p):
    """The result of a recorded operation on a tensor that requires grad is not a leaf."""
    for values in _VALUES:
        x, c = p.leaf(values), p.constant(values)
        for result in (x + 2, c * x, x.exp(), x.sum(), -x, (x + 2) * 3):
            p.expect(result.requires_grad, True)
            p.expect(result.is_leaf, False)


@behaviour(
    "leaf.cast-result-is-not-leaf",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_IS_LEAF}, the example that moves a tensor",
    kills=["is-leaf-always-true"],
)
def cast_result_is_not_leaf(torch):
    """Converting a leaf that requires grad to another dtype or device is an operation, so that its result is not a
    leaf.
    """
    for values in _VALUES:
        x = torch.tensor(values, dtype=torch.float32, requires_grad=True)
        for cast in (x.double(), x.to(torch.float64), x.to(dtype=torch.float64)):
            assert cast.requires_grad, "the result of a conversion must require grad as its source does"
            assert not cast.is_leaf, "the result of a conversion must not be a leaf"
            assert x.is_leaf, "the source of a conversion must stay a leaf"
            x.grad = None
            (cast * 3).sum().backward()
            assert x.grad.dtype == torch.float32, f"the gradient must come back as float32, got {x.grad.dtype}"
            assert bool((x.grad == 3).all()), f"the conversion must pass the gradient on, got {x.grad}"


@behaviour(
    "leaf.same-dtype-to-returns-self",
    level=MUST,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.Tensor.to, note on tensors that already match",
    kills=["same-dtype-to-copies"],
)
def same_dtype_to_returns_self(torch):
    """to() with the dtype and device that the tensor already has returns the tensor itself, so that a leaf stays a
    leaf.
    """
    for values in _VALUES:
        for dtype in (torch.float32, torch.float64):
            x = torch.tensor(values, dtype=dtype, requires_grad=True)
            for same in (x.to(dtype), x.to(dtype=dtype), x.to("cpu"), x.to("cpu", dtype)):
                assert same is x, "to() without a change must return the very tensor"
            assert x.to(dtype).is_leaf, "a leaf must stay a leaf"


@behaviour(
    "leaf.requires-grad-on-computed-constant-is-leaf",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_IS_LEAF}, tensor e of its example",
    kills=["is-leaf-means-created", "is-leaf-means-constant"],
)
def requires_grad_on_computed_constant_is_leaf(p):
    """requires_grad_() on the untracked result of an operation makes it a leaf that requires grad."""
    for values in _VALUES:
        c = p.constant(values)
        e = (c * 2 + 1).requires_grad_()
        p.expect(e.is_leaf, True)
        p.expect(e.requires_grad, True)
        p.expect(e.grad_fn, None)
        (e * 3).sum().backward()
        p.expect(e.grad, np.full(np.shape(values), 3.0))


@behaviour(
    "leaf.only-leaves-get-grad",
    level=MUST,
    profile=FUNCTIONAL,
    source=_IS_LEAF,
    kills=["non-leaf-grad-kept"],
)
def only_leaves_get_grad(p):
    """backward fills .grad of leaves only; intermediate results keep .grad None."""
    for values in _VALUES:
        x = p.leaf(values)
        y = x * x
        z = y * 3
        loss = z.sum()
        loss.backward()
        p.expect(x.grad, 6 * np.array(values))
        for intermediate in (y, z, loss):
            p.expect(intermediate.grad, None)


@also("leaf.only-leaves-get-grad")
def through_intermediates_by_grad(p):
    for values in _VALUES:
        x, w = p.leaf(values), p.leaf(values)
        y = x * x
        dx, dw = p.grad((y * w * 3).sum(), (x, w))
        p.expect(dx, 6 * np.array(values) ** 2)
        p.expect(dw, 3 * np.array(values) ** 2)
