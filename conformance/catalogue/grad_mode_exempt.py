"""What the grad modes leave alone: factories, leaves and their updates, parameters, evaluation mode, initialisation."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, also, behaviour


def _factories(torch):
    """A tensor from each kind of factory, each asked to require grad."""
    yield "ones", torch.ones(2, requires_grad=True)
    yield "zeros", torch.zeros((2, 3), requires_grad=True)
    yield "full", torch.full((2,), 3.0, requires_grad=True)
    yield "rand", torch.rand(3, requires_grad=True)
    yield "randn", torch.randn(3, requires_grad=True)
    yield "tensor", torch.tensor([1.0], requires_grad=True)


@behaviour(
    "grad-mode.no-grad-factories-exempt",
    level=MUST,
    profile=IMPERATIVE,
    source="no_grad, docstring: factory functions that take requires_grad are not affected",
    kills=["factory-ignores-requires-grad"],
)
def no_grad_factories_exempt(torch):
    """Factory functions with requires_grad=True are not affected by no_grad: the tensor that they create requires
    grad.
    """
    with torch.no_grad():
        made = dict(_factories(torch))
    for name, tensor in made.items():
        assert tensor.requires_grad, f"under no_grad {name}(requires_grad=True) does not require grad"
        (tensor * 3).sum().backward()
        assert tensor.grad.unique().tolist() == [3.0], f"the gradient of {name} is {tensor.grad}"


@behaviour(
    "grad-mode.override-in-no-grad-contradicted-by-factories",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd notes, default mode",
    discrepancy="The notes say that requires_grad is always overridden to False in the two other modes; the attribute "
    "still reads True for existing leaves and for what factories make, which the docstring of no_grad grants.",
    kills=["no-grad-leaks", "factory-ignores-requires-grad"],
)
def override_in_no_grad_contradicted_by_factories(torch):
    """In no-grad and inference mode a tensor made by a factory with requires_grad=True reads requires_grad True,
    although no operation on it is recorded.
    """
    with torch.no_grad():
        for name, tensor in _factories(torch):
            assert tensor.requires_grad, f"under no_grad {name}(requires_grad=True) reads False"
            assert not (tensor * 2).requires_grad, f"under no_grad an operation on the result of {name} was recorded"


@also("grad-mode.override-in-no-grad-contradicted-by-factories", needs=["inference-mode"])
def factories_in_inference_mode(torch):
    """The same in inference mode."""
    with torch.inference_mode():
        for name, tensor in _factories(torch):
            assert tensor.requires_grad, f"in inference mode {name}(requires_grad=True) reads False"
            assert not (tensor * 2).requires_grad, f"in inference mode an operation on {name} was recorded"


@behaviour(
    "grad-mode.no-grad-allows-in-place-on-leaf",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd notes, no-grad mode: a parameter update in an optimizer",
    kills=["no-grad-leaks"],
)
def no_grad_allows_in_place_on_leaf(p):
    """Under no_grad a leaf that requires grad may be updated in place; the update is not recorded, and the leaf stays a
    leaf that requires grad.
    """
    w = p.leaf([1.0, -2.0])
    (w * w).sum().backward()
    with p.no_grad():
        w -= 0.25 * w.grad
    p.expect(w, [0.5, -1.0])
    for flag, value in ((w.is_leaf, True), (w.requires_grad, True), (w.grad_fn, None)):
        p.expect(flag, value)
    w.grad = None
    (w * w * w).sum().backward()
    p.expect(w.grad, [0.75, 3.0])


@behaviour(
    "grad-mode.no-grad-output-can-be-made-leaf",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Autograd notes, table of grad modes",
    kills=["set-requires-grad-ignored"],
)
def no_grad_output_can_be_made_leaf(p):
    """A tensor created under no_grad may be given requires_grad_() afterwards and then takes part in recorded
    computation.
    """
    x = p.leaf([1.0, -2.0])
    with p.no_grad():
        y = x * 2
    p.expect_same(y, y.requires_grad_())
    p.expect(y.is_leaf, True)
    (y * y).sum().backward()
    p.expect(y.grad, [4.0, -8.0])
    p.expect(x.grad, None)


@behaviour(
    "grad-mode.no-grad-parameter-exempt",
    level=MUST,
    profile=IMPERATIVE,
    source="no_grad and nn.Parameter, docstrings",
    kills=["factory-ignores-requires-grad"],
    needs=["nn"],
)
def no_grad_parameter_exempt(torch):
    """A Parameter created under no_grad still requires grad."""
    with torch.no_grad():
        weight = torch.nn.Parameter(torch.ones(3))
        frozen = torch.nn.Parameter(torch.ones(3), requires_grad=False)
        layer = torch.nn.Linear(2, 1)
    assert weight.requires_grad, "a Parameter made under no_grad does not require grad"
    assert not frozen.requires_grad, "Parameter(requires_grad=False) requires grad"
    assert all(q.requires_grad for q in layer.parameters()), "a layer made under no_grad is frozen"
    (weight * 2).sum().backward()
    assert weight.grad.tolist() == [2.0, 2.0, 2.0], f"the gradient of the Parameter is {weight.grad}"


@behaviour(
    "grad-mode.eval-is-orthogonal",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd notes, evaluation mode",
    kills=["eval-disables-grad"],
    needs=["nn"],
)
def eval_is_orthogonal(torch):
    """module.eval() does not disable gradients: outputs of a module in eval mode still require grad and backward
    works.
    """
    module = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Dropout(0.5)).eval()
    assert torch.is_grad_enabled(), "eval() switched recording off"
    y = module(torch.tensor([[3.0, -4.0]]))
    assert y.requires_grad, "the output of a module in eval mode does not require grad"
    y.sum().backward()
    weight, bias = module[0].weight, module[0].bias
    assert weight.grad.tolist() == [[3.0, -4.0]], f"the gradient of the weight is {weight.grad}"
    assert bias.grad.tolist() == [1.0], f"the gradient of the bias is {bias.grad}"


@behaviour(
    "grad-mode.eval-equals-train-false",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd notes, evaluation mode; nn.Module.eval, docstring",
    kills=["eval-disables-grad"],
    needs=["nn"],
)
def eval_equals_train_false(torch):
    """module.eval() and module.train(False) have the same effect, and both leave requires_grad of the parameters
    alone.
    """
    for switch in (lambda m: m.eval(), lambda m: m.train(False)):
        module = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Dropout(0.5))
        module[0].bias.requires_grad_(False)
        assert switch(module) is module, "the switch did not return the module"
        assert [m.training for m in module.modules()] == [False] * 3, "a submodule is still training"
        flags = [q.requires_grad for q in module.parameters()]
        assert flags == [True, False], f"requires_grad of weight and bias became {flags}"
        x = torch.ones(4, 1)
        assert torch.equal(module[1](x), x), "dropout drops in evaluation mode"
        assert module.train().training, "train() did not switch back"


@behaviour(
    "grad-mode.init-functions-not-recorded",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Autograd notes, no-grad mode: nn.init",
    kills=["init-freezes"],
    needs=["nn"],
)
def init_functions_not_recorded(torch):
    """The functions of torch.nn.init change a parameter in place without being recorded, so that it stays a leaf that
    requires grad.
    """
    init = torch.nn.init
    parameter = torch.nn.Parameter(torch.zeros(3, 3))
    for fill in (init.xavier_normal_, init.uniform_, init.eye_, lambda q: init.constant_(q, 2.0)):
        assert fill(parameter) is parameter, "an init function returned another tensor"
        assert parameter.any(), "an init function left the parameter as it was"
        assert parameter.requires_grad, "an init function cleared requires_grad"
        assert parameter.grad_fn is None, f"an init function was recorded as {parameter.grad_fn}"
    parameter.sum().backward()
    assert parameter.grad.tolist() == [[1.0] * 3] * 3, f"the gradient is {parameter.grad}"
