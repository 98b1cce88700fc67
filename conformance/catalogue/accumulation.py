"""How .grad adds up over backward calls, and what may be done to it in between."""

from __future__ import annotations

import numpy as np

from conformance.cases import IMPERATIVE, MUST, SHOULD, also, behaviour


@behaviour(
    "accumulation.grad-none-before-backward",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.grad, docstring: None by default",
    kills=["grad-starts-at-zero"],
)
def grad_none_before_backward(p):
    """The .grad of a leaf that requires grad is None until a backward call first computes a gradient for it."""
    for value, gradient in ((1.5, 3.0), ([], []), ([1.0, -2.0], [3.0, 3.0]), ([[0.0, 3.0]], [[3.0, 3.0]])):
        x = p.leaf(value)
        p.expect(x.grad, None)
        y = (x * 3).sum()
        p.expect(x.grad, None)
        y.backward()
        p.expect(x.grad, gradient)


@behaviour(
    "accumulation.backward-twice-adds",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.backward, docstring: gradients accumulate in the leaves; learner examples x**2 repeated",
    kills=["overwrite-grad", "grad-aliases-cotangent"],
)
def backward_twice_adds(p):
    """A later backward adds its gradient to the existing .grad instead of overwriting it; repeating forward and
    backward of x**2 at x = 2 three times leaves 4, then 8, then 12.
    """
    x = p.leaf(2.0)
    for total in (4.0, 8.0, 12.0):
        (x**2).backward()
        p.expect(x.grad, total)


@also("accumulation.backward-twice-adds")
def different_roots_add(p):
    """Backward of another expression adds as well, to the leaves that it reaches and to no other."""
    x, w = p.leaf([2.0, -3.0]), p.leaf([5.0, 7.0])
    (x * w).sum().backward()
    (x * x).sum().backward()
    p.expect(x.grad, [5.0 + 4.0, 7.0 - 6.0])
    p.expect(w.grad, [2.0, -3.0])


@also("accumulation.backward-twice-adds")
def incoming_gradient_is_left_alone(p):
    """What is added to is memory of the leaf's own: the incoming gradient keeps its value through three backwards."""
    x, g = p.leaf([2.0, -3.0]), p.constant([1.0, 4.0])
    for count in (1, 2, 3):
        x.clone().backward(g)
        p.expect(x.grad, [1.0 * count, 4.0 * count])
        p.expect(g, [1.0, 4.0])


@also("accumulation.backward-twice-adds")
def edited_grad_leaves_the_incoming_gradient(p):
    """Nor does the incoming gradient change when .grad is edited in place."""
    x, w, g = p.leaf([2.0, -3.0]), p.leaf([0.5, 1.0]), p.constant([1.0, 4.0])
    (x + w).backward(g)
    x.grad.mul_(10)
    x.clone().backward(g)
    p.expect(x.grad, [11.0, 44.0])
    p.expect(w.grad, [1.0, 4.0])
    p.expect(g, [1.0, 4.0])


@behaviour(
    "accumulation.same-graph-retained-adds",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd quickstart tutorial, tensor gradients and Jacobian products",
    kills=["overwrite-grad"],
)
def same_graph_retained_adds(p):
    """Calling backward a second time on one retained graph doubles the accumulated .grad."""
    x = p.leaf([[1.0, -2.0, 0.5]])
    y = ((x + 1) ** 2).t()
    for cotangent, gradient in (([[1.0], [1.0], [1.0]], [4.0, -2.0, 3.0]), ([[1.0], [-3.0], [2.0]], [4.0, 6.0, 6.0])):
        x.grad = None
        for count in (1, 2):
            y.backward(p.constant(cotangent), retain_graph=True)
            p.expect(x.grad, [[count * g for g in gradient]])


@behaviour(
    "accumulation.zero-in-place-then-backward",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.backward, docstring: zero the gradients or set them to None before calling it",
    kills=["grad-read-copies"],
)
def zero_in_place_then_backward(p):
    """After x.grad.zero_() the next backward leaves only the new gradient in .grad."""
    for value, zero, first, second in ((2.0, 0.0, 4.0, 12.0), ([2.0, -1.0], [0.0, 0.0], [4.0, -2.0], [12.0, 3.0])):
        x = p.leaf(value)
        (x * x).sum().backward()
        p.expect(x.grad, first)
        x.grad.zero_()
        p.expect(x.grad, zero)
        (x * x * x).sum().backward()
        p.expect(x.grad, second)


@behaviour(
    "accumulation.none-then-backward",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd page, default gradient layouts: resetting .grad to None",
    kills=["set-grad-ignored"],
)
def none_then_backward(p):
    """Assigning None to .grad discards the accumulated value, so that the next backward starts from scratch."""
    x, w = p.leaf([2.0, -1.0]), p.leaf([3.0, 5.0])
    (x * x * w).sum().backward()
    x.grad = None
    p.expect(x.grad, None)
    p.expect(w.grad, [4.0, 1.0])
    (x * x * x).sum().backward()
    p.expect(x.grad, [12.0, 3.0])


@behaviour(
    "accumulation.user-assigned-grad-is-added-to",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd page, manual gradient layouts",
    kills=["set-grad-ignored", "overwrite-grad"],
)
def user_assigned_grad_is_added_to(p):
    """A tensor that the user assigned to .grad before backward is added to, like any earlier accumulated gradient."""
    for given, total in ((10.0, 13.0), ([10.0, 20.0], [13.0, 23.0]), ([[-0.5]], [[2.5]])):
        x = p.leaf(np.ones_like(given))
        x.grad = p.constant(given)
        p.expect(x.grad, given)
        (3 * x).sum().backward()
        p.expect(x.grad, total)


@behaviour(
    "accumulation.microbatches-equal-full-batch",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Mixed precision examples, gradient accumulation; learner example on clearing gradients",
    kills=["overwrite-grad"],
)
def microbatches_equal_full_batch(p):
    """Accumulating backward over the parts of a sum-reduced loss gives the same .grad as one backward over the whole
    loss.
    """
    samples, w, v = p.constant([1.0, 2.0, -3.0, 4.0]), p.leaf(0.5), p.leaf(0.5)
    ((v * samples) ** 2).sum().backward()
    for part in p.many(2, "split", samples, split_size_or_sections=2):
        ((w * part) ** 2).sum().backward()
    p.expect(v.grad, 30.0)
    p.expect_equal(v.grad, w.grad)


@behaviour(
    "accumulation.grad-has-no-history-by-default",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.backward, docstring, create_graph: False by default",
    kills=["grad-has-history"],
)
def grad_has_no_history_by_default(p):
    """Without create_graph the accumulated .grad neither requires grad nor has a grad_fn."""
    x = p.leaf([2.0, -1.0])
    for _ in range(2):
        (x * x * x).sum().backward()
        p.expect(x.grad.requires_grad, False)
        p.expect(x.grad.grad_fn, None)


@behaviour(
    "accumulation.in-place-edit-of-grad-is-kept",
    level=SHOULD,
    profile=IMPERATIVE,
    source="nn.utils.clip_grad_norm_, docstring: modifies gradients in place; learner example on clearing gradients",
    kills=["grad-read-copies"],
)
def in_place_edit_of_grad_is_kept(p):
    """.grad is an ordinary mutable tensor: an in-place edit of it between two backward calls is seen by the next
    accumulation.
    """
    x = p.leaf([1.0, -2.0])
    (3 * x).sum().backward()
    x.grad.mul_(10)
    x.grad[1] = 5.0
    (3 * x).sum().backward()
    p.expect(x.grad, [33.0, 8.0])


@also("accumulation.in-place-edit-of-grad-is-kept")
def edit_of_one_grad_leaves_the_other(p):
    """Leaves that get the same gradient do not share it: an edit of one .grad is not seen in the other."""
    a, b = p.leaf([1.0, 2.0]), p.leaf([3.0, 4.0])
    (a + b).backward(p.constant([1.0, -1.0]))
    a.grad.mul_(10)
    p.expect(a.grad, [10.0, -10.0])
    p.expect(b.grad, [1.0, -1.0])
