"""Modules and their parameters: registration, freezing, zeroing, states, casts."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_equal

_MODULE = "PyTorch documentation, torch.nn.Module"
_NOTES = "introductory autograd notes"
_NEEDS = ("nn",)


def _two_layers(torch):
    return torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))


@behaviour(
    "module.requires-grad-method",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_MODULE}.requires_grad_",
    kills=["module-freezes-own-only"],
    needs=_NEEDS,
)
def requires_grad_method(torch):
    """module.requires_grad_(False) sets requires_grad of all its parameters, including those of submodules, and returns
    the module.
    """
    module = torch.nn.Sequential(torch.nn.Linear(2, 2), _two_layers(torch))
    for flag in (False, True):
        assert module.requires_grad_(flag) is module, "requires_grad_ did not return the module"
        flags = {name: q.requires_grad for name, q in module.named_parameters()}
        assert len(flags) == 6, f"the module has the parameters {sorted(flags)}"
        assert set(flags.values()) == {flag}, f"after requires_grad_({flag}): {flags}"
    module[1].requires_grad_(False)
    flags = [q.requires_grad for q in module.parameters()]
    assert flags == [True] * 2 + [False] * 4, f"freezing the submodule left {flags}"


@behaviour(
    "module.frozen-parameters-untouched",
    level=MUST,
    profile=IMPERATIVE,
    source=f"PyTorch documentation, autograd notes, setting requires_grad; {_NOTES}",
    kills=["module-freeze-ignored", "frozen-gets-grad"],
    needs=_NEEDS,
)
def frozen_parameters_untouched(torch):
    """Frozen parameters get no .grad and are not changed by an optimizer step, while unfrozen ones are."""
    module = _two_layers(torch)
    module[0].requires_grad_(False)
    before = [q.detach().clone() for q in module.parameters()]
    optimizer = torch.optim.SGD(module.parameters(), lr=0.5, momentum=0.9, weight_decay=0.1)
    module(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    for (name, q), old in zip(module.named_parameters(), before, strict=True):
        frozen = name.startswith("0.")
        assert (q.grad is None) is frozen, f"the gradient of {name} is {q.grad}"
        assert torch.equal(q, old) is frozen, f"{name} was {'changed' if frozen else 'left as it was'}"


@behaviour(
    "module.replaced-layer-is-trainable",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_NOTES}, classifier layer; PyTorch tutorials, a gentle introduction to autograd",
    needs=_NEEDS,
)
def replaced_layer_is_trainable(torch):
    """A layer put in place after freezing the model requires grad, so that only it is trained."""
    module = _two_layers(torch).requires_grad_(False)
    module[1] = torch.nn.Linear(2, 3)
    module(torch.ones(1, 2)).sum().backward()
    trained = [name for name, q in module.named_parameters() if q.grad is not None]
    assert trained == ["1.weight", "1.bias"], f"gradients came to {trained}"


@behaviour(
    "module.zero-grad-sets-none-by-default",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_MODULE}.zero_grad; torch.optim.Optimizer.zero_grad",
    kills=["zero-grad-keeps-zeros"],
    needs=_NEEDS,
)
def zero_grad_sets_none_by_default(torch):
    """zero_grad() of a module and of an optimizer sets .grad to None by default, and to zeros in place with
    set_to_none=False.
    """
    module = _two_layers(torch)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    for zero in (module.zero_grad, optimizer.zero_grad):
        module(torch.ones(1, 2)).sum().backward()
        gradients = [q.grad for q in module.parameters()]
        zero(set_to_none=False)
        for q, g in zip(module.parameters(), gradients, strict=True):
            assert q.grad is g, "set_to_none=False replaced the gradient"
            assert not g.any().item(), f"set_to_none=False left {g}"
        zero()
        assert all(q.grad is None for q in module.parameters()), "zero_grad() left a gradient"


@behaviour(
    "module.none-for-params-without-gradient",
    level=MUST,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.optim.Optimizer.zero_grad, 2",
    kills=["zero-grad-keeps-zeros", "grad-starts-at-zero"],
    needs=_NEEDS,
)
def none_for_params_without_gradient(torch):
    """After zero_grad() and a backward that does not reach a parameter, its .grad is None."""
    layers = torch.nn.ModuleList([torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)])
    optimizer = torch.optim.SGD(layers.parameters(), lr=0.1)
    x = torch.ones(1, 1)
    for zero in (optimizer.zero_grad, layers.zero_grad):
        (layers[0](x) + layers[1](x)).backward()
        zero()
        layers[0](x).backward()
        assert layers[0].weight.grad is not None, "a parameter that was reached has no gradient"
        assert layers[1].weight.grad is None, f"a parameter that was not reached has {layers[1].weight.grad}"


@behaviour(
    "module.parameter-registration",
    level=MUST,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.nn.Parameter; notes on modules",
    kills=["buffers-are-parameters"],
    needs=_NEEDS,
)
def parameter_registration(torch):
    """A Parameter assigned as a module attribute appears in parameters(); a plain tensor or a buffer does not, and a
    buffer does not require grad by default.
    """

    class Mixed(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.parameter = torch.nn.Parameter(torch.ones(1))
            self.tensor = torch.ones(1)
            self.register_buffer("buffer", torch.ones(1))
            self.inner = torch.nn.Linear(1, 1, bias=False)

    module = Mixed()
    names = [name for name, _ in module.named_parameters()]
    assert names == ["parameter", "inner.weight"], f"the parameters are {names}"
    assert [name for name, _ in module.named_buffers()] == ["buffer"], "the buffers are not those registered"
    assert len(list(module.parameters())) == 2, "parameters() has others than named_parameters()"
    assert not module.buffer.requires_grad, "a buffer requires grad"


@behaviour(
    "module.state-dict-is-detached",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_MODULE}.state_dict",
    kills=["state-dict-attached"],
    needs=(*_NEEDS, "storage"),
)
def state_dict_is_detached(torch):
    """state_dict() holds detached tensors that share data with the parameters; with keep_vars=True they are the
    parameters themselves.
    """
    module = _two_layers(torch)
    state, kept = module.state_dict(), module.state_dict(keep_vars=True)
    for name, q in module.named_parameters():
        assert not state[name].requires_grad, f"state_dict()[{name!r}] requires grad"
        assert state[name].data_ptr() == q.data_ptr(), f"state_dict()[{name!r}] is a copy"
        assert kept[name] is q, f"state_dict(keep_vars=True)[{name!r}] is not the parameter"


@behaviour(
    "module.load-state-dict-keeps-leaves",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_MODULE}.load_state_dict; torch.Tensor.module_load",
    needs=_NEEDS,
)
def load_state_dict_keeps_leaves(torch):
    """load_state_dict copies values into the existing parameters in place, which stay the same leaf objects with their
    requires_grad.
    """
    module = torch.nn.Linear(1, 1)
    module.bias.requires_grad_(False)
    weight, bias = module.weight, module.bias
    module.load_state_dict({"weight": torch.full((1, 1), 7.0), "bias": torch.zeros(1)})
    assert module.weight is weight, "load_state_dict replaced the weight"
    assert module.bias is bias, "load_state_dict replaced the bias"
    assert_equal(weight, [[7.0]], "the weight")
    assert weight.is_leaf, "the weight is no leaf any more"
    assert [weight.requires_grad, bias.requires_grad] == [True, False], "requires_grad changed"


@behaviour(
    "module.module-cast-keeps-parameters-leaf",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_MODULE}.to",
    needs=_NEEDS,
)
def module_cast_keeps_parameters_leaf(torch):
    """module.to(dtype) changes floating-point parameters in place, which stay leaves that require grad; integer buffers
    keep their dtype.
    """
    for dtype in (torch.float64, torch.float16):
        module = torch.nn.BatchNorm1d(2)
        assert module.to(dtype) is module, "to() did not return the module"
        for name, q in module.named_parameters():
            assert q.dtype == dtype, f"{name} is {q.dtype}"
            assert q.is_leaf, f"{name} is no leaf any more"
            assert q.requires_grad, f"{name} does not require grad any more"
        assert module.num_batches_tracked.dtype == torch.long, "an integer buffer was cast"
