"""torch.autograd.functional: products with Jacobians and Hessians, and what the whole interface does to its inputs."""

from __future__ import annotations

import math

import numpy as np

from conformance.cases import FUNCTIONAL, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises

_PAGE = "PyTorch documentation, torch.autograd.functional"
_NEEDS = ("functional-api",)


def _tensor(torch, values, **kw):
    return torch.tensor(values, dtype=torch.float64, **kw)


@behaviour(
    "functional.vjp-values",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}.vjp",
    kills=["functional-vjp-ignores-vector"],
    needs=_NEEDS,
)
def vjp_values(torch):
    """functional.vjp(f, inputs, v) returns (f(inputs), v^T J) with the structure and shapes of the inputs."""
    vjp = torch.autograd.functional.vjp
    for values, v in (([[1.0, 2.0], [3.0, 4.0]], [1.0, 10.0]), ([[0.5, -1.0, 0.0]], [-2.0])):
        x = _tensor(torch, values)
        output, g = vjp(lambda x: x.exp().sum(1), x, _tensor(torch, v))
        assert_close(output, x.exp().sum(1), "f(x)")
        assert_close(g, x.exp() * _tensor(torch, v).unsqueeze(1), "v^T J")
    output, g = vjp(lambda x, y: 2 * x + 3 * y, (_tensor(torch, [1.0]), _tensor(torch, [5.0])), _tensor(torch, [4.0]))
    assert type(g) is tuple, f"for two inputs vjp gives {type(g).__name__}"
    assert_equal(output, [17.0], "f(x, y)")
    assert_equal(g[0], [8.0], "v^T dx")
    assert_equal(g[1], [12.0], "v^T dy")


@behaviour(
    "functional.vjp-default-vector",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}.vjp",
    kills=["functional-vector-defaults-to-ones"],
    needs=_NEEDS,
    depends=["functional.vjp-values"],
)
def vjp_default_vector(torch):
    """v may be left out when the output has a single element and is then 1; for a larger output leaving it out raises
    RuntimeError.
    """
    vjp = torch.autograd.functional.vjp
    for values in ([3.0], 3.0, [1.0, -2.0]):
        assert_equal(vjp(lambda x: (x**2).sum(), _tensor(torch, values))[1], (2 * np.array(values)).tolist(), "v^T J")
    for values in ([1.0, 2.0], [[1.0, 2.0]]):
        with raises(RuntimeError, "v"):
            vjp(lambda x: x**2, _tensor(torch, values))


@also("functional.vjp-default-vector")
def one_as_the_vector(p):
    for values in ([3.0], 3.0, [1.0, -2.0]):
        _, (g,) = p.vjp(lambda x: (x * x).sum(), (p.constant(values),), (p.constant(1.0),))
        p.expect(g, 2 * np.array(values))


@behaviour(
    "functional.vjp-wrong-size-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}.vjp",
    kills=["functional-vector-broadcast"],
    needs=_NEEDS,
)
def vjp_wrong_size_raises(torch):
    """A v whose size differs from the output's raises RuntimeError."""
    x = _tensor(torch, [1.0, 2.0])
    for v in ([1.0], [1.0, 1.0, 1.0], [[1.0, 1.0]], 1.0):
        with raises(RuntimeError, "size"):
            torch.autograd.functional.vjp(lambda x: x * 2, x, _tensor(torch, v))


@also("functional.vjp-wrong-size-raises")
def cotangent_of_another_size(p):
    x = p.constant([1.0, 2.0])
    for v in ([1.0], [1.0, 1.0, 1.0]):
        c = p.constant(v)
        with p.raises("RuntimeError"):
            p.vjp(lambda x: x * 2, (x,), (c,))


@behaviour(
    "functional.jvp-values",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}.jvp",
    kills=["functional-jvp-ignores-vector", "functional-vector-defaults-to-ones"],
    needs=_NEEDS,
)
def jvp_values(torch):
    """functional.jvp(f, inputs, v) returns (f(inputs), J v) with the shape of the output; v may be left out only for a
    single-element input.
    """
    jvp = torch.autograd.functional.jvp
    output, t = jvp(lambda x: x.exp().sum(1), _tensor(torch, [[1.0, 2.0]]), _tensor(torch, [[1.0, 10.0]]))
    assert_close(output, [math.e + math.exp(2)], "f(x)")
    assert_close(t, [math.e + 10 * math.exp(2)], "J v")
    pair = (_tensor(torch, [1.0, 1.0]), _tensor(torch, [1.0, 1.0]))
    _, t = jvp(lambda x, y: 2 * x + 3 * y, pair, (_tensor(torch, [1.0, 2.0]), _tensor(torch, [1.0, -1.0])))
    assert_equal(t, [5.0, 1.0], "J v of two inputs")
    for value in ([3.0], 3.0):
        assert_equal(jvp(lambda x: x**2, _tensor(torch, value))[1], (2 * np.array(value)).tolist(), "J v without v")
    with raises(RuntimeError):
        jvp(lambda x: x**2, _tensor(torch, [1.0, 2.0]))


@also("functional.vjp-values")
def products_of_a_program(p):
    for values, weights in (([1.5, -2.0], [1.0, 10.0]), ([[0.5], [3.0]], [[2.0], [-1.0]])):
        x = p.constant(values)
        y, (g,) = p.vjp(lambda x: x * x * x, (x,), (p.constant(weights),))
        p.expect(y, np.array(values) ** 3)
        p.expect(g, 3 * np.array(values) ** 2 * np.array(weights))


@also("functional.jvp-values")
def pushed_forward_by_a_program(p):
    for values, tangent in (([1.5, -2.0], [1.0, 10.0]), ([[0.5], [3.0]], [[2.0], [-1.0]])):
        y, t = p.jvp(lambda x: x * x * x, (p.constant(values),), (p.constant(tangent),))
        p.expect(y, np.array(values) ** 3)
        p.expect(t, 3 * np.array(values) ** 2 * np.array(tangent))


@behaviour(
    "functional.hvp-and-vhp",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}.hvp and vhp",
    kills=["hessian-products-elementwise"],
    needs=_NEEDS,
)
def hvp_and_vhp(torch):
    """hvp and vhp return (f(x), H v) and (f(x), v^T H) in the inputs' structure and agree for twice continuously
    differentiable functions.
    """
    functional = torch.autograd.functional
    for product in (functional.hvp, functional.vhp):
        for a, b, v in ((1.0, 2.0, [1.0, 10.0]), (-3.0, 0.5, [2.0, -1.0])):
            output, h = product(lambda x: x[0] ** 2 * x[1], _tensor(torch, [a, b]), _tensor(torch, v))
            assert_equal(output, a * a * b, "f(x)")
            assert_equal(h, [2 * b * v[0] + 2 * a * v[1], 2 * a * v[0]], product.__name__)
        pair = (_tensor(torch, [1.0]), _tensor(torch, [1.0]))
        _, t = product(lambda x, y: (2 * x.pow(2) + 3 * y.pow(2) * x).sum(), pair, (pair[0] * 0, pair[1]))
        assert type(t) is tuple, f"for two inputs {product.__name__} gives {type(t).__name__}"
        assert_equal(t[0], [6.0], f"{product.__name__}, first input")
        assert_equal(t[1], [6.0], f"{product.__name__}, second input")


@also("functional.hvp-and-vhp")
def products_from_both_sides(p):
    for a, b, v in ((1.0, 2.0, [1.0, 10.0]), (-3.0, 0.5, [2.0, -1.0])):
        one, x, direction = p.constant(1.0), p.constant([a, b]), p.constant(v)

        def gradient(x, one=one):
            return p.vjp(lambda x: x[0] * x[0] * x[1], (x,), (one,))[1][0]

        expected = [2 * b * v[0] + 2 * a * v[1], 2 * a * v[0]]
        p.expect(p.jvp(gradient, (x,), (direction,), name="func")[1], expected)
        p.expect(p.vjp(gradient, (x,), (direction,))[1][0], expected)


@behaviour(
    "functional.create-graph",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}, create_graph",
    kills=["functional-always-detached"],
    needs=_NEEDS,
)
def create_graph(torch):
    """With create_graph=True the output and the result can be differentiated further; by default neither requires grad,
    even for inputs that do.
    """
    functional = torch.autograd.functional
    for values in ([2.0], [1.0, -3.0]):
        x = _tensor(torch, values, requires_grad=True)
        assert not functional.jacobian(lambda x: x**3, x).requires_grad, "a Jacobian requires grad by default"
        recorded = functional.jacobian(lambda x: x**3, x, create_graph=True)
        (second,) = torch.autograd.grad(recorded.sum(), x)
        assert_equal(second, (6 * np.array(values)).tolist(), "the derivative of the Jacobian")
        for product, v in ((functional.vjp, None), (functional.jvp, x.detach()), (functional.hvp, x.detach())):
            for flag in (False, True):
                output, g = product(lambda x: (x**3).sum(), x, v, create_graph=flag)
                assert output.requires_grad is flag, f"{product.__name__}: the output with create_graph={flag}"
                assert g.requires_grad is flag, f"{product.__name__}: the result with create_graph={flag}"


@also("functional.create-graph")
def product_of_a_product(p):
    for values in ([2.0], [1.0, -3.0]):
        ones = p.constant(np.ones(len(values)))

        def product(x, ones=ones):
            return p.vjp(lambda x: x * x * x, (x,), (ones,))[1][0]

        p.expect(p.vjp(product, (p.constant(values),), (ones,))[1][0], 6 * np.array(values))


@behaviour(
    "functional.strict-raises-for-independent-input",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}, strict",
    kills=["functional-strict-ignored"],
    needs=_NEEDS,
)
def strict_raises_for_independent_input(torch):
    """With strict=True an input on which no output depends raises RuntimeError; by default its part of the result is
    zeros.
    """
    functional = torch.autograd.functional
    inputs = (_tensor(torch, [1.0, 2.0]), _tensor(torch, [5.0]))

    def first_only(x, _y):
        return (x**2).sum()

    assert_equal(functional.vjp(first_only, inputs)[1][1], [0.0], "vjp for the unused input")
    assert_equal(functional.jacobian(first_only, inputs)[1], [0.0], "the Jacobian for the unused input")
    v = (_tensor(torch, [0.0, 0.0]), _tensor(torch, [1.0]))
    assert_equal(functional.jvp(first_only, inputs, v)[1], 0.0, "jvp along the unused input")
    for compute in (functional.vjp, functional.jacobian):
        with raises(RuntimeError, "independent"):
            compute(first_only, inputs, strict=True)


@also("functional.strict-raises-for-independent-input")
def unused_input_gets_zeros(p):
    points = (p.constant([1.0, 2.0]), p.constant([5.0]))
    _, (used, unused) = p.vjp(lambda x, _y: (x * x).sum(), points, (p.constant(1.0),))
    p.expect(used, [2.0, 4.0])
    p.expect(unused, [0.0])


@behaviour(
    "functional.non-tensor-input-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch documentation, autograd page, functional higher level API",
    kills=["functional-takes-numbers"],
    needs=_NEEDS,
)
def non_tensor_input_raises(torch):
    """Inputs that are not tensors raise TypeError; constants and flags are captured by a lambda instead."""
    functional = torch.autograd.functional

    def scaled(x, factor, flag=True):
        return (x * factor).sum() if flag else x.sum()

    for other in (3.0, True, "text"):
        for compute in (functional.jacobian, functional.vjp, functional.hessian):
            with raises(TypeError):
                compute(scaled, (_tensor(torch, [1.0]), other))
    assert_equal(functional.jacobian(lambda x: scaled(x, 3.0, True), _tensor(torch, [1.0])), [3.0], "the Jacobian")


@behaviour("functional.inputs-grad-untouched", level=SHOULD, profile=FUNCTIONAL, source=_PAGE, needs=_NEEDS)
def inputs_grad_untouched(torch):
    """The functional API neither fills .grad of its inputs nor changes their requires_grad."""
    functional = torch.autograd.functional
    x, w = _tensor(torch, [1.0, 2.0]), _tensor(torch, [2.0, 3.0], requires_grad=True)
    functional.jacobian(lambda x: x * w, x)
    functional.vjp(lambda a: a * 2, w, _tensor(torch, [1.0, 1.0]))
    functional.hvp(lambda a: (a**3).sum(), w, _tensor(torch, [1.0, 1.0]))
    assert not x.requires_grad, "an input requires grad afterwards"
    assert x.grad is None, "an input got a .grad"
    assert w.grad is None, "a leaf that requires grad got a .grad"
    assert w.requires_grad, "a leaf stopped requiring grad"
