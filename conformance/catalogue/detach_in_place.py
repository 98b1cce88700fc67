"""detach_, and what detaching does to tangents, to shared memory and to in-place changes."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import raises


@behaviour(
    "detach.drops-forward-tangent",
    level=MUST,
    profile=FUNCTIONAL,
    source="Tensor.detach, docstring: affects forward mode too, the result has no tangent",
    kills=["detach-keeps-tangent"],
)
def drops_forward_tangent(p):
    """detach() also removes a forward-mode tangent: unpacking the detached dual tensor gives tangent None."""
    for value, tangent, pushed in ((3.0, 2.0, 6.0), ([1.0, -2.0], [5.0, 0.5], [5.0, -1.0])):
        y, t = p.jvp(lambda x: x * x.detach(), (p.constant(value),), (p.constant(tangent),))
        p.expect(y, [v * v for v in value] if isinstance(value, list) else value * value)
        p.expect(t, pushed)


@also("detach.drops-forward-tangent", needs=["forward-mode"])
def detached_dual_has_no_tangent(torch):
    """Unpacked, a detached dual tensor has its primal and no tangent; the dual tensor keeps its own."""
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
        primal, tangent = forward.unpack_dual(dual.detach())
        assert tangent is None, f"the detached dual tensor has tangent {tangent}"
        assert primal.tolist() == [1.0, 2.0], f"detach() changed the primal to {primal.tolist()}"
        assert forward.unpack_dual(dual).tangent.tolist() == [3.0, 4.0], "detach() changed its original's tangent"


@behaviour(
    "detach.in-place-makes-leaf",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.detach_, docstring: detaches from the graph that created it, making it a leaf",
    kills=["detach-in-place-ignored"],
)
def in_place_makes_leaf(p):
    """detach_() turns the tensor itself into a leaf without grad_fn that does not require grad, and returns the same
    object.
    """
    x = p.leaf([2.0, -1.0])
    y = x * x
    p.expect_same(y, y.detach_())
    p.expect(y.is_leaf, True)
    p.expect(y.grad_fn, None)
    p.expect(y.requires_grad, False)
    p.expect(y, [4.0, 1.0])
    p.expect(x.requires_grad, True)
    (y * x).sum().backward()
    p.expect(x.grad, [4.0, 1.0])


@also("detach.in-place-makes-leaf")
def earlier_results_keep_their_history(p):
    """What was computed from the tensor before detach_() is still differentiated through it."""
    x = p.leaf([2.0, -1.0])
    y = x * 3
    before = (y * 4).sum()
    y.detach_()
    before.backward()
    p.expect(x.grad, [12.0, 12.0])


@also("detach.in-place-makes-leaf")
def leaf_stops_requiring_grad(p):
    """detach_() on a leaf makes it a constant."""
    x, w = p.leaf([2.0, -1.0]), p.leaf([3.0, 5.0])
    p.expect_same(x, x.detach_())
    p.expect(x.requires_grad, False)
    (x * w).sum().backward()
    p.expect(x.grad, None)
    p.expect(w.grad, [2.0, -1.0])


@behaviour(
    "detach.in-place-on-view-raises",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.detach_, docstring: views cannot be detached in place",
    kills=["detach-in-place-ignored"],
)
def in_place_on_view_raises(p):
    """Calling detach_() on a view raises RuntimeError."""
    x = p.leaf([[1.0, 2.0], [3.0, 4.0]])
    y = x * 2
    for view in (y[0], y.t(), y[:, 1], x[1]):
        with p.raises("RuntimeError", "view"):
            view.detach_()
        p.expect(view.requires_grad, True)
    y.sum().backward()
    p.expect(x.grad, [[2.0, 2.0], [2.0, 2.0]])


@behaviour(
    "detach.in-place-drops-forward-tangent",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.detach_, docstring: affects forward mode too",
    kills=["detach-keeps-tangent"],
)
def in_place_drops_forward_tangent(p):
    """A tensor on which detach_() was called has no forward-mode tangent any more."""

    def function(x):
        y = x * x
        y.detach_()
        return y * x

    y, t = p.jvp(function, (p.constant([2.0, -1.0]),), (p.constant([1.0, 3.0]),))
    p.expect(y, [8.0, -1.0])
    p.expect(t, [4.0, 3.0])


@also("detach.in-place-drops-forward-tangent", needs=["forward-mode"])
def dual_detached_in_place_has_no_tangent(torch):
    """Unpacked after detach_(), a dual tensor has no tangent."""
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        y = forward.make_dual(torch.tensor([2.0]), torch.tensor([1.0])) * 2
        assert forward.unpack_dual(y).tangent is not None, "a product of a dual tensor has no tangent"
        y.detach_()
        assert forward.unpack_dual(y).tangent is None, "the tangent survived detach_()"


@behaviour(
    "detach.detach-copy-does-not-alias",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="torch.detach_copy, docstring: as detach, into a fresh tensor",
    kills=["detach-leaks"],
)
def detach_copy_does_not_alias(torch):
    """torch.detach_copy gives the detached value in fresh memory, so that changing it does not change the original."""
    y = torch.tensor([1.0, -2.0], requires_grad=True) * 2
    d = torch.detach_copy(y)
    assert d.tolist() == [2.0, -4.0], f"detach_copy gave {d.tolist()}"
    with torch.no_grad():
        d.add_(5)
    assert y.tolist() == [2.0, -4.0], f"changing the copy changed the original to {y.tolist()}"


@also("detach.detach-copy-does-not-alias")
def detach_copy_is_detached(torch):
    """The copy, like the result of detach(), does not require grad and has no grad_fn."""
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    for original in (x, x * 2):
        d = torch.detach_copy(original)
        assert not d.requires_grad, "detach_copy gave a tensor that requires grad"
        assert d.grad_fn is None, f"detach_copy gave a tensor with grad_fn {d.grad_fn}"


@also("detach.detach-copy-does-not-alias")
def changed_copy_of_a_detached_value(p):
    """A detached value that goes on changed is a constant, and the original keeps value and derivative."""
    x = p.leaf([1.0, -2.0])
    y = x * 2
    d = y.detach().clone() + 5
    p.expect(y, [2.0, -4.0])
    (g,) = p.grad((d * y).sum(), x)
    p.expect(g, [14.0, 2.0])


@behaviour(
    "detach.data-attribute-shares-but-untracked",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Autograd page, Variable (deprecated): .data; that the version check misses it is observed",
    kills=["detach-copies"],
)
def data_attribute_shares_but_untracked(torch):
    """x.data is a tensor without grad requirement over the same storage, and changes made through it are not seen by
    the in-place correctness check.
    """
    x = torch.tensor([2.0, -1.0], requires_grad=True)
    y = (x * x).sum()
    assert not x.data.requires_grad, "x.data requires grad"
    assert x.data.data_ptr() == x.data_ptr(), "x.data is a copy"
    x.data.fill_(5.0)
    assert x.tolist() == [5.0, 5.0], f"a change through x.data is not seen in x, which is {x.tolist()}"
    y.backward()
    assert x.grad.tolist() == [10.0, 10.0], f"backward after a change through x.data gave {x.grad.tolist()}"


@behaviour(
    "detach.numpy-on-requires-grad-raises",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.numpy, docstring: force=False needs a tensor that does not require grad",
    kills=["numpy-ignores-requires-grad"],
)
def numpy_on_requires_grad_raises(torch):
    """numpy() on a tensor that requires grad raises RuntimeError; numpy(force=True) and detach().numpy() work."""
    x = torch.tensor([1.0, -2.5], requires_grad=True)
    for tensor in (x, x * 2):
        with raises(RuntimeError, "requires grad"):
            tensor.numpy()
        assert tensor.numpy(force=True).tolist() == tensor.tolist(), "numpy(force=True) gave other values"
        assert tensor.detach().numpy().tolist() == tensor.tolist(), "detach().numpy() gave other values"
    assert x.requires_grad, "reading the values cleared requires_grad"
