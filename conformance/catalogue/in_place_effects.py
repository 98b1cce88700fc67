"""What an in-place operation does to the history of its target, and where gradients then go."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, also, behaviour

_NOTES = "Autograd mechanics, in-place operations with autograd"
_CHECKS = "Autograd mechanics, in-place correctness checks"


@behaviour(
    "in-place.no-error-means-right-gradient",
    level=MUST,
    profile=IMPERATIVE,
    source=_CHECKS,
    kills=["in-place-unrecorded"],
)
def no_error_means_right_gradient(p):
    """A chain of in-place operations that raises no error has the gradient of the equivalent out-of-place chain."""
    for value in (0.5, [0.5, 2.0], [[-1.0, 4.0]]):
        x, z = p.leaf(value), p.leaf(value)
        y = x * 1
        y.mul_(2)
        y.sub_(3)
        y.pow_(2)
        y.add_(1)
        y.neg_()
        y.sum().backward()
        (-((z * 2 - 3) ** 2 + 1)).sum().backward()
        p.expect_equal(x.grad, z.grad)


@also("in-place.no-error-means-right-gradient")
def operands_that_require_grad(p):
    """The other operand gets its gradient as well, also if it is broadcast."""
    x, w = p.leaf([1.0, 2.0, -3.0]), p.leaf(4.0)
    y = x + 1
    y.mul_(w)
    y.add_(w, alpha=3)
    (y * p.constant([1.0, 10.0, 100.0])).sum().backward()
    p.expect(y, [20.0, 24.0, 4.0])
    p.expect(x.grad, [4.0, 40.0, 400.0])
    p.expect(w.grad, (2 + 3) + 10 * (3 + 3) + 100 * (-2 + 3))


@behaviour(
    "in-place.rebases-history",
    level=MUST,
    profile=IMPERATIVE,
    source=_NOTES,
    kills=["in-place-unrecorded", "in-place-gives-copy"],
)
def rebases_history(p):
    """An in-place operation gives the tensor object a new grad_fn for that operation, while its identity stays."""
    for value in (1.0, [1.0, 2.0]):
        y = p.leaf(value) * 2
        p.expect(y.grad_fn, "MulBackward0")
        changed = y.add_(1)
        p.expect_same(changed, y)
        p.expect(y.grad_fn, "AddBackward0")


@behaviour(
    "in-place.constant-target-joins-graph",
    level=MUST,
    profile=IMPERATIVE,
    source=_NOTES,
    kills=["in-place-unrecorded"],
)
def constant_target_joins_graph(p):
    """An in-place operation on a tensor that does not require grad with an argument that does makes the target require
    grad and become a non-leaf.
    """
    for value, zero, gradient in ((1.0, 0.0, 3.0), ([1.0, 2.0], [0.0, 0.0], [3.0, 3.0])):
        t, x = p.constant(zero), p.leaf(value)
        t.add_(x)
        p.expect(t.requires_grad, True)
        p.expect(t.is_leaf, False)
        (t * 3).sum().backward()
        p.expect(x.grad, gradient)
        p.expect(t, value)


@behaviour(
    "in-place.indexed-assignment-routes-gradients",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor views page, note on indexing: assignment is in place",
    kills=["assignment-leaks-to-overwritten"],
)
def indexed_assignment_routes_gradients(p):
    """Indexed assignment is an in-place operation: the gradient of the written positions goes to the assigned value
    and none to the overwritten one.
    """
    x, v = p.leaf([1.0, 2.0]), p.leaf(5.0)
    y = x * 1
    y[0] = v
    p.expect(y, [5.0, 2.0])
    (y * p.constant([10.0, 100.0])).sum().backward()
    p.expect(x.grad, [0.0, 100.0])
    p.expect(v.grad, 10.0)


@also("in-place.indexed-assignment-routes-gradients")
def slices_are_assigned(p):
    """The same for a slice, and for a value that is broadcast to it."""
    x, row, v = p.leaf([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), p.leaf([7.0, 8.0]), p.leaf(9.0)
    y = x * 1
    y[1] = row
    y[1:, 0] = v
    p.expect(y, [[1.0, 2.0], [9.0, 8.0], [9.0, 6.0]])
    (y * p.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])).sum().backward()
    p.expect(x.grad, [[1.0, 2.0], [0.0, 0.0], [0.0, 6.0]])
    p.expect(row.grad, [0.0, 4.0])
    p.expect(v.grad, 8.0)


@behaviour(
    "in-place.fill-blocks-gradient",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_NOTES,
    kills=["in-place-unrecorded"],
)
def fill_blocks_gradient(p):
    """zero_() or fill_() on an intermediate cuts the gradient to what it held before: it becomes zero."""
    for fill in (lambda y: y.zero_(), lambda y: y.fill_(7.0)):
        for value, ones in ((1.0, 1.0), ([1.0, 2.0], [1.0, 1.0])):
            x = p.leaf(value)
            y = x * 3
            fill(y)
            (y + x).sum().backward()
            p.expect(x.grad, ones)


@behaviour(
    "in-place.copy-routes-to-source",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.copy_, docstring",
    kills=["in-place-unrecorded", "copy-keeps-both"],
)
def copy_routes_to_source(p):
    """copy_ is differentiable: the gradient goes to the source, reduced to its shape and cast to its dtype, and is
    zero for the overwritten tensor.
    """
    for source_dtype in ("float32", "float64"):
        for value, given, zeros, gradient in (
            ([1.0, 2.0], [3.0], [0.0, 0.0], [2.0]),
            ([[1.0], [2.0]], [[3.0], [4.0]], [[0.0], [0.0]], [[1.0], [1.0]]),
            ([1.0, 2.0], 5.0, [0.0, 0.0], 2.0),
        ):
            x, source = p.leaf(value), p.leaf(given, dtype=source_dtype)
            y = x * 1
            y.copy_(source)
            y.sum().backward()
            p.expect(x.grad, zeros)
            p.expect(source.grad, gradient, dtype=source_dtype)


@behaviour(
    "in-place.aliased-storage-is-supported",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_NOTES}, reason 2",
    kills=["in-place-unrecorded", "views-go-stale"],
    discrepancy="The page says that in-place functions raise an error if the storage of modified inputs is referenced "
    "by any other tensor; PyTorch 2.13.0 tracks views and raises nothing here.",
    depends=["views.share-data"],
)
def aliased_storage_is_supported(p):
    """Changing a tensor in place while a view or another tensor references the same storage does not raise by itself:
    values and gradients of both are right.
    """
    x = p.leaf([1.0, 2.0])
    y = x * 1
    column, first = p.view("view", y, size=(2, 1)), p.view("select", y, dim=0, index=0)
    y.mul_(3)
    p.expect(column, [[3.0], [6.0]])
    p.expect(first, 3.0)
    (column.sum() + first + y.sum()).backward()
    p.expect(x.grad, [9.0, 6.0])
