"""torch.func and modules: functional_call, stacked ensembles, functionalize, and batch norm without statistics."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MAY, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises

_CALL = "PyTorch documentation, torch.func.functional_call"
_NEEDS = ("func", "nn")


def _tensor(torch, values):
    return torch.tensor(values, dtype=torch.float64)


def _linear(torch, weight, bias):
    """A linear layer in float64 with these parameters."""
    layer = torch.nn.Linear(len(weight[0]), len(weight)).double()
    with torch.no_grad():
        layer.weight.copy_(_tensor(torch, weight))
        layer.bias.copy_(_tensor(torch, bias))
    return layer


@behaviour(
    "func.functional-call-replaces",
    level=MUST,
    profile=FUNCTIONAL,
    source=_CALL,
    kills=["functional-call-keeps-values"],
    needs=_NEEDS,
)
def functional_call_replaces(torch):
    """functional_call runs a module with the given parameters and buffers in place of its own, which stay unchanged;
    missing ones keep the module's values unless strict=True, which raises RuntimeError.
    """
    call = torch.func.functional_call
    module = _linear(torch, [[3.0]], [0.25])
    new = {"weight": _tensor(torch, [[2.0]]), "bias": _tensor(torch, [0.0])}
    assert_equal(call(module, new, _tensor(torch, [[5.0]])), [[10.0]], "the output with new parameters")
    assert_equal(module.weight, [[3.0]], "the module's own weight")
    assert_equal(module.bias, [0.25], "the module's own bias")
    assert_equal(module(_tensor(torch, [[5.0]])), [[15.25]], "the output of the module afterwards")
    some = {"weight": new["weight"]}
    assert_equal(call(module, some, _tensor(torch, [[5.0]])), [[10.25]], "the output with the module's own bias")
    with raises(RuntimeError):
        call(module, some, _tensor(torch, [[5.0]]), strict=True)


@behaviour(
    "func.functional-call-grad",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_CALL}; migrating from functorch",
    kills=["functional-call-detaches"],
    needs=_NEEDS,
    depends=["func.functional-call-replaces"],
)
def functional_call_grad(torch):
    """grad over functional_call gives the gradients of a model in a dict with its parameter names, equal to those of
    backward.
    """
    module = _linear(torch, [[1.0, -2.0, 0.5], [0.0, 1.0, 3.0]], [0.5, -1.0])
    x, target = _tensor(torch, [[1.0, 2.0, 3.0], [0.0, -1.0, 2.0]]), _tensor(torch, [[1.0, 0.0], [2.0, -2.0]])

    def loss(output):
        return torch.nn.functional.mse_loss(output, target)

    parameters = dict(module.named_parameters())
    found = torch.func.grad(lambda p: loss(torch.func.functional_call(module, p, (x,))))(parameters)
    assert set(found) == {"weight", "bias"}, f"the gradients are named {sorted(found)}"
    loss(module(x)).backward()
    for name, parameter in module.named_parameters():
        assert_close(found[name], parameter.grad, f"the gradient of {name}")
        assert found[name].any().item(), f"the gradient of {name} is zero"


@behaviour(
    "func.functional-call-in-place-reflected",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_CALL}, note",
    needs=_NEEDS,
    depends=["func.functional-call-replaces"],
)
def functional_call_in_place_reflected(torch):
    """An update of a buffer by the module during functional_call shows in the passed dict, not in the module."""

    class Counting(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("count", torch.zeros(()))

        def forward(self, x):
            self.count = self.count + 1
            return x + self.count

    module, passed = Counting(), {"count": torch.zeros(())}
    for calls in (1.0, 2.0):
        assert_equal(torch.func.functional_call(module, passed, torch.ones(())), 1.0 + calls, "the output")
        assert_equal(passed["count"], calls, "the buffer in the dict")
        assert_equal(module.count, 0.0, "the buffer of the module")


@behaviour(
    "func.functional-call-tied-weights",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_CALL}, tie_weights",
    needs=_NEEDS,
    depends=["func.functional-call-replaces"],
)
def functional_call_tied_weights(torch):
    """Tied weights are replaced together by default and separately with tie_weights=False."""

    class Tied(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.one = torch.nn.Parameter(torch.tensor(1.0))
            self.other = self.one

        def forward(self, x):
            return x + self.one + 10 * self.other

    module, passed, zero = Tied(), {"one": torch.tensor(5.0)}, torch.zeros(())
    assert_equal(torch.func.functional_call(module, passed, zero), 55.0, "with both replaced")
    assert_equal(torch.func.functional_call(module, passed, zero, tie_weights=False), 15.0, "with one replaced")


@behaviour(
    "func.stack-module-state",
    level=MUST,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.func.stack_module_state",
    kills=["stacked-state-detached"],
    needs=(*_NEEDS, "vmap"),
)
def stack_module_state(torch):
    """stack_module_state stacks parameters and buffers of equal modules by name; the stacked parameters are leaves that
    require grad and are unrelated to the originals.
    """
    modules = [_linear(torch, [[k, 1.0, -k], [0.5, k, 2.0]], [k, -1.0]) for k in (1.0, 2.0, 3.0)]
    parameters, buffers = torch.func.stack_module_state(modules)
    assert_equal(parameters["weight"], torch.stack([m.weight for m in modules]), "the stacked weights")
    for name, stacked in parameters.items():
        assert stacked.is_leaf, f"the stacked {name} is no leaf"
        assert stacked.requires_grad, f"the stacked {name} does not require grad"
    x = _tensor(torch, [[1.0, 2.0, 3.0], [0.0, -1.0, 2.0]])

    def call(p, b, x):
        return torch.func.functional_call(modules[0], (p, b), x)

    output = torch.func.vmap(call, (0, 0, None))(parameters, buffers, x)
    assert_close(output, torch.stack([m(x) for m in modules]), "the outputs of the ensemble")
    output.sum().backward()
    assert parameters["weight"].grad is not None, "the stacked weights got no gradient"
    assert all(m.weight.grad is None for m in modules), "the original weights got a gradient"


@behaviour(
    "func.functionalize-preserves-semantics",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.func.functionalize",
    needs=("func",),
)
def functionalize_preserves_semantics(torch):
    """functionalize(f) gives the same result as f for a function that mutates intermediates through views."""

    def function(a):
        b = a + 1
        b.view(-1).add_(1)
        b[0].mul_(3)
        return b

    for values in ([1.0, 2.0], [[1.0, -2.0], [0.5, 4.0]]):
        x = _tensor(torch, values)
        assert_equal(torch.func.functionalize(function)(x), function(x), "the functionalized result")
        both = torch.func.functionalize(function, remove="mutations_and_views")(x)
        assert_equal(both, function(x), "the result without mutations and views")
        assert_equal(x, values, "the argument")


@behaviour(
    "func.replace-batch-norm",
    level=MAY,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.func.replace_all_batch_norm_modules_",
    needs=_NEEDS,
)
def replace_batch_norm(torch):
    """replace_all_batch_norm_modules_ sets running statistics to None and track_running_stats to False in place and
    returns the root.
    """
    nn = torch.nn
    root = nn.Sequential(nn.BatchNorm1d(2), nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)))
    assert torch.func.replace_all_batch_norm_modules_(root) is root, "another module came back"
    for norm in (root[0], root[1][1]):
        assert norm.running_mean is None, "a running mean is left"
        assert norm.running_var is None, "a running variance is left"
        assert norm.track_running_stats is False, "statistics are tracked"
