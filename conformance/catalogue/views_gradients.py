"""Gradients that pass views back to the elements that these show."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, MUST, also, behaviour
from conformance.catalogue.assertions import assert_equal

_PAGE = "Tensor views page"


@behaviour(
    "views.view-gradients",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}; Autograd mechanics",
    kills=["view-gradient-misplaced"],
)
def view_gradients(p):
    """Gradients pass through view operations back to the right positions of the base."""
    for take, gradient in (
        (lambda x: x.t()[0], [[10.0, 0.0], [20.0, 0.0]]),
        (lambda x: x[1], [[0.0, 0.0], [10.0, 20.0]]),
        (lambda x: x.transpose(dim0=0, dim1=1)[1, :], [[0.0, 10.0], [0.0, 20.0]]),
        (lambda x: x.view(size=(4,))[1:3], [[0.0, 10.0], [20.0, 0.0]]),
        (lambda x: x.diagonal(), [[10.0, 0.0], [0.0, 20.0]]),
    ):
        x = p.leaf([[1.0, 2.0], [3.0, 4.0]])
        (g,) = p.grad(take(x), x, p.constant([10.0, 20.0]))
        p.expect(g, gradient)


@behaviour(
    "views.advanced-indexing-accumulates",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}, note on indexing; chain rule",
    kills=["repeats-counted-once"],
)
def advanced_indexing_accumulates(p):
    """The gradient of advanced indexing with repeated indices is added up per source position."""
    for index, cotangent, gradient in (
        ([0, 0, 2], [1.0, 10.0, 100.0], [11.0, 0.0, 100.0]),
        ([1, 1, 1], [1.0, 10.0, 100.0], [0.0, 111.0, 0.0]),
        ([[2, 0], [0, 2]], [[1.0, 10.0], [100.0, 1000.0]], [110.0, 0.0, 1001.0]),
    ):
        x = p.leaf([1.0, 2.0, 3.0])
        (g,) = p.grad(x[p.constant(index, dtype="int64")], x, p.constant(cotangent))
        p.expect(g, gradient)


@behaviour(
    "views.expand-gradient-sums",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}; broadcasting page",
    kills=["repeats-counted-once"],
)
def expand_gradient_sums(p):
    """The gradient of expand is summed over the expanded dimensions."""
    for value, cotangent, gradient in (
        ([1.0, 2.0], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [9.0, 12.0]),
        ([[1.0], [2.0]], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[6.0], [15.0]]),
        (1.0, [[1.0, -2.0]], -1.0),
    ):
        x, c = p.leaf(value), p.constant(cotangent)
        (g,) = p.grad(x.expand(size=(len(cotangent), len(cotangent[0]))), x, c)
        p.expect(g, gradient)


@behaviour(
    "views.overlapping-unfold-gradient-sums",
    level=MUST,
    profile=FUNCTIONAL,
    source=_PAGE,
    kills=["repeats-counted-once"],
)
def overlapping_unfold_gradient_sums(p):
    """For overlapping views such as unfold or as_strided, an element's gradient is the sum over all places where it
    appears.
    """
    for step, cotangent, gradient in (
        (1, [[1.0, 10.0], [100.0, 1000.0]], [1.0, 110.0, 1000.0]),
        (2, [[1.0, 10.0]], [1.0, 10.0, 0.0]),
    ):
        x = p.leaf([1.0, 2.0, 3.0])
        (g,) = p.grad(x.unfold(dimension=0, size=2, step=step), x, p.constant(cotangent))
        p.expect(g, gradient)


@also("views.overlapping-unfold-gradient-sums")
def overlapping_as_strided(torch):
    for dtype in (torch.float64, torch.float32):
        x = torch.tensor([1.0, 2.0, 3.0], dtype=dtype, requires_grad=True)
        x.as_strided((2, 2), (1, 1)).backward(torch.tensor([[1.0, 10.0], [100.0, 1000.0]], dtype=dtype))
        assert_equal(x.grad, [1.0, 110.0, 1000.0])


@also("views.overlapping-unfold-gradient-sums")
def places_that_elements_of_the_input_share(torch):
    """What comes to a place is shared by the elements that lie there, so that an expanded tensor gets it once."""
    for dtype in (torch.float64, torch.float32):
        x = torch.tensor([1.0, 2.0, 3.0], dtype=dtype, requires_grad=True)
        weights = torch.tensor([[1.0, 10.0], [100.0, 1000.0]], dtype=dtype)
        x.expand(4, 3).as_strided((2, 2), (1, 1)).backward(weights)
        assert_equal(x.grad, [1.0, 110.0, 1000.0])


@behaviour(
    "views.reshape-either-way-differentiable",
    level=MUST,
    profile=FUNCTIONAL,
    source=_PAGE,
    kills=["view-gradient-misplaced"],
)
def reshape_either_way_differentiable(p):
    """reshape and flatten may give a view or a copy; value and gradient are the same either way."""
    cotangent = [1.0, 10.0, 100.0, 1000.0]
    plain, turned = [[1.0, 10.0], [100.0, 1000.0]], [[1.0, 100.0], [10.0, 1000.0]]
    for make, value, gradient in (
        (lambda x: x.reshape(shape=(4,)), [1.0, 2.0, 3.0, 4.0], plain),
        (lambda x: x.flatten(), [1.0, 2.0, 3.0, 4.0], plain),
        (lambda x: x.t().reshape(shape=(4,)), [1.0, 3.0, 2.0, 4.0], turned),
        (lambda x: x.t().flatten(), [1.0, 3.0, 2.0, 4.0], turned),
    ):
        x = p.leaf([[1.0, 2.0], [3.0, 4.0]])
        y = make(x)
        p.expect(y, value)
        p.expect(p.grad(y, x, p.constant(cotangent))[0], gradient)
