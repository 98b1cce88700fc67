"""torch.autograd.grad: gradients that are returned, for outputs, grad_outputs and inputs of every kind."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MAY, MUST, SHOULD, also, behaviour

_VALUES = ([-3.0], [1.5, -2.0], [[0.5, -4.0], [3.0, 1.0]])
_WEIGHTS = ([0.5], [10.0, -0.25], [[1.0, 0.0], [-2.0, 8.0]])  # of the shapes of _VALUES; products stay exact
_PAIRS = ((2.0, 3.0), (-0.5, 4.0), (0.0, 1.5))
_GRAD = "PyTorch documentation, torch.autograd.grad"


@behaviour("autograd-grad.returns-tuple", level=MUST, profile=IMPERATIVE, source=_GRAD, kills=["grad-returns-bare"])
def returns_tuple(torch):
    """torch.autograd.grad returns a tuple with one gradient per input, in the order of the inputs, also for a single
    bare input.
    """
    for u, v in _PAIRS:
        x, y = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (u, v))
        for inputs, expected in (((y, x), [u, v]), ([x, y], [v, u]), (x, [v]), ([y], [u])):
            result = torch.autograd.grad(x * y, inputs)
            assert type(result) is tuple, f"expected a tuple, got {type(result).__name__}"
            values = [gradient.item() for gradient in result]
            assert values == expected, f"expected {expected}, got {values}"


@also("autograd-grad.returns-tuple")
def in_the_order_of_the_inputs(p):
    for u, v in _PAIRS:
        x, y = p.leaf(u), p.leaf(v)
        for inputs, expected in (((y, x), (u, v)), ((x, y), (v, u)), ((y,), (u,)), (x, (v,))):
            for gradient, value in zip(p.grad(x * y, inputs), expected, strict=True):
                p.expect(gradient, value)


@behaviour(
    "autograd-grad.does-not-accumulate",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_GRAD}, inputs",
    kills=["grad-accumulates"],
)
def does_not_accumulate(p):
    """torch.autograd.grad changes no .grad field, neither of the inputs nor of other leaves."""
    for u, v in _PAIRS:
        x, y, z = p.leaf(u), p.leaf(v), p.leaf(v)
        y.grad = p.constant(7.0)
        z.grad = p.constant(-1.0)
        p.expect(p.grad(x * y * z, [x, z])[0], v * v)
        p.expect(x.grad, None)  # an input
        p.expect(y.grad, 7.0)  # another leaf
        p.expect(z.grad, -1.0)  # an input that has a .grad


@also("autograd-grad.does-not-accumulate")
def each_call_starts_afresh(p):
    for values in _VALUES:
        x = p.leaf(values)
        y = (x * x).sum()
        for _ in range(3):
            p.expect(p.grad(y, x, retain_graph=True)[0], 2 * np.array(values))


@behaviour(
    "autograd-grad.dict-inputs-give-dict",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_GRAD}, inputs",
    kills=["dict-inputs-give-tuple"],
)
def dict_inputs_give_dict(torch):
    """When inputs is a dict the result is a dict with the same keys."""
    for u, v in _PAIRS:
        x, y = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (u, v))
        for inputs, expected in (({"a": x, "b": y}, [v, u]), ({"z": y, "a": x}, [u, v]), ({"only": x}, [v])):
            result = torch.autograd.grad(x * y, inputs)
            assert type(result) is dict, f"expected a dict, got {type(result).__name__}"
            assert list(result) == list(inputs), f"expected the keys {list(inputs)}, got {list(result)}"
            values = [gradient.item() for gradient in result.values()]
            assert values == expected, f"expected {expected}, got {values}"


@behaviour(
    "autograd-grad.several-outputs-summed",
    level=MUST,
    profile=FUNCTIONAL,
    source=_GRAD,
    kills=["first-root-only", "ignores-cotangent"],
)
def several_outputs_summed(p):
    """For several outputs the gradients are summed over the outputs, each weighted by its grad_outputs entry."""
    for value in (2.0, -0.5, 4.0):
        x = p.leaf(value)
        p.expect(p.grad((x * x, 5 * x), x)[0], 2 * value + 5)
        weights = (p.constant(10.0), p.constant(-1.0))
        p.expect(p.grad((x * x, 5 * x), x, weights)[0], 20 * value - 5)


@also("autograd-grad.several-outputs-summed")
def outputs_of_different_shapes(p):
    for values, weights in zip(_VALUES, _WEIGHTS, strict=True):
        x, y = p.leaf(values), p.leaf(2.0)
        shared = x * y
        gx, gy = p.grad((shared, (shared * shared).sum()), (x, y), (p.constant(weights), p.constant(3.0)))
        p.expect(gx, 2 * np.array(weights) + 3 * 8 * np.array(values))
        p.expect(gy, np.sum(np.array(values) * np.array(weights)) + 3 * 4 * np.sum(np.array(values) ** 2))


@behaviour(
    "autograd-grad.non-scalar-needs-grad-outputs",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_GRAD}, grad_outputs",
    kills=["non-scalar-seeds-ones", "bare-tensor-refused"],
)
def non_scalar_needs_grad_outputs(p):
    """A non-scalar output without grad_outputs raises RuntimeError; a bare tensor is accepted for a single output."""
    for values, weights in ((_VALUES[1], _WEIGHTS[1]), (_VALUES[2], _WEIGHTS[2]), ([[1.0, 2.0]], [[3.0, 4.0]])):
        x, v = p.leaf(values), p.constant(weights)
        with p.raises("RuntimeError", "scalar outputs"):
            p.grad(x * 2, x)
        p.expect(p.grad(x * 2, x, v)[0], 2 * np.array(weights))
        p.expect(p.grad([x * 2], [x], [v])[0], 2 * np.array(weights))


@behaviour(
    "autograd-grad.wrong-grad-outputs-shape-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_GRAD}, grad_outputs",
    kills=["cotangent-broadcast"],
)
def wrong_grad_outputs_shape_raises(p):
    """A grad_outputs entry whose shape differs from its output raises RuntimeError."""
    for output, weights in (((2,), (3,)), ((2,), (1,)), ((2, 2), (2,)), ((2, 3), (3, 2)), ((), (1,))):
        x = p.leaf(np.ones(output))
        with p.raises("RuntimeError", "shape"):
            p.grad(x * 2, x, p.constant(np.ones(weights)))
        p.expect(x.grad, None)


@behaviour(
    "autograd-grad.intermediate-input",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_GRAD}, inputs",
    kills=["intermediate-input-unused"],
)
def intermediate_input(p):
    """An intermediate result can be an input: the gradient with respect to it is returned."""
    for values in _VALUES:
        x = p.leaf(values)
        h = x * x
        p.expect(p.grad((3 * h * h).sum(), h)[0], 6 * np.array(values) ** 2)


@behaviour(
    "autograd-grad.input-and-its-ancestor",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="PyTorch notes on autograd mechanics, whether a hook of a tensor passed as inputs is fired",
    kills=["intermediate-input-unused"],
)
def input_and_its_ancestor(p):
    """Asking for a tensor and for its ancestor at once gives both gradients, the ancestor's through the tensor."""
    for values in _VALUES:
        for ancestor_first in (True, False):
            x = p.leaf(values)
            h = x * x
            gradients = p.grad((3 * h).sum(), (x, h) if ancestor_first else (h, x))
            dx, dh = gradients if ancestor_first else reversed(gradients)
            p.expect(dx, 6 * np.array(values))
            p.expect(dh, np.full(np.shape(values), 3.0))


@behaviour(
    "autograd-grad.input-is-output",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=_GRAD,
    kills=["intermediate-input-unused", "ignores-cotangent"],
)
def input_is_output(p):
    """The gradient of an output with respect to itself is the incoming vector."""
    for values, weights in zip(_VALUES, _WEIGHTS, strict=True):
        leaf = p.leaf(values)
        result = leaf * 2
        for tensor in (result, leaf):
            p.expect(p.grad(tensor, tensor, p.constant(weights))[0], weights)


@behaviour(
    "autograd-grad.input-without-requires-grad-raises",
    level=MUST,
    profile=IMPERATIVE,
    source=_GRAD,
    kills=["constant-input-unused"],
)
def input_without_requires_grad_raises(p):
    """An input that does not require grad raises RuntimeError."""
    for values in _VALUES:
        x, c = p.leaf(values), p.constant(values)
        for inputs in (c, (x, c), x.detach()):
            with p.raises("RuntimeError", "does not require grad"):
                p.grad((x * c).sum(), inputs)


@behaviour("autograd-grad.repeated-input", level=MAY, profile=FUNCTIONAL, source=_GRAD)
def repeated_input(p):
    """An input listed twice gets its gradient at both positions."""
    for values in _VALUES:
        x, y = p.leaf(values), p.leaf(values)
        first, between, last = p.grad((x * x * y).sum(), (x, y, x))
        p.expect(first, 2 * np.array(values) ** 2)
        p.expect(between, np.array(values) ** 2)
        p.expect(last, 2 * np.array(values) ** 2)


@behaviour(
    "autograd-grad.none-grad-output-for-scalar",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_GRAD}, grad_outputs",
    kills=["first-root-only", "implicit-seed-two"],
)
def none_grad_output_for_scalar(p):
    """None in grad_outputs stands for 1 at scalar outputs."""
    for value in (2.0, -0.5, 4.0):
        x = p.leaf(value)
        p.expect(p.grad((x * 2, x * 3), x, (None, p.constant(10.0)))[0], 32.0)
        p.expect(p.grad((x * x, x * 3), x, (p.constant(-1.0), None))[0], 3 - 2 * value)
        p.expect(p.grad((x * x, x * 3), x, (None, None))[0], 2 * value + 3)
        p.expect(p.grad([x * x], x, [None])[0], 2 * value)


@behaviour(
    "autograd-grad.same-as-backward",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_GRAD} and torch.autograd.backward",
    kills=["grad-accumulates", "last-path-wins"],
)
def same_as_backward(p):
    """grad and backward give the same numbers for the same graph."""
    for values in _VALUES:
        x, w = p.leaf(values), p.leaf(np.full(np.shape(values), 0.5))
        y = (x * x * w + w * x).sum()
        gx, gw = p.grad(y, (x, w), retain_graph=True)
        y.backward()
        p.expect_equal(x.grad, gx)
        p.expect_equal(w.grad, gw)
        p.expect(gx, np.array(values) + 0.5)
        p.expect(gw, np.array(values) ** 2 + np.array(values))


@also("autograd-grad.same-as-backward")
def known_numbers_by_grad(p):
    for values, weights in zip(_VALUES, _WEIGHTS, strict=True):
        x, w = p.leaf(values), p.leaf(weights)
        gx, gw = p.grad((x * x * w).sum(), (x, w))
        p.expect(gx, 2 * np.array(values) * np.array(weights))
        p.expect(gw, np.array(values) ** 2)
