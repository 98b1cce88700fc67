"""Backward hooks of modules: what they get, what they may replace, when they run, and what they forbid."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_equal, raises

_HOOK = "PyTorch documentation, torch.nn.Module.register_full_backward_hook"
_PRE_HOOK = "PyTorch documentation, torch.nn.Module.register_full_backward_pre_hook"
_MODULES = "PyTorch documentation, notes on modules"
_NEEDS = ("nn",)


def _input(torch, *shape):
    return torch.ones(shape, requires_grad=True)


def _doubling(torch):
    """A module that doubles, without parameters."""

    class Doubling(torch.nn.Module):
        def forward(self, x):
            return x * 2

    return Doubling()


@behaviour(
    "module.full-backward-hook",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_HOOK}; {_MODULES}",
    kills=["module-hook-result-ignored", "module-hook-gets-bare-tensors"],
    needs=_NEEDS,
)
def full_backward_hook(torch):
    """A full backward hook gets (module, grad_input, grad_output) as tuples when the gradients with respect to the module
    inputs are computed, and a returned tuple replaces grad_input.
    """
    module, x, seen = _doubling(torch), _input(torch, 1, 2), []

    def hook(*arguments):
        seen.append(arguments)
        return tuple(torch.full_like(g, 42.0) for g in arguments[1])

    handle = module.register_full_backward_hook(hook)
    (module(x) * 3).sum().backward()
    assert len(seen) == 1, f"the hook ran {len(seen)} times"
    given, grad_input, grad_output = seen[0]
    assert given is module, "the hook did not get its module"
    assert type(grad_input) is tuple, f"grad_input is {type(grad_input).__name__}"
    assert type(grad_output) is tuple, f"grad_output is {type(grad_output).__name__}"
    assert_equal(grad_output[0], [[3.0, 3.0]], "grad_output")
    assert_equal(grad_input[0], [[6.0, 6.0]], "grad_input")
    assert_equal(x.grad, [[42.0, 42.0]], "the gradient that the hook replaced")
    handle.remove()
    x.grad = None
    module(x).sum().backward()
    assert_equal(x.grad, [[2.0, 2.0]], "the gradient after the hook was removed")


@behaviour(
    "module.full-backward-hook-firing-rules",
    level=MUST,
    profile=IMPERATIVE,
    source=_HOOK,
    kills=["module-hook-needs-input-grad"],
    needs=_NEEDS,
    depends=["module.full-backward-hook"],
)
def full_backward_hook_firing_rules(torch):
    """If no module input requires grad the hook fires when the output gradients are known, with None in grad_input; if
    no output requires grad it does not fire.
    """
    module, seen = torch.nn.Linear(2, 2), []
    module.register_full_backward_hook(lambda _module, grad_input, _grad_output: seen.append(grad_input))
    module(torch.ones(1, 2)).sum().backward()
    assert seen == [(None,)], f"with a constant input the hook got {seen}"
    seen.clear()
    module.requires_grad_(False)
    assert not module(torch.ones(1, 2)).requires_grad, "the output of a frozen module requires grad"
    assert seen == [], "the hook ran though no output requires grad"


@behaviour(
    "module.full-backward-pre-hook",
    level=MUST,
    profile=IMPERATIVE,
    source=_PRE_HOOK,
    kills=["module-pre-hook-ignored"],
    needs=_NEEDS,
    depends=["module.full-backward-hook"],
)
def full_backward_pre_hook(torch):
    """A full backward pre-hook gets (module, grad_output) and may return new output gradients; it runs before the full
    backward hooks.
    """
    module, x, log = _doubling(torch), _input(torch, 2), []
    module.register_full_backward_hook(lambda _m, _gi, go: log.append(("after", go[0].tolist())))

    def before(given, grad_output):
        assert given is module, "the pre-hook did not get its module"
        log.append(("before", grad_output[0].tolist()))
        return (grad_output[0] * 10,)

    handle = module.register_full_backward_pre_hook(before)
    module(x).sum().backward()
    assert log == [("before", [1.0, 1.0]), ("after", [10.0, 10.0])], f"the hooks ran as {log}"
    assert_equal(x.grad, [20.0, 20.0], "the gradient")
    handle.remove()
    x.grad = None
    module(x).sum().backward()
    assert_equal(x.grad, [2.0, 2.0], "the gradient after the pre-hook was removed")


@behaviour(
    "module.hook-order-prepend-and-global",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_HOOK}, prepend",
    needs=_NEEDS,
    depends=["module.full-backward-hook"],
)
def hook_order_prepend_and_global(torch):
    """Backward hooks of a module run in the order of registration, one with prepend=True before them, and global module
    hooks before all.
    """
    module, log = _doubling(torch), []
    for name, options in (("a", {}), ("b", {}), ("first", {"prepend": True})):
        module.register_full_backward_hook(lambda *_, name=name: log.append(name), **options)
    register = torch.nn.modules.module.register_module_full_backward_hook
    handle = register(lambda *_: log.append("global"))
    try:
        module(_input(torch, 1)).sum().backward()
    finally:
        handle.remove()
    assert log == ["global", "first", "a", "b"], f"the hooks ran as {log}"


@behaviour(
    "module.hook-forbids-in-place-on-input-and-output",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_HOOK}, warning",
    kills=["module-hook-allows-in-place"],
    needs=_NEEDS,
)
def hook_forbids_in_place_on_input_and_output(torch):
    """With a full backward hook, changing the module's input inside forward or its output afterwards in place raises
    RuntimeError.
    """

    class Changing(torch.nn.Module):
        def forward(self, x):
            return x.add_(1)

    for shape in ((1,), (2, 2)):
        changing = Changing()
        changing(_input(torch, *shape) * 1)  # allowed without a hook
        changing.register_full_backward_hook(lambda *_: None)
        with raises(RuntimeError, "view"):
            changing(_input(torch, *shape) * 1)
        module = _doubling(torch)
        module.register_full_backward_hook(lambda *_: None)
        output = module(_input(torch, *shape))
        with raises(RuntimeError, "view"):
            output.add_(1)


@behaviour(
    "module.hook-kwargs-ignored",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_HOOK,
    needs=_NEEDS,
    depends=["module.full-backward-hook"],
)
def hook_kwargs_ignored(torch):
    """grad_input covers positional arguments only, with None for arguments that are no tensors."""

    class Mixed(torch.nn.Module):
        def forward(self, a, text, b=None):
            return a * 2 + b * 3

    module, seen = Mixed(), []
    module.register_full_backward_hook(lambda _module, grad_input, _grad_output: seen.append(grad_input))
    a, b = _input(torch, 1), _input(torch, 1)
    module(a, "text", b=b).backward()
    assert len(seen) == 1, f"the hook ran {len(seen)} times"
    assert len(seen[0]) == 2, f"grad_input has {len(seen[0])} entries for two positional arguments"
    assert_equal(seen[0][0], [2.0], "grad_input of the tensor")
    assert seen[0][1] is None, "grad_input of the text is not None"
    assert_equal(b.grad, [3.0], "the gradient of the keyword argument")


@behaviour(
    "module.forward-not-call-skips-hooks",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.nn.Module.forward, note",
    needs=_NEEDS,
)
def forward_not_call_skips_hooks(torch):
    """Calling module.forward() directly runs no hooks, calling the module does."""
    module, log = _doubling(torch), []
    module.register_full_backward_hook(lambda *_: log.append("backward"))
    module.register_forward_hook(lambda *_: log.append("forward"))
    module.forward(_input(torch, 1)).sum().backward()
    assert log == [], f"forward() ran the hooks {log}"
    module(_input(torch, 1)).sum().backward()
    assert log == ["forward", "backward"], f"a call ran the hooks {log}"
