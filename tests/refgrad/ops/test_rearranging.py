"""Misuse of what copies, cuts, joins and scales raises as in PyTorch; nodes bear PyTorch's names; numbers at the far ends."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import refgrad
from tests.refgrad.ops.against_torch import torch

MISUSES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "as_strided_scatter: shape": (lambda t: t.as_strided_scatter(t.zeros(4), t.ones(3), (2,), (1,)), "src size"),
    "as_strided_scatter: repeated": (
        lambda t: t.as_strided_scatter(t.zeros(4), t.ones(2, 2), (2, 2), (0, 1)), "single memory location",
    ),
    "as_strided_scatter: outside": (lambda t: t.as_strided_scatter(t.zeros(4), t.ones(2), (2,), (1,), 3), "out of bounds"),
    "block_diag: rank": (lambda t: t.block_diag(t.ones(1), t.ones(1, 1, 1)), "Input 1 has 3 dimensions"),
    "broadcast_tensors": (lambda t: t.broadcast_tensors(t.ones(2), t.ones(3)), "must match"),
    "cartesian_prod: rank": (lambda t: t.cartesian_prod(t.ones(2, 2)), "Expect a 1D vector"),
    "cartesian_prod: dtypes": (lambda t: t.cartesian_prod(t.ones(2), t.ones(2).double()), "same dtype"),
    "cat: nothing": (lambda t: t.cat([]), "non-empty"),
    "chunk": (lambda t: t.chunk(t.ones(3), 0), "greater than 0"),
    "clamp_min: complex": (lambda t: t.clamp_min(t.ones(2) + 1j, 0), "complex"),
    "clamp_max: nothing": (lambda t: t.clamp_max(t.ones(2), None), ""),
    "combinations: rank": (lambda t: t.combinations(t.ones(2, 2)), "Expect a 1D vector"),
    "combinations: negative": (lambda t: t.combinations(t.ones(2), -1), "non-negative"),
    "constant_pad_nd: odd": (lambda t: t.constant_pad_nd(t.ones(3), (1,)), "must be even"),
    "constant_pad_nd: many": (lambda t: t.constant_pad_nd(t.ones(3), (1, 1, 1, 1)), "twice the number of dimensions"),
    "constant_pad_nd: negative": (lambda t: t.constant_pad_nd(t.ones(3), (-2, -2)), "length must be non-negative"),
    "dsplit: rank": (lambda t: t.dsplit(t.ones(3, 3), 1), "at least 3 dimension"),
    "flip: twice": (lambda t: t.flip(t.ones(2, 2), (0, -2)), "appears multiple times"),
    "fliplr": (lambda t: t.fliplr(t.ones(2)), "Input must be >= 2-d"),
    "flipud": (lambda t: t.flipud(t.tensor(1.0)), "Input must be >= 1-d"),
    "frexp: integers": (lambda t: t.frexp(t.tensor([1, 2])), "floating-point dtypes"),
    "hsplit: rank": (lambda t: t.hsplit(t.tensor(1.0), 2), "at least 1 dimension"),
    "hsplit: parts": (lambda t: t.hsplit(t.ones(2, 3), 2), "not divisible by the split_size 2"),
    "hstack: nothing": (lambda t: t.hstack([]), "non-empty TensorList"),
    "ldexp: number": (lambda t: t.ldexp(t.ones(1), 2), "must be Tensor, not int"),
    "meshgrid: rank": (lambda t: t.meshgrid(t.ones(2, 2)), "Expected 0D or 1D tensor"),
    "meshgrid: indexing": (lambda t: t.meshgrid(t.ones(2), indexing="ab"), 'one of "xy" or "ij"'),
    "narrow_copy": (lambda t: t.narrow_copy(t.ones(3), 0, 2, 2), "exceeds dimension size"),
    "nextafter: integers": (lambda t: t.nextafter(t.tensor(1), t.tensor(2)), "not implemented for"),
    "permute_copy: twice": (lambda t: t.permute_copy(t.ones(2, 2), (0, 0)), "duplicate dims are not allowed"),
    "rot90: plane": (lambda t: t.rot90(t.ones(2, 2), 1, (0,)), "total rotation dims == 2"),
    "rot90: rank": (lambda t: t.rot90(t.ones(2), 1, (0, 1)), "total dims >= 2"),
    "rot90: same": (lambda t: t.rot90(t.ones(2, 2), 1, (0, -2)), "dims to be different"),
    "slice_copy": (lambda t: t.slice_copy(t.ones(3), 0, 0, 3, 0), "step must be positive"),
    "split: negative": (lambda t: t.split(t.ones(3), -1), "non-negative"),
    "split: zero": (lambda t: t.split(t.ones(3), 0), "can only be 0 if dimension size is 0"),
    "split_with_sizes: sum": (lambda t: t.split_with_sizes(t.ones(3), (1, 1)), "sum exactly to 3"),
    "split_with_sizes: negative": (lambda t: t.split_with_sizes(t.ones(3), (4, -1)), "non-negative entries"),
    "stack: sizes": (lambda t: t.stack([t.ones(2), t.ones(3)]), "equal size, but got [2] at entry 0 and [3] at entry 1"),
    "sum_to_size": (lambda t: t.ones(2, 3).sum_to_size(3, 3), "size {[3, 3]} is not expandable to size {[2, 3]}"),
    "tensor_split: rank": (lambda t: t.tensor_split(t.tensor(1.0), 2), "at least a 1-dimensional tensor"),
    "tensor_split: sections": (lambda t: t.tensor_split(t.ones(3), 0), "larger than 0, got 0"),
    "tensor_split: floats": (lambda t: t.tensor_split(t.ones(3), t.tensor([1.0])), "dtype of long"),
    "unflatten: product": (lambda t: t.unflatten(t.ones(4), 0, (3, 2)), "don't multiply up to the size of dim 0 (4)"),
    "unflatten: none": (lambda t: t.unflatten(t.ones(4), 0, ()), "must be non-empty"),
    "vsplit: rank": (lambda t: t.vsplit(t.ones(3), 1), "at least 2 dimension"),
}  # fmt: skip


@pytest.mark.parametrize("misuse", MISUSES)
def test_misuse_raises_pytorchs_class_with_its_words(misuse: str) -> None:
    function, words = MISUSES[misuse]
    classes = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for t in (refgrad, torch):
            with pytest.raises((RuntimeError, TypeError, ValueError, IndexError)) as raised:
                function(t)
            assert words in str(raised.value)
            classes.append(type(raised.value))
    assert classes[0] is classes[1]


NODES: dict[str, Callable[[Any, Any], Any]] = {
    "alias_copy": lambda t, x: t.alias_copy(x),
    "as_strided_copy": lambda t, x: t.as_strided_copy(x, (2,), (1,)),
    "as_strided_scatter": lambda t, x: t.as_strided_scatter(x, t.ones(2), (2,), (1,)),
    "atleast_3d": lambda t, x: [t.atleast_3d(x), t.atleast_3d(x.sum())],
    "block_diag": lambda t, x: t.block_diag(x, x),
    "clamp_max": lambda t, x: t.clamp_max(x, x),
    "clamp_min": lambda t, x: t.clamp_min(x, 0.5),
    "column_stack": lambda t, x: t.column_stack((x, x)),
    "combinations": lambda t, x: t.combinations(x.reshape(-1)),
    "constant_pad_nd": lambda t, x: t.constant_pad_nd(x, (1, 1)),
    "diagflat": lambda t, x: t.diagflat(x),
    "diagonal_copy": lambda t, x: t.diagonal_copy(x),
    "expand_copy": lambda t, x: t.expand_copy(x, (2, 2, 2)),
    "fliplr": lambda t, x: t.fliplr(x),
    "frexp": lambda t, x: t.frexp(x)[0],
    "hsplit": lambda t, x: t.hsplit(x, 2),
    "ldexp": lambda t, x: t.ldexp(x, x),
    "linalg.diagonal": lambda t, x: t.linalg.diagonal(x),
    "meshgrid": lambda t, x: t.meshgrid(x[0], x[1], indexing="ij"),
    "narrow_copy": lambda t, x: t.narrow_copy(x, 0, 1, 1),
    "nextafter": lambda t, x: t.nextafter(x, x),
    "permute_copy": lambda t, x: t.permute_copy(x, (1, 0)),
    "rot90": lambda t, x: [t.rot90(x, k) for k in range(4)],
    "rsub": lambda t, x: [x.__rsub__(2.0), x.__rsub__(x), x.__rdiv__(2.0), x.__rpow__(2.0), x.__rpow__(x)],
    "select_copy": lambda t, x: t.select_copy(x, 0, 1),
    "slice_copy": lambda t, x: t.slice_copy(x, 0, 1),
    "split_copy": lambda t, x: t.split_copy(x, 1),
    "split_with_sizes": lambda t, x: t.split_with_sizes(x, (1, 1)),
    "split_with_sizes_copy": lambda t, x: t.split_with_sizes_copy(x, (1, 1)),
    "squeeze_copy": lambda t, x: [t.squeeze_copy(x), t.squeeze_copy(x, 0), t.squeeze_copy(x, (0,))],
    "sum_to_size": lambda t, x: x.sum_to_size(1, 2),
    "t_copy": lambda t, x: t.t_copy(x),
    "tensor_split": lambda t, x: t.tensor_split(x, 2),
    "transpose_copy": lambda t, x: t.transpose_copy(x, 0, 1),
    "unbind_copy": lambda t, x: t.unbind_copy(x),
    "unfold_copy": lambda t, x: t.unfold_copy(x, 0, 1, 1),
    "unsafe_chunk": lambda t, x: t.unsafe_chunk(x, 2),
    "unsafe_split": lambda t, x: [*t.unsafe_split(x, 1), *t.unsafe_split_with_sizes(x, (1, 1))],
    "unsqueeze_copy": lambda t, x: t.unsqueeze_copy(x, 0),
    "view_copy": lambda t, x: t.view_copy(x, (4,)),
    "zero_": lambda t, x: t.zero_(x.clone()),
}


@pytest.mark.parametrize("operator", NODES)
def test_nodes_and_views_are_pytorchs(operator: str) -> None:
    found = []
    for t in (refgrad, torch):
        y = NODES[operator](t, t.ones(2, 2, requires_grad=True))
        found.append([(z.grad_fn.name(), z._is_view()) for z in (y if isinstance(y, (list, tuple)) else (y,))])
    assert found[0] == found[1]


def test_a_power_of_two_may_overflow_while_the_product_does_not() -> None:
    x = refgrad.tensor([1e-300, 1e300, 5e-324], dtype=refgrad.float64, requires_grad=True)
    n = refgrad.tensor([1030.0, -1080.0, 2097.0], dtype=refgrad.float64)
    y = refgrad.ldexp(x, n)
    assert y.tolist() == [math.ldexp(1e-300, 1030), math.ldexp(1e300, -1080), math.ldexp(5e-324, 2097)]
    assert refgrad.ldexp(x, n.long()).tolist() == y.tolist()
    (slope,) = refgrad.autograd.grad(y, x, refgrad.tensor([1e-300, 1e300, 0.0], dtype=refgrad.float64))
    assert slope.tolist() == [*y.tolist()[:2], 0.0]


def test_a_quotient_of_the_smallest_numbers_has_a_slope() -> None:
    x, a = (refgrad.tensor(1e-200, dtype=refgrad.float64, requires_grad=True) for _ in range(2))
    x.__rdiv__(a).backward()
    assert (x.grad.item(), a.grad.item()) == (-1e200, 1e200)


def test_mantissas_of_all_numbers() -> None:
    numbers = [0.0, 1.0, -3.0, 5e-324, 1.7e308, math.inf]
    mantissa, exponent = refgrad.frexp(refgrad.tensor(numbers, dtype=refgrad.float64))
    assert list(zip(mantissa.tolist(), exponent.tolist(), strict=True)) == [math.frexp(x) for x in numbers]


def test_as_strided_scatter_replaces_what_the_storage_holds_whatever_the_layout() -> None:
    for t in (refgrad, torch):
        x = t.arange(8.0)[1::2]
        assert t.as_strided_scatter(x, -t.ones(2), (2,), (2,), 1).tolist() == [-1.0, -1.0, 5.0, 7.0]
        assert t.as_strided_scatter(x.reshape(2, 2).t(), -t.ones(1), (1,), (1,), 1).shape == (2, 2)


def test_as_strided_scatter_leaves_the_rest_alone_whatever_the_source_holds() -> None:
    for t in (refgrad, torch):
        y = t.as_strided_scatter(t.tensor([-0.0, 1.0, 2.0]), t.tensor([math.inf]), (1,), (1,), 2)
        assert str(y.tolist()) == "[-0.0, 1.0, inf]"
        y = t.as_strided_scatter(t.tensor([-0.0, 1.0]), t.ones(0), (0,), (1,))
        assert str(y.tolist()) == "[-0.0, 1.0]"


def test_pieces_at_the_positions_of_a_tensor() -> None:
    for t in (refgrad, torch):
        assert [y.tolist() for y in t.arange(5).tensor_split(t.tensor([1, 3]))] == [[0], [1, 2], [3, 4]]
        assert [y.tolist() for y in t.arange(3).tensor_split(t.tensor(2))] == [[0, 1], [2]]


def test_what_has_the_common_shape_is_itself_and_no_difference_is_a_copy() -> None:
    for t in (refgrad, torch):
        x = t.ones(2, 3)
        y, z = t.broadcast_tensors(x, t.ones(3))
        assert y is x
        assert z.shape == (2, 3)
        t.diff(x, n=0).zero_()
        assert x.sum().item() == 6


def test_in_place_forms_are_functions_too() -> None:
    for t in (refgrad, torch):
        x = t.tensor([1.5, -2.0])
        assert t.ldexp_(x, t.tensor([1, 2])) is x
        assert x.tolist() == [3.0, -8.0]
        assert x.nextafter_(t.zeros(2)).tolist() != [3.0, -8.0]
        assert t.zero_(x) is x
        assert x.tolist() == [0.0, 0.0]
