"""What requires_grad decides: who gets a gradient, what freezing stops, and which tensors may ask for one."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour

_DIFFERENTIABLE = ("float64", "float32", "float16", "bfloat16", "complex64", "complex128")


@behaviour(
    "requires-grad.non-leaf-set-false-raises",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd notes, setting requires_grad: only leaves have it set; leaf tutorial",
    discrepancy="The summary table of the leaf tutorial calls requires_grad_() on a non-leaf a no-op; that holds for "
    "True only, False raises.",
    kills=["set-requires-grad-ignored"],
)
def non_leaf_set_false_raises(p):
    """Setting requires_grad to False on a non-leaf raises RuntimeError, by attribute and by requires_grad_(False)."""
    x = p.leaf([1.0, -2.0])
    for y in (x * 3, x.sum(), x[0]):
        with p.raises("RuntimeError", "leaf variables"):
            y.requires_grad = False
        with p.raises("RuntimeError", "leaf variables"):
            y.requires_grad_(False)
        p.expect(y.requires_grad, True)
        x.grad = None
        (y * 2).sum().backward()
    p.expect(x.grad, [2.0, 0.0])


@behaviour(
    "requires-grad.non-leaf-set-true-no-op",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Leaf tutorial, summary table",
    kills=["set-true-cuts-history"],
)
def non_leaf_set_true_no_op(torch):
    """requires_grad_(True) on a non-leaf changes nothing: it keeps its grad_fn and stays a non-leaf."""
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    y = x * 3
    function = y.grad_fn
    assert y.requires_grad_(True) is y, "requires_grad_(True) returned another tensor"
    assert y.requires_grad_() is y, "requires_grad_() returned another tensor"
    assert y.grad_fn is function, f"grad_fn became {y.grad_fn}"
    assert not y.is_leaf, "a non-leaf became a leaf"
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 3.0], f"the leaf got {x.grad}"


@behaviour(
    "requires-grad.false-leaf-gets-no-grad",
    level=MUST,
    profile=FUNCTIONAL,
    source="Autograd notes, setting requires_grad; leaf tutorial",
    kills=["frozen-gets-grad"],
)
def false_leaf_gets_no_grad(p):
    """A backward fills .grad only for leaves with requires_grad True; other leaves of the same expression keep None."""
    c, d, w = p.constant([2.0, -1.0]), p.constant(5.0), p.leaf([3.0, 4.0])
    (w * c * d).sum().backward()
    p.expect(w.grad, [10.0, -5.0])
    p.expect(c.grad, None)
    p.expect(d.grad, None)


@also("requires-grad.false-leaf-gets-no-grad")
def subsets_of_operands(p):
    """With each subset of three factors asked for, those asked for get the products of the others."""
    a, b, c = p.leaf([2.0, -1.0]), p.leaf([3.0, 0.5]), p.leaf(4.0)
    partials = {a: [12.0, 2.0], b: [8.0, -4.0], c: 5.5}
    for subset in ((a,), (b,), (c,), (a, b), (b, c), (c, a), (a, b, c)):
        for handle, g in zip(subset, p.grad((a * b * c).sum(), subset), strict=True):
            p.expect(g, partials[handle])


@behaviour(
    "requires-grad.frozen-leaf-excluded",
    level=MUST,
    profile=FUNCTIONAL,
    source="Autograd notes, setting requires_grad: freezing parts of a network; learner examples",
    kills=["frozen-gets-grad", "set-requires-grad-ignored"],
)
def frozen_leaf_excluded(p):
    """After requires_grad_(False) on one of two weights, backward leaves its .grad None while the other one still gets
    its full gradient.
    """
    a, b = p.leaf([2.0, -1.0]), p.leaf([3.0, 4.0])
    a.requires_grad_(False)
    (a * b * b).sum().backward()
    p.expect(a.grad, None)
    p.expect(b.grad, [12.0, -8.0])
    a.requires_grad_(True)
    (a * b * b).sum().backward()
    p.expect(a.grad, [9.0, 16.0])
    p.expect(b.grad, [24.0, -16.0])


@also("requires-grad.frozen-leaf-excluded")
def frozen_factor_is_constant(p):
    """With one weight frozen, the derivative with respect to the other is the same as if both were free."""
    a, b = p.leaf([2.0, -1.0]), p.leaf([3.0, 4.0])
    frozen = a.detach()
    (alone,) = p.grad((frozen * b * b).sum(), b)
    _, both = p.grad((a * b * b).sum(), (a, b))
    p.expect(alone, [12.0, -8.0])
    p.expect(both, [12.0, -8.0])


@behaviour(
    "requires-grad.all-frozen-backward-raises",
    level=MUST,
    profile=IMPERATIVE,
    source="Learner example on setting requires_grad to False; autograd.backward, docstring",
    kills=["backward-on-constant-silent", "set-requires-grad-ignored"],
)
def all_frozen_backward_raises(p):
    """When every leaf of the expression was frozen before the operation, the result does not require grad and backward
    raises RuntimeError.
    """
    x, w = p.leaf([1.0, -2.0]), p.leaf([3.0, 4.0])
    p.expect((x * x * w).requires_grad, True)
    x.requires_grad = False
    w.requires_grad_(False)
    y = (x * x * w).sum()
    p.expect(y.requires_grad, False)
    with p.raises("RuntimeError", "does not require grad"):
        y.backward()
    p.expect(x.grad, None)
    p.expect(w.grad, None)


@behaviour(
    "requires-grad.gradient-passes-through-frozen-op",
    level=MUST,
    profile=FUNCTIONAL,
    source="Autograd notes, setting requires_grad",
    kills=["requires-grad-not-propagated"],
)
def gradient_passes_through_frozen_op(p):
    """Freezing a weight does not block the gradient to other inputs of the same operation: earlier layers are still
    reached through a frozen layer.
    """
    first, frozen, last = p.leaf([[2.0], [-1.0]]), p.leaf([[3.0, 5.0]]), p.leaf([[0.5]])
    frozen.requires_grad = False
    (last @ (frozen @ (first * first))).sum().backward()
    p.expect(first.grad, [[6.0], [-5.0]])
    p.expect(frozen.grad, None)
    p.expect(last.grad, [[17.0]])


@also("requires-grad.gradient-passes-through-frozen-op")
def pull_back_through_constant_layers(p):
    """The pull-back goes on to the first layer through constants on either side."""
    x, a, b = p.leaf([2.0, -1.0]), p.constant([[1.0, 2.0], [3.0, 4.0]]), p.constant([5.0, 6.0])
    for y, gradient in ((a @ (x * x), [16.0, -12.0]), ((x * x) @ a, [12.0, -14.0]), (b * (b * x), [25.0, 36.0])):
        (g,) = p.grad(y.sum(), x)
        p.expect(g, gradient)


@behaviour(
    "requires-grad.floating-and-complex-supported",
    level=MUST,
    profile=FUNCTIONAL,
    source="torch.autograd, module docstring",
    kills=["set-requires-grad-ignored"],
    dtypes=_DIFFERENTIABLE,
)
def floating_and_complex_supported(p):
    """Tensors of float16, bfloat16, float32, float64, complex64 and complex128 can require grad."""
    x = p.leaf([1.5, -2.0])
    y = p.constant([0.5, 3.0])
    p.expect(y.requires_grad_().requires_grad, True)
    p.expect(x.requires_grad, True)
    (x * 3 + y).backward(p.constant([1.0, -2.0]))
    p.expect(x.grad, [3.0, -6.0])
    p.expect(y.grad, [1.0, -2.0])


@also("requires-grad.floating-and-complex-supported", dtypes=_DIFFERENTIABLE)
def every_dtype_pulls_back(p):
    """The pull-back of a scaled tensor scales the cotangent, in each dtype."""
    x = p.leaf([[1.5, -2.0]])
    (g,) = p.grad(x * 3 - x, x, p.constant([[1.0, -0.5]]))
    p.expect(g, [[2.0, -1.0]])


@behaviour(
    "requires-grad.does-not-imply-grad-populated",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.requires_grad, docstring, note",
    kills=["non-leaf-grad-kept"],
)
def does_not_imply_grad_populated(p):
    """requires_grad True does not imply that .grad will be filled: a non-leaf requires grad, yet its .grad stays None
    after backward.
    """
    x = p.leaf([1.0, -2.0])
    y = x * x
    z = (y * 3).sum()
    z.backward()
    for non_leaf in (y, z):
        p.expect(non_leaf.requires_grad, True)
        p.expect(non_leaf.grad, None)
    p.expect(x.grad, [6.0, -12.0])


@behaviour(
    "requires-grad.integer-outputs-not-tracked",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="Extending PyTorch, how to use: integral types never require grad",
    kills=["discrete-results-tracked"],
)
def integer_outputs_not_tracked(p):
    """Integer and boolean results of operations on tensors that require grad, such as argmax or a comparison, do not
    require grad.
    """
    x = p.leaf([1.0, 3.0, -2.0])
    values, indices = x.sort()
    p.expect(values.requires_grad, True)
    for y in (indices, x.argmax(), x > 1, x <= 1, x.eq(x), x.ne(3.0)):
        p.expect(y.requires_grad, False)
        p.expect(y.grad_fn, None)


@also("requires-grad.integer-outputs-not-tracked")
def selections_are_constants(p):
    """A position or a comparison takes part in an expression as a constant."""
    x = p.leaf([1.0, 3.0, -2.0])
    (g,) = p.grad((x.argmax() * x).sum(), x)
    (h,) = p.grad(p.op("where", x > 0, x * x, 5 * x).sum(), x)
    p.expect(g, [1.0, 1.0, 1.0])
    p.expect(h, [2.0, 6.0, 5.0])
