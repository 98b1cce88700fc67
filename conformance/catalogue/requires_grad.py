"""The flag requires_grad: its defaults, setting it, and how results inherit it."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MAY, MUST, also, behaviour
from conformance.catalogue.assertions import quiet


@behaviour(
    "requires-grad.default-false",
    level=MUST,
    profile=FUNCTIONAL,
    source="Autograd notes, setting requires_grad",
    kills=["requires-grad-by-default"],
)
def default_false(torch):
    """A newly created tensor does not require grad unless asked to."""
    made = {
        "tensor": torch.tensor([1.0]),
        "scalar": torch.tensor(2.0),
        "zeros": torch.zeros(2),
        "ones": torch.ones(2, 3),
        "full": torch.full((2,), 3.0),
        "rand": torch.rand(2),
        "randn": torch.randn(2),
        "zeros_like": torch.zeros_like(torch.ones(2, requires_grad=True)),
    }
    for name, tensor in made.items():
        assert not tensor.requires_grad, f"{name} gave a tensor that requires grad"
        assert tensor.grad_fn is None, f"{name} gave a tensor with grad_fn {tensor.grad_fn}"


@also("requires-grad.default-false")
def constants_stay_out(p):
    """A constant scales the derivative of its neighbours and changes nothing else about it."""
    x = p.leaf([1.0, -2.0])
    for value, gradient in ((3.0, [3.0, 3.0]), ([0.5, -1.0], [0.5, -1.0]), ([[2.0], [5.0]], [7.0, 7.0])):
        (g,) = p.grad((p.constant(value) * x).sum(), x)
        p.expect(g, gradient)


@behaviour(
    "requires-grad.parameter-default-true",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd notes, setting requires_grad; nn.Parameter, docstring",
    kills=["factory-ignores-requires-grad"],
    needs=["nn"],
)
def parameter_default_true(torch):
    """A Parameter requires grad by default, and does not with requires_grad=False."""
    data = torch.tensor([1.0, -2.0])
    weight, frozen = torch.nn.Parameter(data), torch.nn.Parameter(data, requires_grad=False)
    assert weight.requires_grad, "a Parameter does not require grad"
    assert weight.is_leaf, f"a Parameter has grad_fn {weight.grad_fn}"
    assert not frozen.requires_grad, "Parameter(requires_grad=False) requires grad"
    assert not data.requires_grad, "making a Parameter changed its data"
    (weight * frozen).sum().backward()
    assert weight.grad.tolist() == [1.0, -2.0], f"the gradient of the Parameter is {weight.grad}"
    assert frozen.grad is None, f"the frozen Parameter got {frozen.grad}"


@behaviour(
    "requires-grad.factory-keyword",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd page, Variable (deprecated)",
    kills=["factory-ignores-requires-grad"],
)
def factory_keyword(torch):
    """Factory functions such as randn, zeros and ones take requires_grad=True and then return a leaf that requires
    grad.
    """
    for name in ("randn", "rand", "zeros", "ones", "empty"):
        factory = getattr(torch, name)
        assert not factory((2, 3), requires_grad=False).requires_grad, f"{name} ignores requires_grad=False"
        x = factory((2, 3), requires_grad=True)
        assert x.requires_grad, f"{name} ignores requires_grad=True"
        assert x.is_leaf, f"{name} gave a tensor with grad_fn {x.grad_fn}"
        (2 * x).sum().backward()
        assert x.grad.tolist() == [[2.0] * 3] * 2, f"the gradient of {name} is {x.grad}"


@behaviour(
    "requires-grad.set-attribute-after-creation",
    level=MUST,
    profile=IMPERATIVE,
    source="Learner example on setting requires_grad after creation",
    kills=["set-requires-grad-ignored"],
)
def set_attribute_after_creation(p):
    """Assigning True to requires_grad of an existing leaf makes later operations on it recorded; assigning False stops
    that.
    """
    x = p.constant([1.0, -2.0])
    before = x * x
    x.requires_grad = True
    p.expect(x.requires_grad, True)
    (x * x).sum().backward()
    p.expect(x.grad, [2.0, -4.0])
    x.requires_grad = False
    p.expect(x.requires_grad, False)
    for y in (before, x * x):
        p.expect(y.requires_grad, False)
    p.expect(x.grad, [2.0, -4.0])


@behaviour(
    "requires-grad.in-place-method-returns-self",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.requires_grad_, docstring: in place, returns this tensor",
    kills=["set-requires-grad-ignored"],
)
def in_place_method_returns_self(p):
    """requires_grad_() sets the flag on the tensor itself, to True by default, and returns that same tensor."""
    for value in (1.5, [1.0, -2.0], [[3.0]]):
        x = p.constant(value)
        p.expect_same(x.requires_grad_(), x)
        p.expect(x.requires_grad, True)
        p.expect_same(x.requires_grad_(False), x)
        p.expect(x.requires_grad, False)
        p.expect(x, value)


@behaviour(
    "requires-grad.starts-recording",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.requires_grad_, docstring, example with preprocessed weights",
    kills=["set-requires-grad-ignored"],
)
def starts_recording(p):
    """After requires_grad_() on a preprocessed constant, a backward of the sum of its squares fills .grad with twice
    its value.
    """
    raw = p.constant([-0.5, 2.0])
    weights = raw * 3 + 1
    weights.requires_grad_()
    p.expect(weights.is_leaf, True)
    (weights**2).sum().backward()
    p.expect(weights.grad, [-1.0, 14.0])
    p.expect(raw.requires_grad, False)
    p.expect(raw.grad, None)


@behaviour(
    "requires-grad.any-input-propagates",
    level=MUST,
    profile=FUNCTIONAL,
    source="Autograd notes, setting requires_grad; learner example on tracking rules",
    kills=["requires-grad-not-propagated"],
)
def any_input_propagates(p):
    """The result of an operation requires grad when at least one input does."""
    x, c = p.leaf([1.0, -2.0]), p.constant([3.0, 4.0])
    pairs = (x + c, c + x, x * c, c * x, x - c, c / x, x @ c, c @ x)
    for y in (*pairs, p.op("stack", [c, x, c]), p.op("cat", [c, c, x]), p.op("where", c > 3, c, x), x * 2, 2 * x):
        p.expect(y.requires_grad, True)
        p.expect(y.is_leaf, False)
    p.expect(c.requires_grad, False)


@also("requires-grad.any-input-propagates")
def derivative_with_respect_to_any_input(p):
    """The derivative reaches the one differentiated operand, wherever it stands."""
    x, c = p.leaf([1.0, -2.0]), p.constant([3.0, 4.0])
    cases = ((c + x, [1.0, 1.0]), (x - c, [1.0, 1.0]), (c - x, [-1.0, -1.0]), (c * x, [3.0, 4.0]), (c @ x, [3.0, 4.0]))
    stacked = p.op("stack", [c, x, c * x]), [4.0, 5.0]
    for y, gradient in (*cases, stacked, (p.op("where", c > 3, c, x), [1.0, 0.0])):
        (g,) = p.grad(y.sum(), x)
        p.expect(g, gradient)


@behaviour(
    "requires-grad.no-input-no-propagation",
    level=MUST,
    profile=FUNCTIONAL,
    source="Autograd notes, setting requires_grad; learner example on tracking rules",
    kills=["requires-grad-by-default"],
)
def no_input_no_propagation(p):
    """When no input requires grad the result does not either and has no grad_fn."""
    a, b, x = p.constant([1.0, -2.0]), p.constant([3.0, 4.0]), p.leaf([5.0, 6.0])
    for y in (a + b, a * b, a @ b, a * 2, a.sum(), -a, a[0], p.op("stack", [a, b]), x.detach() * a):
        p.expect(y.requires_grad, False)
        p.expect(y.grad_fn, None)
        p.expect(y.is_leaf, True)


@also("requires-grad.no-input-no-propagation")
def computed_constants_are_constants(p):
    """A value computed from constants alone has no part in the derivative but its value."""
    a, b, x = p.constant([1.0, -2.0]), p.constant([3.0, 4.0]), p.leaf([5.0, 6.0])
    (g,) = p.grad(((a * b + a) * x * x).sum(), x)
    p.expect(g, [40.0, -120.0])


@behaviour(
    "requires-grad.non-leaf-is-true",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd notes, setting requires_grad",
    kills=["requires-grad-not-propagated"],
)
def non_leaf_is_true(torch):
    """Every tensor that has a grad_fn has requires_grad True."""
    x, c = torch.tensor([1.0, -2.0], requires_grad=True), torch.tensor([3.0, 4.0])
    results = [x * 2, c + x, x.sum(), x[0], x.clone(), x.reshape(2, 1), (c * x).detach() + x]
    with torch.no_grad():
        inside = x * 2
    for y in (*results, inside, inside * 2, c * 2, x.detach()):
        assert (y.grad_fn is not None) == y.requires_grad, f"{y} has grad_fn {y.grad_fn}"
    assert all(y.grad_fn is not None for y in results), "a result of a tensor that requires grad has no grad_fn"


@behaviour(
    "requires-grad.print-shows-flag",
    level=MAY,
    profile=IMPERATIVE,
    source="Autograd tutorials, printed tensors; learner examples",
)
def print_shows_flag(p):
    """The repr of a leaf that requires grad ends with requires_grad=True, and that of a plain tensor does not mention
    it.
    """
    for value in (1.5, [1.0, -2.0], [[3.0]]):
        x = p.leaf(value)
        p.expect_words(x.repr, ", requires_grad=True)")
        for plain in (p.constant(value), x.detach()):
            p.expect_words(plain.repr, "requires_grad", present=False)


@behaviour(
    "requires-grad.variable-wrapper-deprecated",
    level=MAY,
    profile=IMPERATIVE,
    source="Autograd page, Variable (deprecated): returns tensors",
)
def variable_wrapper_deprecated(torch):
    """torch.autograd.Variable(t, requires_grad=True) returns a Tensor that requires grad."""
    with quiet():
        v = torch.autograd.Variable(torch.ones(2), requires_grad=True)
        plain = torch.autograd.Variable(torch.ones(2))
    assert type(v) is torch.Tensor, f"Variable gave {type(v).__name__}"
    assert (v.requires_grad, plain.requires_grad) == (True, False), "Variable ignores requires_grad"
    (v * 3).sum().backward()
    assert v.grad.tolist() == [3.0, 3.0], f"the gradient of a Variable is {v.grad}"
