"""Operands of different shapes: each gets its gradient in its own shape, summed over what it was expanded along."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour

_PAGE = "PyTorch documentation, notes on broadcasting"
_SEMANTICS = f"{_PAGE}, general semantics"
_PAIRS = (((5, 1, 4, 1), (3, 1, 1)), ((2, 1), (1, 3)), ((2, 3), ()), ((4,), (2, 1, 1)), ((1,), (2, 2)), ((1, 1), (3,)))


def _whole(shape, start=1.0):
    """Small whole numbers, so that every sum below is exact in every dtype."""
    return (np.arange(float(np.prod(shape, dtype=int))) % 5 + start).reshape(shape)


def _reduced(array, shape):
    """What a gradient of the broadcast shape comes to in the operand's own."""
    for axis in reversed(range(array.ndim)):
        inner = axis - (array.ndim - len(shape))
        if inner < 0:
            array = array.sum(axis)
        elif shape[inner] == 1:
            array = array.sum(axis, keepdims=True)
    return array


def _expect_product_gradients(p, first, second):
    """Reverse mode through first * second, weighted so that no two elements can be confused."""
    a, b = p.leaf(_whole(first)), p.leaf(_whole(second, 2.0))
    y = a * b
    shape = np.broadcast_shapes(first, second)
    weights = _whole(shape, -2.0)
    p.expect(y, _whole(first) * _whole(second, 2.0))
    da, db = p.grad(y, (a, b), p.constant(weights))
    p.expect(da, _reduced(weights * _whole(second, 2.0), first))
    p.expect(db, _reduced(weights * _whole(first), second))


@behaviour(
    "broadcasting.gradient-summed-to-shape",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}; torch.Tensor.grad docstring",
    kills=["no-unbroadcast"],
)
def gradient_summed_to_shape(p):
    """The gradient of a broadcast operand has the operand's own shape: it is summed over the dimensions along which it
    was expanded.
    """
    a, b = p.leaf(np.ones((5, 1, 4, 1))), p.leaf(np.ones((3, 1, 1)))
    y = a + b
    p.expect(y.shape, (5, 3, 4, 1))
    da, db = p.grad(y.sum(), (a, b))
    p.expect(da, np.full((5, 1, 4, 1), 3.0))
    p.expect(db, np.full((3, 1, 1), 20.0))


@also("broadcasting.gradient-summed-to-shape")
def product_of_every_pair_of_shapes(p):
    for first, second in _PAIRS:
        _expect_product_gradients(p, first, second)


@behaviour("broadcasting.scalar-tensor-operand", level=MUST, profile=FUNCTIONAL, source=_PAGE, kills=["no-unbroadcast"])
def scalar_tensor_operand(p):
    """A 0-dimensional operand gets the sum over all elements as its gradient."""
    for shape in ((3,), (2, 2), (1,), (2, 1, 3)):
        s, x = p.leaf(2.0), p.leaf(_whole(shape))
        ds, dx = p.grad((s * x).sum(), (s, x))
        p.expect(ds, _whole(shape).sum())
        p.expect(dx, np.full(shape, 2.0))


@behaviour(
    "broadcasting.missing-leading-dimensions",
    level=MUST,
    profile=FUNCTIONAL,
    source=_SEMANTICS,
    kills=["no-unbroadcast"],
)
def missing_leading_dimensions(p):
    """Leading dimensions that an operand lacks are summed out, as for the bias of a linear layer."""
    for lead in ((4,), (2, 3), (1,), (0,)):
        x, b = p.constant(np.ones((*lead, 3))), p.leaf([1.0, 2.0, 3.0])
        p.expect(p.grad((x + b).sum(), b)[0], np.full(3, float(np.prod(lead))))


@behaviour(
    "broadcasting.size-one-dimension-kept", level=MUST, profile=FUNCTIONAL, source=_SEMANTICS, kills=["no-unbroadcast"]
)
def size_one_dimension_kept(p):
    """A dimension of size 1 is kept in the gradient with size 1."""
    a = p.leaf([[1.0], [2.0]])
    (g,) = p.grad((a * p.constant([[1.0, 10.0, 100.0]])).sum(), a)
    p.expect(g.shape, (2, 1))
    p.expect(g, [[111.0], [111.0]])
    for shape, other in (((1, 3), (2, 3)), ((2, 1, 2), (2, 4, 2)), ((1,), (5,)), ((1, 1), (2, 3))):
        x = p.leaf(_whole(shape))
        (g,) = p.grad((x * p.constant(_whole(other))).sum(), x)
        p.expect(g, _reduced(_whole(other), shape))


@behaviour(
    "broadcasting.both-operands-expanded", level=MUST, profile=FUNCTIONAL, source=_PAGE, kills=["no-unbroadcast"]
)
def both_operands_expanded(p):
    """When both operands are expanded each gets its gradient reduced on its own."""
    a, b = p.leaf([[1.0], [2.0]]), p.leaf([3.0, 4.0, 5.0])
    da, db = p.grad((a * b).sum(), (a, b))
    p.expect(da, [[12.0], [12.0]])
    p.expect(db, [3.0, 3.0, 3.0])
    for first, second in (((2, 1), (1, 3)), ((3, 1, 2), (4, 1)), ((1, 2, 1), (2, 1, 3))):
        _expect_product_gradients(p, first, second)


@behaviour("broadcasting.same-tensor-twice", level=SHOULD, profile=FUNCTIONAL, source=f"{_PAGE}; chain rule")
def same_tensor_twice(p):
    """A tensor that is broadcast against its own transpose gets both contributions."""
    for values in ([1.0, 2.0], [3.0], [0.5, -1.0, 4.0]):
        x = p.leaf(values)
        (g,) = p.grad((x.unsqueeze(0) * x.unsqueeze(1)).sum(), x)
        p.expect(g, np.full(len(values), 2 * sum(values)))


@behaviour(
    "broadcasting.incompatible-shapes-raise",
    level=MUST,
    profile=FUNCTIONAL,
    source=_SEMANTICS,
    kills=["incompatible-shapes-repeat"],
)
def incompatible_shapes_raise(p):
    """Shapes that differ in a dimension where neither is 1 raise RuntimeError."""
    for first, second in (((5, 2, 4, 1), (3, 1, 1)), ((0,), (2, 2)), ((2,), (3,)), ((2, 3), (2,))):
        a, b = p.constant(_whole(first)), p.constant(_whole(second))
        with p.raises("RuntimeError", "must match"):
            a + b
        with p.raises("RuntimeError", "must match"):
            a * b


@behaviour(
    "broadcasting.in-place-keeps-shape",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PAGE}, in-place semantics",
    kills=["in-place-target-grows"],
)
def in_place_keeps_shape(p):
    """An in-place operation may broadcast its argument but not its target: a target that would have to grow raises
    RuntimeError.
    """
    x = p.constant(np.zeros((5, 3, 4, 1)))
    p.expect(x.add_(p.constant(np.ones((3, 1, 1)))), np.ones((5, 3, 4, 1)))
    for target, argument in (((1, 3, 1), (3, 1, 7)), ((2,), (2, 2)), ((), (1,))):
        y = p.constant(_whole(target))
        with p.raises("RuntimeError"):
            y.add_(p.constant(_whole(argument)))
        p.expect(y, _whole(target))


@behaviour(
    "broadcasting.in-place-argument-gradient-reduced",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PAGE}, in-place semantics",
    kills=["no-unbroadcast"],
)
def in_place_argument_gradient_reduced(p):
    """The gradient of a broadcast argument of an in-place operation is summed to its shape."""
    for target, argument in (((3, 2), (2,)), ((2, 3), (2, 1)), ((2, 2), ())):
        b, x = p.leaf(_whole(argument)), p.constant(np.zeros(target))
        x.add_(b)
        x.sum().backward()
        p.expect(b.grad, _reduced(np.ones(target), argument))


@behaviour("broadcasting.zero-size-dimension", level=SHOULD, profile=FUNCTIONAL, source=_SEMANTICS)
def zero_size_dimension(p):
    """Broadcasting against an empty tensor gives an empty result and a zero gradient."""
    for shape, empty in (((1, 1), (0, 1)), ((1, 3), (0, 3)), ((), (0,)), ((2, 1), (2, 0))):
        a = p.leaf(_whole(shape))
        y = a * p.constant(np.ones(empty))
        p.expect(y.shape, np.broadcast_shapes(shape, empty))
        p.expect(p.grad(y.sum(), a)[0], np.zeros(shape))
