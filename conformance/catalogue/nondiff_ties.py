"""Gradients at ties and zeros of reductions: who gets how much where several elements are extreme, or all are zero."""

from __future__ import annotations

import math

import numpy as np

from conformance.cases import FUNCTIONAL, MAY, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal

_RULES = "PyTorch documentation, autograd notes, gradients for non-differentiable functions"
_MAX = "PyTorch documentation, torch.max and torch.amax"


def _gradient(torch, function, values, weights=None):
    x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
    y = function(x)
    weights = torch.ones_like(y) if weights is None else torch.tensor(weights, dtype=torch.float64)
    return torch.autograd.grad(y, x, weights)[0]


@behaviour("nondiff.max-all-ties-split", level=MUST, profile=FUNCTIONAL, source=_MAX, kills=["extreme-ties-to-first"])
def max_all_ties_split(torch):
    """max() and min() over all elements split the gradient evenly among equal extreme elements."""
    for values, highest, lowest in (
        ([2.0, 2.0, 1.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]),
        ([[3.0, 1.0], [1.0, 3.0]], [[0.5, 0.0], [0.0, 0.5]], [[0.0, 0.5], [0.5, 0.0]]),
        ([5.0] * 4, [0.25] * 4, [0.25] * 4),
    ):
        assert_equal(_gradient(torch, lambda x: x.max(), values), highest, "the gradient of max")
        assert_equal(_gradient(torch, lambda x: x.min(), values), lowest, "the gradient of min")


@also("nondiff.max-all-ties-split")
def amax_over_all(p):
    """The same as a program, by the reduction over every dimension."""
    for values, highest in (([2.0, 2.0, 1.0], [0.5, 0.5, 0.0]), ([[3.0, 1.0], [1.0, 3.0]], [[0.5, 0.0], [0.0, 0.5]])):
        x = p.leaf(values)
        p.expect(p.grad(x.amax(), x)[0], highest)


@behaviour(
    "nondiff.max-dim-indexed-only", level=MUST, profile=FUNCTIONAL, source=_MAX, kills=["indexed-extreme-splits-ties"]
)
def max_dim_indexed_only(torch):
    """max(dim) and min(dim) give the whole gradient to the returned index and none to ties."""
    for values, dim in (([2.0, 2.0, 1.0], 0), ([[5.0, 1.0], [5.0, 1.0]], 0), ([[1.0, 1.0, 1.0], [0.0, 4.0, 4.0]], 1)):
        for name in ("max", "min"):
            x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
            extreme, index = getattr(x, name)(dim)
            (g,) = torch.autograd.grad(extreme.sum(), x)
            expected = torch.zeros_like(g).scatter(dim, index.unsqueeze(dim), torch.ones_like(g))
            assert_equal(g, expected, f"the gradient of {name}({dim})")


@also("nondiff.max-dim-indexed-only")
def one_element_of_each_row(p):
    """However the tie is broken, one element of each row has all of the gradient: the squares add up to the whole."""
    for name in ("max", "min"):
        x = p.leaf([[2.0, 2.0, 2.0], [1.0, 1.0, 1.0]])
        extreme, _ = p.op(name, x, dim=1)
        (g,) = p.grad(extreme, x, p.constant([3.0, -2.0]))
        p.expect(g.sum(dim=1), [3.0, -2.0])
        p.expect((g * g).sum(dim=1), [9.0, 4.0])


@behaviour(
    "nondiff.amax-ties-split",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.amax",
    kills=["extreme-ties-to-first"],
    depends=["nondiff.max-all-ties-split"],
)
def amax_ties_split(p):
    """amax and amin split the gradient evenly among ties, also along a dimension."""
    for name, values, kw, expected in (
        ("amax", [[2.0, 2.0, 1.0], [5.0, 1.0, 0.0]], {"dim": 1}, [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]),
        ("amin", [[2.0, 2.0, 1.0], [0.0, 1.0, 0.0]], {"dim": 1}, [[0.0, 0.0, 1.0], [0.5, 0.0, 0.5]]),
        ("amin", [1.0, 1.0], {}, [0.5, 0.5]),
        ("amax", [[4.0, 4.0], [4.0, 4.0]], {"dim": (0, 1), "keepdim": True}, [[0.25, 0.25], [0.25, 0.25]]),
    ):
        x = p.leaf(values)
        p.expect(p.grad(p.op(name, x, **kw).sum(), x)[0], expected)


@behaviour(
    "nondiff.maximum-ties-split",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_RULES}, example of a maximum of two tensors",
)
def maximum_ties_split(p):
    """maximum and minimum of two tensors give each operand half of the gradient where they are equal."""
    for name, wins in (("maximum", [1.0, 0.0]), ("minimum", [0.0, 1.0])):
        a, b = p.leaf([1.0, 2.0, 0.0]), p.leaf([1.0, 0.0, 3.0])
        da, db = p.grad(p.op(name, a, b), (a, b), p.constant([4.0, 1.0, 1.0]))
        p.expect(da, [2.0, *wins])
        p.expect(db, [2.0, *reversed(wins)])


@also("nondiff.maximum-ties-split")
def binary_max(torch):
    a, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in ([1.0, 2.0], [1.0, 0.0]))
    torch.max(a, b).sum().backward()
    assert_equal([a.grad, b.grad], [[0.5, 1.0], [0.5, 0.0]], "the gradients of max(a, b)")


@behaviour(
    "nondiff.fmax-ties-go-to-first",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_RULES}, functions of several tensors",
    discrepancy="By the note's rule for functions of two tensors the least-norm choice is (1/2, 1/2); torch gives (1, 0) "
    "for fmax and fmin.",
)
def fmax_ties_go_to_first(torch):
    """fmax and fmin of equal operands give the whole gradient to the first operand."""
    for function in (torch.fmax, torch.fmin):
        a, b = (torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True) for _ in range(2))
        function(a, b).sum().backward()
        assert_equal([a.grad, b.grad], [[1.0, 1.0], [0.0, 0.0]], "the gradients at a tie")


@behaviour(
    "nondiff.norm-at-zero", level=MUST, profile=FUNCTIONAL, source=f"{_RULES}, rule 2", kills=["norm-nan-at-zero"]
)
def norm_at_zero(torch):
    """The 2-norm and 1-norm of the zero vector have gradient 0, and so has the distance of equal points."""
    for zeros in ([0.0, 0.0], [[0.0], [0.0]], [0.0]):
        for function in (
            lambda x: x.norm(),
            lambda x: x.norm(p=1),
            lambda x: torch.linalg.vector_norm(x),
            lambda x: torch.dist(x, torch.zeros_like(x)),
        ):
            assert_equal(_gradient(torch, function, zeros), zeros, "the gradient of a norm at 0")
    assert_equal(_gradient(torch, lambda x: x.norm(p=1), [0.0, 2.0, -1.0]), [0.0, 1.0, -1.0], "that of the 1-norm")


@also("nondiff.norm-at-zero")
def vector_norm_at_zero(p):
    for ord_ in (2, 1):
        x = p.leaf([0.0, 0.0, 0.0])
        p.expect(p.grad(p.op("vector_norm", x, ord=ord_), x)[0], [0.0, 0.0, 0.0])


@behaviour("nondiff.inf-norm-ties-split", level=SHOULD, profile=FUNCTIONAL, source=f"{_RULES}, rule 2")
def inf_norm_ties_split(p):
    """The infinity norm splits its gradient evenly among elements of equal greatest magnitude."""
    for values, expected in (
        ([2.0, -2.0, 1.0], [0.5, -0.5, 0.0]),
        ([[-4.0, 4.0], [4.0, -4.0]], [[-0.25, 0.25], [0.25, -0.25]]),
        ([-3.0, 1.0], [-1.0, 0.0]),
    ):
        x = p.leaf(values)
        p.expect(p.grad(p.op("vector_norm", x, ord=math.inf), x)[0], expected)


@behaviour(
    "nondiff.median-all-is-deterministic",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.median",
)
def median_all_is_deterministic(torch):
    """median() over all elements has deterministic subgradients: repeating it gives the same gradient."""
    for values in ([1.0, 1.0, 2.0], [[3.0, 3.0], [3.0, 3.0]], [2.0]):
        first, *others = (_gradient(torch, lambda x: x.median(), values) for _ in range(4))
        assert_equal(first.sum(), 1.0, "the sum of the gradient")
        for other in others:
            assert_equal(other, first, "the gradient at a repetition")


@behaviour("nondiff.prod-with-zero", level=SHOULD, profile=FUNCTIONAL, source=f"{_RULES}, rule 1")
def prod_with_zero(torch):
    """prod is differentiable at zero: with one zero factor its gradient is the product of the others, with two it is
    all zeros; cumprod likewise.
    """
    for values, expected in (([0.0, 2.0, 3.0], [6.0, 0.0, 0.0]), ([0.0, 0.0, 3.0], [0.0, 0.0, 0.0]), ([0.0], [1.0])):
        assert_equal(_gradient(torch, lambda x: x.prod(), values), expected, "the gradient of prod")
        assert_equal(_gradient(torch, lambda x: x.prod(0), values), expected, "the gradient of prod(0)")
    assert_equal(_gradient(torch, lambda x: x.cumprod(0), [0.0, 2.0, 3.0]), [9.0, 0.0, 0.0], "the gradient of cumprod")


@also("nondiff.prod-with-zero")
def products_along_a_dimension(p):
    for values, expected in (([0.0, 2.0, 3.0], [6.0, 0.0, 0.0]), ([0.0, 0.0, 3.0], [0.0, 0.0, 0.0])):
        x = p.leaf(values)
        p.expect(p.grad(p.op("prod", x, dim=0), x)[0], expected)
    x = p.leaf([0.0, 2.0, 3.0])
    p.expect(p.grad(p.op("cumprod", x, dim=0).sum(), x)[0], [9.0, 0.0, 0.0])  # 1 + 2 + 6, then nothing


@behaviour("nondiff.sort-and-topk-scatter", level=SHOULD, profile=FUNCTIONAL, source=f"{_RULES}, rule 1")
def sort_and_topk_scatter(p):
    """sort, topk and kthvalue pass each gradient to the position from which the value came; the indices carry none."""
    x = p.leaf([3.0, 1.0, 2.0])
    values, _ = p.op("sort", x)
    p.expect(p.grad(values, x, p.constant([10.0, 20.0, 30.0]))[0], [30.0, 10.0, 20.0])
    values, _ = p.op("sort", x, descending=True)
    p.expect(p.grad(values, x, p.constant([10.0, 20.0, 30.0]))[0], [10.0, 30.0, 20.0])
    values, _ = p.op("topk", x, k=2)
    p.expect(p.grad(values, x, p.constant([5.0, 7.0]))[0], [5.0, 0.0, 7.0])
    values, _ = p.op("kthvalue", x, k=1)
    p.expect(p.grad(values, x)[0], [0.0, 1.0, 0.0])


@behaviour("nondiff.tie-conventions-are-not-part-of-value", level=MAY, profile=FUNCTIONAL, source=f"{_RULES}, rule 4")
def tie_conventions_are_not_part_of_value(torch):
    """Where several values are possible by continuity one is picked arbitrarily, but always the same one: repeating the
    computation gives the same gradient.
    """
    for function in (
        lambda x: x.cummax(0).values,
        lambda x: x.cummin(0).values,
        lambda x: x.max(0).values,
        lambda x: x.sort().values * torch.arange(1.0, 4.0),
        lambda x: x.kthvalue(2).values,
    ):
        first, *others = (_gradient(torch, function, [2.0, 2.0, 2.0]) for _ in range(4))
        for other in others:
            assert_equal(other, first, "the gradient at a repetition")
    assert np.isfinite(first.tolist()).all(), f"the gradient at a tie is {first.tolist()}"
