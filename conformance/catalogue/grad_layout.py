"""The strides of .grad, and whether accumulation keeps the tensor that is there."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal

_DEFAULT = "autograd page, default gradient layouts"


def _dtypes(torch):
    return torch.float64, torch.float32


@behaviour(
    "grad-layout.matches-dense-param-strides",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_DEFAULT}, rule 1",
    kills=["grad-always-contiguous"],
)
def matches_dense_param_strides(torch):
    """A gradient first stored for a non-overlapping dense leaf has the leaf's strides, also if the leaf is a permuted
    tensor.
    """
    for dtype in _dtypes(torch):
        for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)):
            x = torch.zeros(2, 3, 4, dtype=dtype).permute(*order).requires_grad_()
            weights = torch.arange(24, dtype=dtype).reshape(x.shape)
            (x * weights).sum().backward()
            assert x.grad.stride() == x.stride()
            assert_equal(x.grad, weights)


@behaviour(
    "grad-layout.non-dense-param-gets-contiguous",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_DEFAULT}, rule 2",
    kills=["grad-layout-ignored"],
)
def non_dense_param_gets_contiguous(torch):
    """For a leaf that is not non-overlapping and dense the first stored gradient is row-major contiguous."""
    for dtype in _dtypes(torch):
        for x in (torch.zeros(4, 6, dtype=dtype)[:, ::2], torch.zeros(6, 4, dtype=dtype).t()[1:3]):
            x.requires_grad_()
            (x.t() * 2).sum().backward()
            assert not x.is_contiguous()
            assert x.grad.is_contiguous()
            assert_equal(x.grad, torch.full(tuple(x.shape), 2.0))


@behaviour(
    "grad-layout.accumulates-in-place",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_DEFAULT}, rule 3",
    kills=["accumulation-replaces-grad"],
)
def accumulates_in_place(p):
    """Without create_graph an existing .grad is accumulated into in place: the same tensor object with the same
    storage and strides.
    """
    for value, first, total in ((1.0, 2.0, 5.0), ([[1.0, 2.0], [3.0, 4.0]], [[2.0] * 2] * 2, [[5.0] * 2] * 2)):
        x = p.leaf(value)
        (x * 2).sum().backward()
        g = x.grad
        p.expect(g, first)
        (x * 3).sum().backward()
        p.expect_same(x.grad, g)
        p.expect(g, total)


@behaviour(
    "grad-layout.create-graph-replaces",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_DEFAULT}, rule 4",
    kills=["create-graph-accumulates-in-place"],
)
def create_graph_replaces(p):
    """With create_graph=True an existing .grad is replaced by a new tensor holding old plus new, and the old tensor
    object is not changed.
    """
    for value, first, total in ((1.0, 2.0, 4.0), ([1.0, -1.0], [2.0, 2.0], [4.0, 0.0])):
        x = p.leaf(value)
        (x * 2).sum().backward()
        g = x.grad
        (x**2).sum().backward(create_graph=True)
        p.expect_same(x.grad, g, value=False)
        p.expect(g, first)
        p.expect(x.grad, total)
        x.grad = None


@behaviour(
    "grad-layout.manual-strides-kept",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd page, manual gradient layouts",
    kills=["accumulation-replaces-grad"],
)
def manual_strides_kept(p):
    """A zeroed .grad with user-chosen strides keeps those strides over later backward calls without create_graph."""
    x = p.leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    x.grad = p.view("t", p.constant([[0.0, 0.0]] * 3))
    for total in (2.0, 4.0):
        (x * 2).sum().backward()
        p.expect(x.grad.stride, (1, 2))
        p.expect(x.grad, [[total] * 3] * 2)


@behaviour(
    "grad-layout.zero-grad-keeps-layout",
    level=MUST,
    profile=IMPERATIVE,
    source=_DEFAULT,
    kills=["zero-grad-replaces"],
)
def zero_grad_keeps_layout(p):
    """zero_grad(set_to_none=False) zeroes .grad in place without changing its strides or its identity."""
    x = p.leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    x.grad = p.view("t", p.constant([[1.0, 2.0]] * 3))
    g = x.grad
    p.zero_grad(x, set_to_none=False)
    p.expect_same(x.grad, g)
    p.expect(g.stride, (1, 2))
    p.expect(g, [[0.0] * 3] * 2)


@also("grad-layout.zero-grad-keeps-layout", needs=["nn"])
def modules_zero_in_place(torch):
    module = torch.nn.Linear(3, 2)
    module.weight.grad = torch.ones(3, 2).t()
    g = module.weight.grad
    module.zero_grad(set_to_none=False)
    assert module.weight.grad is g
    assert g.stride() == (1, 2)
    assert_equal(g, [[0.0] * 3] * 2)


@behaviour(
    "grad-layout.none-recreates",
    level=MUST,
    profile=IMPERATIVE,
    source=_DEFAULT,
    kills=["grad-layout-remembered"],
)
def none_recreates(p):
    """Resetting .grad to None makes the next backward create it anew by rules 1 and 2."""
    x = p.leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    x.grad = p.view("t", p.constant([[0.0, 0.0]] * 3))
    x.grad = None
    (x * 2).sum().backward()
    p.expect(x.grad.stride, (3, 1))
    p.expect(x.grad, [[2.0] * 3] * 2)


@behaviour(
    "grad-layout.policy-relaxed-may-keep-incoming-strides",
    level=SHOULD,
    profile=IMPERATIVE,
    source="autograd.grad_mode.enforce_grad_layout_policy, docstring",
    kills=["grad-always-contiguous"],
)
def policy_relaxed_may_keep_incoming_strides(torch):
    """Under enforce_grad_layout_policy(False) a gradient with other strides than the leaf may be stored as it came;
    its values are the same and the policy is back on afterwards.
    """
    for dtype in _dtypes(torch):
        x = torch.zeros(2, 3, 4, dtype=dtype).permute(2, 0, 1).requires_grad_()
        with torch.autograd.grad_mode.enforce_grad_layout_policy(False):
            (x * 2).sum().backward()
        assert_equal(x.grad, torch.full((4, 2, 3), 2.0))
        x.grad = None
        (x * 2).sum().backward()
        assert x.grad.stride() == x.stride()
        assert_equal(x.grad, torch.full((4, 2, 3), 2.0))


@behaviour(
    "grad-layout.stored-grad-does-not-alias-gradient-argument",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_DEFAULT,
    kills=["grad-aliases-cotangent"],
)
def stored_grad_does_not_alias_gradient_argument(p):
    """Accumulating later into .grad never changes the gradient tensor that the user passed to the first backward."""
    for value, cotangent, total in ((1.0, 3.0, 6.0), ([1.0, 2.0], [1.0, -2.0], [2.0, -4.0])):
        x, v = p.leaf(value), p.constant(cotangent)
        x.backward(v)
        x.backward(v)
        p.expect(v, cotangent)
        p.expect(x.grad, total)
