"""detach: the same value and memory, constant to differentiation."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour

_INF, _NAN = float("inf"), float("nan")


@behaviour(
    "detach.never-requires-grad",
    level=MUST,
    profile=FUNCTIONAL,
    source="Tensor.detach, docstring: the result will never require gradient",
    kills=["detach-leaks"],
)
def never_requires_grad(p):
    """The result of detach() never requires grad, whatever the original does."""
    x, c = p.leaf([1.0, -2.0]), p.constant([3.0, 4.0])
    for original, flag in ((x, True), (x * 2, True), (c, False), (x.detach(), False), (c * 2, False)):
        p.expect(original.requires_grad, flag)
        p.expect(original.detach().requires_grad, False)
    p.expect((x.detach() * c).requires_grad, False)


@also("detach.never-requires-grad")
def detached_factor_has_no_derivative(p):
    """Detaching a leaf, a result, a constant or a detached value gives a factor without a derivative of its own."""
    x, c = p.leaf([1.0, -2.0]), p.constant([3.0, 4.0])
    for original, gradient in ((x, [1.0, -2.0]), (x * x, [1.0, 4.0]), (c, [3.0, 4.0]), (x.detach(), [1.0, -2.0])):
        (g,) = p.grad((original.detach() * x).sum(), x)
        p.expect(g, gradient)


@behaviour(
    "detach.result-is-leaf-without-grad-fn",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.detach and Tensor.is_leaf, docstrings",
    kills=["detach-leaks"],
)
def result_is_leaf_without_grad_fn(p):
    """The result of detach() is a leaf and its grad_fn is None."""
    x = p.leaf([1.0, -2.0])
    for original in (x, x * 2, (x * 2).sum(), x[0], p.constant(1.0)):
        d = original.detach()
        p.expect(d.is_leaf, True)
        p.expect(d.grad_fn, None)


@behaviour(
    "detach.returns-new-tensor-object",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.detach, docstring: returns a new tensor",
    kills=["detach-returns-self"],
)
def returns_new_tensor_object(torch):
    """detach() returns a different tensor object and leaves the original's requires_grad and grad_fn unchanged."""
    x = torch.tensor([2.0, -1.0], requires_grad=True)
    y = x * 3
    function = y.grad_fn
    assert x.detach() is not x, "detach() of a leaf returned the leaf itself"
    assert y.detach() is not y, "detach() of a result returned the result itself"
    assert x.requires_grad, "detach() cleared requires_grad of the leaf"
    assert y.requires_grad, "detach() cleared requires_grad of its original"
    assert y.grad_fn is function, "detach() changed grad_fn of its original"


@also("detach.returns-new-tensor-object")
def original_still_differentiates(p):
    """Detaching changes nothing about the original: a backward through it goes on to the leaf."""
    x = p.leaf([2.0, -1.0])
    y = x * x
    for original, detached in ((x, x.detach()), (y, y.detach())):
        p.expect_same(original, detached, False)
        p.expect(original.requires_grad, True)
    y.backward(p.constant([1.0, 3.0]))
    p.expect(x.grad, [4.0, -6.0])


@behaviour(
    "detach.shares-storage",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.detach, docstring, note: the result shares storage with the original",
    kills=["detach-copies"],
)
def shares_storage(p):
    """A detached tensor shares storage with its original, so that an in-place change to either is visible in the
    other.
    """
    x = p.leaf([1.0, 2.0])
    for original in (x, x * 1):
        d = original.detach()
        p.expect_shared(d, original)
        d[0] = 9.0
        p.expect(original, [9.0, 2.0])
        with p.no_grad():
            original.mul_(2)
        p.expect(d, [18.0, 4.0])
        d.fill_(1.0)
        d[1] = 2.0


@behaviour(
    "detach.stops-gradient",
    level=MUST,
    profile=FUNCTIONAL,
    source="Tensor.detach, docstring: detached from the current graph; learner example w = y + y.detach()",
    kills=["detach-leaks"],
)
def stops_gradient(p):
    """A detached value is a constant to differentiation: with y = x**2 and w = y + y.detach(), dw/dx at 1 is 2 and
    not 4.
    """
    x = p.leaf([1.0])
    y = x**2
    (y + y.detach()).backward()
    p.expect(x.grad, [2.0])


@also("detach.stops-gradient")
def detached_value_is_constant(p):
    """In y·detach(y) only the first factor is differentiated: y'·y, at several points and in two leaves."""
    for point, other, gx, gw in ((1.0, 3.0, 9.0, 3.0), ([2.0, -0.5], [1.0, 4.0], [2.0, -8.0], [4.0, 1.0])):
        x, w = p.leaf(point), p.leaf(other)
        y = x * w
        g, h = p.grad((y * y.detach()).sum(), (x, w))
        p.expect(g, gx)
        p.expect(h, gw)


@behaviour(
    "detach.value-preserved",
    level=MUST,
    profile=FUNCTIONAL,
    source="Tensor.detach, docstring",
    kills=["detach-casts"],
)
def value_preserved(p):
    """detach() keeps the value, dtype, device and shape."""
    for value, shape in ((1.5, ()), ([], (0,)), ([_INF, -_INF, _NAN, 2.0**-40], (4,)), ([[1.0, 0.1, -3.0]], (1, 3))):
        x = p.leaf(value)
        for d in (x.detach(), (x * 1).detach(), p.constant(value).detach()):
            p.expect(d, value)
            p.expect(d.dtype, p.dtype)
            p.expect(d.shape, shape)


@also("detach.value-preserved")
def device_and_strides_preserved(torch):
    """The detached tensor lies on the device of its original, with its strides."""
    y = torch.ones(2, 3, requires_grad=True).t() * 3
    for original in (y, y.t(), y[1:]):
        d = original.detach()
        assert d.device == original.device, f"detach() moved {original.device} to {d.device}"
        assert d.dtype == original.dtype, f"detach() turned {original.dtype} into {d.dtype}"
        assert d.stride() == original.stride(), f"detach() changed strides {original.stride()} to {d.stride()}"


@behaviour(
    "detach.in-place-on-detached-trips-check",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.detach, docstring, note: in-place changes are seen and may trigger correctness errors",
    kills=["version-not-shared"],
)
def in_place_on_detached_trips_check(p):
    """Modifying the detached tensor in place when the original was saved for backward makes the backward raise
    RuntimeError.
    """
    x = p.leaf([1.0, 2.0])
    for _ in range(2):
        y = x * 1
        z = (y * y).sum()
        y.detach().add_(1)
        with p.raises("RuntimeError", "modified by an inplace operation"):
            z.backward()
        p.expect(x.grad, None)


@also("detach.in-place-on-detached-trips-check")
def harmless_change_through_detached(p):
    """Where the original was not saved, the backward goes on as if nothing had happened."""
    x = p.leaf([1.0, 2.0])
    y = x * 3
    z = (y + 5).sum()
    y.detach().add_(1)
    z.backward()
    p.expect(x.grad, [3.0, 3.0])


@behaviour(
    "detach.backward-through-only-detached-raises",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.backward, docstring: a root must require grad or have a history; learner example on detach",
    discrepancy="A learner's example shows z = y.detach() * 3; z.backward() as if it ran and left the grads None; "
    "torch raises RuntimeError.",
    kills=["backward-on-constant-silent", "detach-leaks"],
)
def backward_through_only_detached_raises(p):
    """When the only path from the root to a leaf goes through detach(), the root does not require grad and backward
    raises RuntimeError, leaving the leaf's .grad None.
    """
    x, w = p.leaf([2.0, -1.0]), p.leaf(3.0)
    for root in (((x * 2).detach() * 3).sum(), x.detach().sum() * w.detach(), (w * w).detach()):
        p.expect(root.requires_grad, False)
        with p.raises("RuntimeError", "does not require grad"):
            root.backward()
    p.expect(x.grad, None)
    p.expect(w.grad, None)


@behaviour(
    "detach.straight-through-trick",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="nn.functional.gumbel_softmax, docstring: y_hard - y_soft.detach() + y_soft",
    kills=["detach-leaks"],
)
def straight_through_trick(p):
    """The sum hard - soft.detach() + soft has the value of hard and the gradient of soft, and gumbel_softmax(hard=True)
    is differentiated that way.
    """
    x = p.leaf([0.25, 1.75, -2.5])
    soft = x * x
    hard = soft.round().detach()
    y = hard - soft.detach() + soft
    p.expect(y, [0.0, 3.0, 6.0])
    (g,) = p.grad(y, x, p.constant([1.0, 2.0, -4.0]))
    p.expect(g, [0.5, 7.0, 20.0])


@also("detach.straight-through-trick", needs=["nn"])
def gumbel_softmax_is_straight_through(torch):
    """With the same noise the hard sample has the gradient of the soft one, and is one-hot."""
    gradients = []
    for hard in (True, False):
        logits = torch.tensor([[0.25, 1.5, -1.0]], dtype=torch.float64, requires_grad=True)
        torch.manual_seed(0)
        sample = torch.nn.functional.gumbel_softmax(logits, hard=hard)
        if hard:
            rounded = sorted(sample.detach().round().tolist()[0])
            assert rounded == [0.0, 0.0, 1.0], f"a hard sample is one-hot, not {sample.tolist()}"
        (sample * torch.tensor([[1.0, 2.0, 5.0]], dtype=torch.float64)).sum().backward()
        gradients.append(logits.grad.tolist())
    assert gradients[0] == gradients[1], f"the hard gradient {gradients[0]} is not the soft one {gradients[1]}"
    assert any(gradients[0][0]), "the gradient of a hard sample is zero"
