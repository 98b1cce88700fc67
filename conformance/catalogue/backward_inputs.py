"""The inputs argument of backward: which tensors a pass accumulates into."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal, leaves

_INPUTS = "Tensor.backward, docstring, inputs"
_ALL = "autograd.backward, docstring, inputs"


@behaviour(
    "backward-inputs.only-listed-leaves-accumulate",
    level=MUST,
    profile=FUNCTIONAL,
    source=_INPUTS,
    kills=["backward-inputs-ignored"],
)
def only_listed_leaves_accumulate(p):
    """With inputs given, only the listed tensors receive gradients; .grad of all other leaves stays as it was."""
    for first, second in ((2.0, 3.0), ([2.0, -1.0], [3.0, 0.5])):
        a, b = p.leaf(first), p.leaf(second)
        (a * b).sum().backward(inputs=[a])
        p.expect(a.grad, second)
        p.expect(b.grad, None)


@also("backward-inputs.only-listed-leaves-accumulate")
def others_keep_what_they_have(p):
    a, b, c = p.leaf([2.0, -1.0]), p.leaf([3.0, 0.5]), p.leaf([1.0, 1.0])
    (a * b).sum().backward(inputs=[b])
    (a * b * c).sum().backward(inputs=[c, a])
    p.expect(a.grad, [3.0, 0.5])
    p.expect(b.grad, [2.0, -1.0])
    p.expect(c.grad, [6.0, -0.5])


@behaviour(
    "backward-inputs.default-all-leaves",
    level=MUST,
    profile=FUNCTIONAL,
    source=_INPUTS,
    kills=["backward-first-leaf-only"],
)
def default_all_leaves(p):
    """Without inputs every leaf that was used receives its gradient."""
    for first, second in ((2.0, 3.0), ([2.0, -1.0], [3.0, 0.5])):
        a, b, unused = p.leaf(first), p.leaf(second), p.leaf(first)
        (a * b).sum().backward()
        p.expect(a.grad, second)
        p.expect(b.grad, first)
        p.expect(unused.grad, None)


@behaviour(
    "backward-inputs.single-tensor-accepted",
    level=MUST,
    profile=IMPERATIVE,
    source=_ALL,
    kills=["backward-inputs-ignored"],
)
def single_tensor_accepted(p):
    """inputs may be a bare tensor instead of a sequence."""
    for first, second in ((2.0, 3.0), ([2.0, -1.0], [3.0, 0.5])):
        a, b = p.leaf(first), p.leaf(second)
        p.backward((a * b).sum(), inputs=b)
        p.expect(a.grad, None)
        p.expect(b.grad, first)
        (a * b).sum().backward(inputs=a)
        p.expect(a.grad, second)


@behaviour(
    "backward-inputs.dict-accepted",
    level=MUST,
    profile=IMPERATIVE,
    source=_ALL,
    kills=["backward-inputs-ignored"],
    needs=["nn"],
)
def dict_accepted(torch):
    """inputs may be a dict of tensors, whose values are used as inputs."""
    module = torch.nn.Linear(2, 1)
    for run in (lambda y, d: y.backward(inputs=d), lambda y, d: torch.autograd.backward(y, inputs=d)):
        x = torch.ones(1, 2, requires_grad=True)
        module.zero_grad()
        run(module(x), dict(module.named_parameters()))
        assert_equal(module.weight.grad, [[1.0, 1.0]])
        assert_equal(module.bias.grad, [1.0])
        assert x.grad is None
        run(module(x), {"x": x})
        assert_equal(x.grad, module.weight)


@behaviour(
    "backward-inputs.non-leaf-accumulates",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_INPUTS}, note on inputs that are no leaves",
    kills=["backward-inputs-ignored"],
)
def non_leaf_accumulates(p):
    """A non-leaf may be listed in inputs; the gradient is then accumulated into its .grad and leaves beyond it receive
    nothing.
    """
    for value, three, six in ((2.0, 3.0, 6.0), ([2.0, -1.0], [3.0, 3.0], [6.0, 6.0])):
        x = p.leaf(value)
        y = x * x
        (3 * y).sum().backward(inputs=[y], retain_graph=True)
        p.expect(y.grad, three)
        p.expect(x.grad, None)
        (3 * y).sum().backward(inputs=[y])
        p.expect(y.grad, six)


@behaviour(
    "backward-inputs.gradient-edge-accepted",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_ALL,
    kills=["gradient-edges-refused"],
    depends=["graph.gradient-edge"],
)
def gradient_edge_accepted(torch):
    """backward accepts GradientEdge objects as roots and, for a leaf, as inputs."""
    edge = torch.autograd.graph.get_gradient_edge
    for x in leaves(torch):
        y = x * x
        seed = torch.ones_like(x.detach())
        torch.autograd.backward(edge(y), grad_tensors=(seed,), inputs=[edge(x)])
        assert_equal(x.grad, 2 * x)


@behaviour(
    "backward-inputs.empty-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_ALL,
    kills=["backward-inputs-ignored"],
)
def empty_raises(p):
    """An empty inputs sequence raises RuntimeError."""
    for value in (1.0, [1.0, 2.0]):
        y = p.leaf(value).exp().sum()
        with p.raises("RuntimeError", "cannot be empty"):
            y.backward(inputs=[])


@behaviour(
    "backward-inputs.accumulates-like-default",
    level=MUST,
    profile=IMPERATIVE,
    source=_INPUTS,
    kills=["overwrite-grad"],
    depends=["backward-inputs.only-listed-leaves-accumulate"],
)
def accumulates_like_default(p):
    """The gradient of a listed input is added to its existing .grad."""
    for value, before, after in ((2.0, 100.0, 105.0), ([2.0, -1.0], [100.0, 0.5], [105.0, 5.5])):
        a = p.leaf(value)
        a.grad = p.constant(before)
        (a * 5).sum().backward(inputs=[a])
        p.expect(a.grad, after)


@behaviour(
    "backward-inputs.not-requiring-grad-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_ALL,
    kills=["backward-inputs-ignored"],
)
def not_requiring_grad_raises(p):
    """Listing a tensor that does not require grad in inputs raises RuntimeError."""
    for value in (1.0, [1.0, 2.0]):
        x, c = p.leaf(value), p.constant(value)
        y = (x * c).sum()
        with p.raises("RuntimeError"):
            y.backward(inputs=[c])
        p.expect(x.grad, None)
