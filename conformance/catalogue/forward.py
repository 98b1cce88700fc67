"""Forward mode: tangents that travel with values, what they add up to, and how they agree with reverse mode."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal, raises

_PAGE = "PyTorch documentation, torch.autograd.forward_ad"
_TUTORIAL = "PyTorch tutorials, forward-mode automatic differentiation"
_JVP = "PyTorch documentation, torch.func.jvp"
_DUALS = ("forward-mode",)


def _tensor(torch, values, **kw):
    return torch.tensor(values, dtype=torch.float64, **kw)


@behaviour(
    "forward.basic-jvp",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}.make_dual; {_TUTORIAL}",
    kills=["tangents-keep-first-term"],
)
def basic_jvp(p):
    """Inside dual_level, running a function on make_dual(x, v) and unpacking the result gives f(x) as primal and the
    Jacobian-vector product as tangent.
    """
    for values, tangent in (
        ([3.0, 4.0], [1.0, 10.0]),
        (2.0, -0.5),
        ([[0.5, -1.0], [0.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]]),
    ):
        x, v = np.array(values), np.array(tangent)
        for function, value, derivative in (
            (lambda x: x**2, x**2, 2 * x),
            (lambda x: x * x * x - 3 * x, x**3 - 3 * x, 3 * x**2 - 3),
        ):
            y, t = p.jvp(function, (p.constant(values),), (p.constant(tangent),))
            p.expect(y, value)
            p.expect(t, derivative * v)


@also("forward.basic-jvp", needs=_DUALS)
def unpacked_dual(torch):
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        y, t = forward.unpack_dual(forward.make_dual(_tensor(torch, [3.0, 4.0]), _tensor(torch, [1.0, 10.0])) ** 2)
        assert_equal(y, [9.0, 16.0], "the primal")
        assert_equal(t, [6.0, 80.0], "the tangent")


@behaviour(
    "forward.plain-tensor-has-no-tangent",
    level=MUST,
    profile=FUNCTIONAL,
    source=_TUTORIAL,
    kills=["plain-tangent-is-zeros"],
)
def plain_tensor_has_no_tangent(torch):
    """Unpacking a tensor without tangent gives tangent None, while in computation it counts as having a zero
    tangent.
    """
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        plain = _tensor(torch, [5.0])
        assert forward.unpack_dual(plain).tangent is None, "a plain tensor has a tangent"
        dual = forward.make_dual(_tensor(torch, [3.0]), _tensor(torch, [1.0]))
        assert_equal(forward.unpack_dual(dual * plain + plain**2).tangent, [5.0], "the tangent")
        assert forward.unpack_dual(plain).tangent is None, "a plain tensor got a tangent from a computation"


@also("forward.plain-tensor-has-no-tangent")
def constants_push_nothing(p):
    for values, constant, tangent in (([3.0], [5.0], [1.0]), ([1.0, -2.0], [4.0, 0.5], [2.0, 8.0])):
        c = p.constant(constant)
        _, t = p.jvp(lambda x, c=c: x * c + c * c, (p.constant(values),), (p.constant(tangent),))
        p.expect(t, np.array(tangent) * np.array(constant))


@behaviour(
    "forward.matches-reverse",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"PyTorch documentation, gradcheck notes; {_JVP}",
    kills=["tangents-keep-first-term"],
)
def matches_reverse(p):
    """Forward and reverse mode agree: u dot (J v) equals (J^T u) dot v."""

    def function(x):
        return p.op("stack", [x[0] * x[1], x[1] * x[1] * x[1], x.sum() * x[0]])

    for (a, b), v, u in (((0.5, 2.0), (1.0, -2.0), (0.5, 1.0, 2.0)), ((-3.0, 1.0), (4.0, 0.5), (1.0, -1.0, 0.25))):
        x = p.constant([a, b])
        _, pushed = p.jvp(function, (x,), (p.constant(v),))
        jacobian = np.array([[b, a], [0.0, 3 * b**2], [2 * a + b, a]])
        p.expect(pushed, jacobian @ np.array(v))
        leaf = p.leaf([a, b])
        (pulled,) = p.grad(function(leaf), leaf, p.constant(u))
        p.expect(pulled, jacobian.T @ np.array(u))
        p.expect_equal((p.constant(u) * pushed).sum(), (pulled * p.constant(v)).sum())


@behaviour("forward.multiple-duals", level=MUST, profile=FUNCTIONAL, source=_JVP, kills=["tangents-keep-first-term"])
def multiple_duals(p):
    """With several dual inputs the tangent is the sum of the partial products."""
    for a, b, da, db in ((2.0, 5.0, 1.0, 10.0), ([1.0, -3.0], [0.5, 4.0], [2.0, 1.0], [-1.0, 8.0])):
        points, tangents = (p.constant(a), p.constant(b)), (p.constant(da), p.constant(db))
        y, t = p.jvp(lambda x, y: x * y, points, tangents)
        p.expect(y, np.array(a) * np.array(b))
        p.expect(t, np.array(da) * np.array(b) + np.array(a) * np.array(db))
        _, t = p.jvp(lambda x, y: x * x - 3 * y, points, tangents)
        p.expect(t, 2 * np.array(a) * np.array(da) - 3 * np.array(db))


@behaviour(
    "forward.backward-differentiable",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}.make_dual and unpack_dual",
    kills=["tangents-detached"],
)
def backward_differentiable(p):
    """make_dual and unpack_dual are differentiable in reverse mode: backward through a tangent gives second-order
    information.
    """
    for values, tangent in (([3.0], [2.0]), ([0.5, -1.0], [4.0, 8.0])):
        x, v = p.leaf(values), p.leaf(tangent)
        _, t = p.jvp(lambda x: x * x * x, (x,), (v,))
        gx, gv = p.grad(t.sum(), (x, v))
        p.expect(gx, 6 * np.array(values) * np.array(tangent))
        p.expect(gv, 3 * np.array(values) ** 2)


@also("forward.backward-differentiable", needs=_DUALS)
def backward_through_an_unpacked_tangent(torch):
    forward = torch.autograd.forward_ad
    x, v = _tensor(torch, [3.0], requires_grad=True), _tensor(torch, [2.0], requires_grad=True)
    with forward.dual_level():
        tangent = forward.unpack_dual(forward.make_dual(x, v) ** 3).tangent
        gx, gv = torch.autograd.grad(tangent.sum(), (x, v))
    assert_equal(gx, [36.0], "the gradient of the tangent in x")
    assert_equal(gv, [27.0], "the gradient of the tangent in v")


@behaviour(
    "forward.does-not-need-requires-grad",
    level=MUST,
    profile=FUNCTIONAL,
    source=_PAGE,
    kills=["forward-needs-requires-grad"],
)
def does_not_need_requires_grad(torch):
    """Forward mode needs no requires_grad: tangents propagate through plain tensors and the result does not require
    grad.
    """
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(_tensor(torch, [2.0, -1.0]), _tensor(torch, [1.0, 3.0]))
        assert not dual.requires_grad, "a dual tensor requires grad"
        y = dual * dual
        assert not y.requires_grad, "the result requires grad"
        assert_equal(forward.unpack_dual(y).tangent, [4.0, -6.0], "the tangent")


@also("forward.does-not-need-requires-grad")
def constants_carry_tangents(p):
    for values, tangent in (([2.0, -1.0], [1.0, 3.0]), (0.5, 4.0)):
        _, t = p.jvp(lambda x: x * x, (p.constant(values),), (p.constant(tangent),))
        p.expect(t, 2 * np.array(values) * np.array(tangent))


@behaviour(
    "forward.in-place-updates-tangent",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_PAGE}, propagation through operations",
)
def in_place_updates_tangent(p):
    """In-place operations update the tangent of the dual tensor, also when they act on a view of it."""

    def changed(x):
        y = x * 1
        y.mul_(5)
        y[0].mul_(2)
        return y

    for values, tangent in (([2.0, 3.0], [1.0, 1.0]), ([-1.0, 0.5], [4.0, -2.0])):
        y, t = p.jvp(changed, (p.constant(values),), (p.constant(tangent),))
        p.expect(y, np.array(values) * [10.0, 5.0])
        p.expect(t, np.array(tangent) * [10.0, 5.0])


@behaviour(
    "forward.functional-call",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_TUTORIAL}, functional Module API",
    needs=["forward-mode", "nn"],
)
def functional_call(torch):
    """Calling a module with dual parameters by functional_call gives the Jacobian-vector product in the parameters."""
    forward = torch.autograd.forward_ad
    module = torch.nn.Linear(2, 1, bias=False).double()
    x = _tensor(torch, [[1.0, 2.0]])
    with forward.dual_level():
        dual = forward.make_dual(module.weight, _tensor(torch, [[10.0, 100.0]]))
        y = torch.func.functional_call(module, {"weight": dual}, (x,))
        assert_equal(forward.unpack_dual(y).tangent, [[210.0]], "the tangent of the output")


@behaviour(
    "forward.shape-mismatch-raises",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_TUTORIAL}: a tangent of the same size",
    needs=_DUALS,
)
def shape_mismatch_raises(torch):
    """A tangent of another shape than the primal raises RuntimeError."""
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        for primal, tangent in (([1.0, 2.0], [1.0]), ([1.0], [1.0, 2.0]), ([[1.0, 2.0]], [1.0, 2.0]), (1.0, [1.0])):
            with raises(RuntimeError):
                forward.make_dual(_tensor(torch, primal), _tensor(torch, tangent))


@also("forward.shape-mismatch-raises")
def tangent_of_another_shape(p):
    for primal, tangent in (([1.0, 2.0], [1.0]), ([[1.0, 2.0]], [1.0, 2.0])):
        x, t = p.constant(primal), p.constant(tangent)
        with p.raises("RuntimeError"):
            p.jvp(lambda x: x * 2, (x,), (t,))


@behaviour(
    "forward.integer-primal-raises",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.autograd, supported dtypes",
    discrepancy="The example in the dual_level docstring makes a dual of torch.tensor([1]), which raises ValueError.",
    needs=_DUALS,
)
def integer_primal_raises(torch):
    """make_dual of an integer tensor raises ValueError."""
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        for values in ([1], 2, [[1, 2]], [True]):
            with raises(ValueError, "floating point"):
                forward.make_dual(torch.tensor(values), torch.tensor(values))
