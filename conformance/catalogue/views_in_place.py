"""In-place changes of views and of what they are views of, also of several views at once."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MAY, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal

_NOTES = "Autograd mechanics, in-place operations with autograd"
_UNSAFE = "torch.unsafe_split, docstring"
_PAGE = "Tensor views page"


@behaviour(
    "views.in-place-on-view-updates-base-graph",
    level=MUST,
    profile=IMPERATIVE,
    source=_NOTES,
    kills=["view-in-place-unrecorded"],
    depends=["views.share-data", "in-place.rebases-history"],
)
def in_place_on_view_updates_base_graph(p):
    """An in-place change of a view of an intermediate is part of the base's history: later use of the base has the
    right gradient.
    """
    x = p.leaf([1.0, 2.0, 3.0])
    y = x * 1
    p.view("select", y, dim=0, index=0).mul_(10)
    (y**2).sum().backward()
    p.expect(x.grad, [200.0, 4.0, 6.0])


@also("views.in-place-on-view-updates-base-graph")
def view_of_a_view(p):
    """The same through a chain of views, and with an operand that requires grad."""
    x, w = p.leaf([[1.0, 2.0], [3.0, 4.0]]), p.leaf([5.0, -1.0])
    y = x * 1
    column = p.view("select", p.view("t", y), dim=0, index=1)
    column.mul_(w)
    p.expect(y, [[1.0, 10.0], [3.0, -4.0]])
    (y * p.constant([[1.0, 10.0], [100.0, 1000.0]])).sum().backward()
    p.expect(x.grad, [[1.0, 50.0], [100.0, -1000.0]])
    p.expect(w.grad, [20.0, 4000.0])


@also("views.in-place-on-view-updates-base-graph")
def second_derivative_through_a_changed_view(p):
    """The gradient can be differentiated again: of x0³ x1 + x1³, whose first term was made in place, too."""
    x = p.leaf([2.0, 3.0])
    y = x**3
    p.view("select", y, dim=0, index=0).mul_(x[1])
    (g,) = p.grad(y.sum(), x, create_graph=True)
    p.expect(g, [36.0, 35.0])
    (h,) = p.grad(g.sum(), x)
    p.expect(h, [48.0, 30.0])


@behaviour(
    "views.in-place-on-base-updates-view-graph",
    level=MUST,
    profile=IMPERATIVE,
    source=_NOTES,
    kills=["views-go-stale"],
    depends=["views.share-data", "in-place.rebases-history"],
)
def in_place_on_base_updates_view_graph(p):
    """An in-place change of the base is seen by an existing view in value and in gradient."""
    for take, value, gradient in (
        (lambda y: p.view("select", y, dim=0, index=1), 6.0, [0.0, 3.0]),
        (lambda y: p.view("narrow", y, dim=0, start=0, length=1), [3.0], [3.0, 0.0]),
    ):
        x = p.leaf([1.0, 2.0])
        y = x * 1
        v = take(y)
        y.mul_(3)
        p.expect(v, value)
        v.sum().backward()
        p.expect(x.grad, gradient)


@also("views.in-place-on-base-updates-view-graph")
def change_of_one_view_is_seen_in_another(p):
    x = p.leaf([1.0, 2.0])
    y = x * 1
    first, both = p.view("select", y, dim=0, index=0), p.view("view", y, size=(2, 1))
    first.mul_(5)
    p.expect(both, [[5.0], [2.0]])
    (both * p.constant([[1.0], [10.0]])).sum().backward()
    p.expect(x.grad, [5.0, 10.0])


@behaviour(
    "views.base-becomes-copyslices",
    level=MAY,
    profile=IMPERATIVE,
    source="Autograd mechanics, thread safety on autograd nodes",
    kills=["view-in-place-unrecorded"],
    depends=["views.in-place-on-view-updates-base-graph"],
)
def base_becomes_copyslices(torch):
    """After an in-place change of a view the base's grad_fn is a node whose class is called CopySlices."""
    for dtype in (torch.float64, torch.float32):
        y = torch.tensor([1.0, 2.0], dtype=dtype, requires_grad=True) * 1
        y[0].mul_(2)
        assert y.grad_fn.name().endswith("CopySlices")
        assert type(y.grad_fn).__name__ == "CopySlices"


_SPLITS = (
    ("split", {"split_size_or_sections": 1}),
    ("chunk", {"chunks": 2}),
    ("unbind", {}),
)


@behaviour(
    "multi-views.split-in-place-raises",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_UNSAFE}: what autograd restricts",
    kills=["multi-view-in-place-allowed"],
)
def split_in_place_raises(p):
    """Changing in place an output of split, chunk or unbind of a tensor that requires grad raises RuntimeError."""
    for name, attributes in _SPLITS:
        for value in ([1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]]):
            for piece in p.views(2, name, p.leaf(value) * 1, **attributes):
                with p.raises("RuntimeError", "returns multiple views"):
                    piece.add_(1)


@behaviour(
    "multi-views.unsafe-variants-allow-it",
    level=MUST,
    profile=IMPERATIVE,
    source="torch.unsafe_split and torch.unsafe_chunk, docstrings",
    kills=["unsafe-split-is-split"],
    depends=["in-place.rebases-history"],
)
def unsafe_variants_allow_it(torch):
    """Outputs of unsafe_split and unsafe_chunk may be changed in place, and the gradients are right if the input is
    not changed as well.
    """
    for dtype in (torch.float64, torch.float32):
        for split in (lambda t: t.unsafe_split(1), lambda t: t.unsafe_chunk(2)):
            x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=dtype, requires_grad=True)
            a, b = split(x * 1)
            a.mul_(5)
            (a * 10 + b).sum().backward()
            assert_equal(a, [[5.0, 10.0]])
            assert_equal(x.grad, [[50.0, 50.0], [1.0, 1.0]])


@behaviour(
    "multi-views.reading-is-fine",
    level=MUST,
    profile=FUNCTIONAL,
    source=_PAGE,
    kills=["view-gradient-misplaced"],
)
def reading_is_fine(p):
    """Outputs of split, chunk and unbind can be used out of place, and gradients of all pieces are put together in the
    base.
    """
    x = p.leaf([1.0, 2.0, 3.0])
    a, b, c = p.many(3, "unbind", x, dim=0)
    p.expect(p.grad(a * 1 + b * 10 + c * 100, x)[0], [1.0, 10.0, 100.0])
    x = p.leaf([1.0, 2.0, 3.0])
    first, rest = p.many(2, "split", x, split_size_or_sections=(1, 2))
    p.expect(p.grad(first.sum() + 5 * rest.sum(), x)[0], [1.0, 5.0, 5.0])
    x = p.leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    left, right = p.many(2, "chunk", x, chunks=2, dim=1)
    p.expect(left, [[1.0, 2.0], [4.0, 5.0]])
    p.expect(p.grad(left.sum() + 5 * right.sum(), x)[0], [[1.0, 1.0, 5.0], [1.0, 1.0, 5.0]])


@behaviour(
    "multi-views.unused-piece-gets-zero",
    level=MUST,
    profile=FUNCTIONAL,
    source=_PAGE,
    kills=["view-gradient-misplaced"],
)
def unused_piece_gets_zero(p):
    """If only one piece is used, the other pieces' part of the gradient is zero."""
    x = p.leaf([1.0, 2.0])
    p.expect(p.grad(p.many(2, "unbind", x, dim=0)[1], x)[0], [0.0, 1.0])
    x = p.leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    p.expect(p.grad(p.many(2, "chunk", x, chunks=2, dim=1)[0].sum(), x)[0], [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]])


@behaviour(
    "multi-views.base-in-place-makes-pieces-stale",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_UNSAFE,
    kills=["views-go-stale"],
)
def base_in_place_makes_pieces_stale(p):
    """If the base is changed in place after split, using the old pieces in a recorded operation raises
    RuntimeError.
    """
    for name, attributes in _SPLITS:
        base = p.leaf([1.0, 2.0]) * 1
        piece, _ = p.views(2, name, base, **attributes)
        base.mul_(2)
        with p.raises("RuntimeError", "view"):
            (piece * 2).sum().backward()


@behaviour(
    "multi-views.in-place-under-no-grad-source",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_UNSAFE,
    kills=["views-copy"],
    depends=["views.share-data"],
)
def in_place_under_no_grad_source(p):
    """The restriction concerns tensors that require grad only: pieces of a plain tensor may be changed in place and
    change it.
    """
    for name, attributes in _SPLITS:
        base = p.constant([1.0, 2.0])
        p.views(2, name, base, **attributes)[0].add_(5)
        p.expect(base, [6.0, 2.0])
