"""torch.func.jvp and linearize: what is pushed forward, nested and checked."""

from __future__ import annotations

import math

import numpy as np

from conformance.cases import FUNCTIONAL, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises

_JVP = "PyTorch documentation, torch.func.jvp"
_NEEDS = ("func",)


def _tensor(torch, values):
    return torch.tensor(values, dtype=torch.float64)


@behaviour(
    "func.jvp-basic", level=MUST, profile=FUNCTIONAL, source=_JVP, kills=["tangents-keep-first-term"], needs=_NEEDS
)
def jvp_basic(torch):
    """jvp(f, primals, tangents) returns (output, tangent of the output): for x * y with unit tangents x + y."""
    for a, b in ((2.0, 5.0), (-1.0, 0.5)):
        one = _tensor(torch, [1.0])
        output, t = torch.func.jvp(lambda x, y: x * y, (_tensor(torch, [a]), _tensor(torch, [b])), (one, one))
        assert_equal(output, [a * b], "the output")
        assert_equal(t, [a + b], "the tangent")
    factors = _tensor(torch, [1.0, 2.0, 3.0])
    _, t = torch.func.jvp(lambda x: x * factors, (_tensor(torch, 1.0),), (_tensor(torch, 1.0),))
    assert_equal(t, [1.0, 2.0, 3.0], "the tangent of a vector")


@also("func.jvp-basic")
def pushed_forward(p):
    for a, b, da, db in ((2.0, 5.0, 1.0, 1.0), ([1.0, -3.0], [0.5, 4.0], [2.0, 1.0], [-1.0, 8.0])):
        points, tangents = (p.constant(a), p.constant(b)), (p.constant(da), p.constant(db))
        y, t = p.jvp(lambda x, y: x * y, points, tangents, name="func")
        p.expect(y, np.array(a) * np.array(b))
        p.expect(t, np.array(da) * np.array(b) + np.array(a) * np.array(db))


@behaviour(
    "func.jvp-has-aux",
    level=MUST,
    profile=FUNCTIONAL,
    source=_JVP,
    kills=["aux-dropped"],
    needs=_NEEDS,
    depends=["func.jvp-basic"],
)
def jvp_has_aux(torch):
    """With has_aux=True jvp returns (output, tangent, aux)."""
    for value in (3.0, -0.5):
        x, one = _tensor(torch, [value]), _tensor(torch, [1.0])
        found = torch.func.jvp(lambda x: (x**2, x + 1), (x,), (one,), has_aux=True)
        assert len(found) == 3, f"has_aux=True gives {len(found)} results"
        for part, expected in zip(found, (value**2, 2 * value, value + 1), strict=True):
            assert_equal(part, [expected], "output, tangent or aux")


@behaviour(
    "func.jvp-structure-mismatch-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_JVP}, tangents",
    kills=["tangents-unchecked"],
    needs=_NEEDS,
)
def jvp_structure_mismatch_raises(torch):
    """Tangents of another structure or shape than the primals raise RuntimeError."""
    x, y, pair = _tensor(torch, [2.0]), _tensor(torch, [5.0]), _tensor(torch, [2.0, 1.0])
    for primals, tangents in (((x, y), (x,)), ((x,), (x, y)), ((pair,), (x,)), ((x,), (pair,))):
        with raises(RuntimeError):
            torch.func.jvp(lambda *xs: sum(xs), primals, tangents)


@also("func.jvp-structure-mismatch-raises")
def tangent_of_another_shape(p):
    for primal, tangent in (([2.0, 1.0], [1.0]), ([1.0], [2.0, 1.0])):
        x, t = p.constant(primal), p.constant(tangent)
        with p.raises("RuntimeError"):
            p.jvp(lambda x: x * 2, (x,), (t,), name="func")


@behaviour(
    "func.jvp-independent-output-is-zero",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_JVP}, strict",
    needs=_NEEDS,
    depends=["func.jvp-basic"],
)
def jvp_independent_output_is_zero(torch):
    """An output that does not depend on the inputs has a zero tangent, and with strict=True it raises RuntimeError."""
    for constant in ([5.0], [[1.0, 2.0]]):
        c, x = _tensor(torch, constant), _tensor(torch, [1.0])
        output, t = torch.func.jvp(lambda x, c=c: c, (x,), (x,))
        assert_equal(output, constant, "the output")
        assert_equal(t, (0 * np.array(constant)).tolist(), "the tangent")
        with raises(RuntimeError):
            torch.func.jvp(lambda x, c=c: c, (x,), (x,), strict=True)


@also("func.jvp-independent-output-is-zero")
def constant_function(p):
    for constant in ([5.0], [[1.0, 2.0]]):
        c, x = p.constant(constant), p.constant([1.0])
        y, t = p.jvp(lambda x, c=c: c * 1, (x,), (x,), name="func")
        p.expect(y, constant)
        p.expect(t, 0 * np.array(constant))


@behaviour(
    "func.jvp-nested-higher-order",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.autograd.forward_ad.dual_level: nesting needs torch.func.jvp",
    kills=["perturbations-confused"],
    needs=_NEEDS,
    depends=["func.jvp-basic"],
)
def jvp_nested_higher_order(torch):
    """torch.func.jvp can be nested for higher-order forward derivatives."""

    def derivative(f):
        return lambda x: torch.func.jvp(f, (x,), (_tensor(torch, 1.0),))[1]

    for value in (0.7, -1.5):
        x = _tensor(torch, value)
        assert_close(derivative(derivative(torch.sin))(x), -math.sin(value), "the second derivative of sin")
        assert_close(derivative(derivative(derivative(lambda x: x**4)))(x), 24 * value, "the third of x**4")
        # d/dx (x * d/dy (x + y)) at y = 1 is 1; with the two directions confused it is 2
        confused = derivative(lambda x: x * derivative(lambda y, x=x: x + y)(_tensor(torch, 1.0)))
        assert_close(confused(x), 1.0, "a derivative inside a derivative")


@also("func.jvp-nested-higher-order")
def pushed_forward_twice(p):
    for value in (2.0, -0.5):
        one = p.constant(1.0)

        def slope(x, one=one):
            _, t = p.jvp(lambda x: x * x * x, (x,), (one,), name="func")
            return t

        first, second = p.jvp(slope, (p.constant(value),), (one,), name="func")
        p.expect(first, 3 * value**2)
        p.expect(second, 6 * value)


@also("func.jvp-nested-higher-order")
def directions_are_not_confused(p):
    for value in (2.0, -0.5):
        one = p.constant(1.0)

        def outer(x, one=one):
            _, t = p.jvp(lambda y: x + y, (one,), (one,), name="func")
            return x * t

        _, t = p.jvp(outer, (p.constant(value),), (one,), name="func")
        p.expect(t, 1.0)


@behaviour(
    "func.linearize",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.func.linearize",
    kills=["linearize-remembers-first-tangent"],
    needs=_NEEDS,
    depends=["func.jvp-basic"],
)
def linearized(torch):
    """linearize(f, *primals) returns (output, jvp_fn), and jvp_fn gives the same as jvp for any tangent, repeatedly."""
    x = _tensor(torch, [3.0, 4.0])
    output, push = torch.func.linearize(lambda x: x**2, x)
    assert_equal(output, [9.0, 16.0], "the output")
    for tangent in ([1.0, 1.0], [0.0, 10.0], [-2.0, 0.5], [1.0, 1.0]):
        assert_equal(push(_tensor(torch, tangent)), [6 * tangent[0], 8 * tangent[1]], "the tangent")


@also("func.linearize")
def tangents_in_turn(p):
    for tangent in ([1.0, 1.0], [0.0, 10.0], [-2.0, 0.5]):
        _, t = p.jvp(lambda x: x * x, (p.constant([3.0, 4.0]),), (p.constant(tangent),), name="func")
        p.expect(t, [6 * tangent[0], 8 * tangent[1]])
