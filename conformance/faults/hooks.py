"""Hooks on tensors and leaves that do not run when they must, run when they must not, or whose result is misused."""

from __future__ import annotations

from collections import OrderedDict

from conformance.faults.patching import module, replace
from conformance.faults.registry import fault

METHODS = ("register_hook", "register_post_accumulate_grad_hook")


def _backward():
    return module("backward")


def _nowhere(hook):
    return module("graph").Handle(OrderedDict(), hook)


def _wrapped(engine, change, names=METHODS):
    """Every hook that is registered on a tensor goes through `change` first."""
    for name in names:
        replace(engine.torch.Tensor, name, lambda register: lambda self, hook: register(self, change(hook)))


@fault("tensor-hooks-ignored")
def tensor_hooks_ignored(engine):
    """Tensor hooks are registered and never called."""
    _backward()._through_hooks = lambda hooks, g: g


@fault("hook-gets-ones")
def hook_gets_ones(engine):
    """Tensor hooks are given ones in place of the gradient."""
    _wrapped(engine, lambda hook: lambda g: hook(g * 0 + 1), ["register_hook"])


@fault("hook-result-ignored")
def hook_result_ignored(engine):
    """What a tensor hook returns is dropped."""
    _wrapped(engine, lambda hook: lambda g: _none(hook(g)), ["register_hook"])


def _none(_):
    return None


@fault("hook-none-drops-gradient")
def hook_none_drops_gradient(engine):
    """A hook of a tensor or node that returns None makes the gradient zero."""

    def change(hook):
        def wrong(*grads):
            found = hook(*grads)
            if found is not None:
                return found
            first = grads[0]
            return first * 0 if not isinstance(first, tuple) else tuple(None if g is None else g * 0 for g in first)

        return wrong

    _wrapped(engine, change, ["register_hook"])
    node = module("graph").Node
    for name in ("register_hook", "register_prehook"):
        replace(node, name, lambda register: lambda self, hook: register(self, change(hook)))


@fault("hook-remove-ignored")
def hook_remove_ignored(engine):
    """The handle's remove() does nothing."""
    module("graph").Handle.remove = lambda self: None


@fault("hooks-run-backwards")
def hooks_run_backwards(engine):
    """The hook that was registered last runs first."""

    def make(start):
        def wrong(self, hooks, hook, *, first=False):
            start(self, hooks, hook, first=not first)

        return wrong

    replace(module("graph").Handle, "__init__", make)


@fault("hooks-fire-once")
def hooks_fire_once(engine):
    """A hook runs in the first pass only."""

    def change(hook):
        ran = []

        def wrong(g):
            if not ran:
                ran.append(True)
                return hook(g)
            return None

        return wrong

    _wrapped(engine, change)


@fault("hooks-fire-always")
def hooks_fire_always(engine):
    """Tensor hooks run at the end of passes that do not compute their tensor's gradient, with zeros."""
    known = []

    def make_register(register):
        def wrong(self, hook):
            entry = [self, hook, False]

            def watched(g):
                entry[2] = True
                return hook(g)

            known.append(entry)
            return register(self, watched)

        return wrong

    def make_run(run):
        def wrong(self, *args, **options):
            run(self, *args, **options)
            for entry in known:
                if not entry[2]:
                    entry[1](engine.torch.zeros_like(entry[0].detach()))
                entry[2] = False

        return wrong

    replace(engine.torch.Tensor, "register_hook", make_register)
    replace(_backward().Pass, "run", make_run)


@fault("hook-errors-swallowed")
def hook_errors_swallowed(engine):
    """An exception in a hook ends the hook and nothing else."""

    def change(hook):
        def wrong(g):
            try:
                return hook(g)
            except Exception:
                return None

        return wrong

    _wrapped(engine, change)


@fault("hooks-accept-anything")
def hooks_accept_anything(engine):
    """register_hook takes tensors that do not require grad."""
    replace(
        engine.torch.Tensor,
        "register_hook",
        lambda register: lambda self, hook: register(self, hook) if self.requires_grad else _nowhere(hook),
    )


@fault("hook-result-unchecked")
def hook_result_unchecked(engine):
    """What is no tensor is ignored when a hook returns it, and a wrong shape is repeated until it fits."""
    tensor, expand = engine.torch.Tensor, module("rules").expand

    def wrong(hooks, g):
        for hook in list(hooks.values()):
            new = hook(g)
            if isinstance(new, tensor):
                g = new if new.shape == g.shape else expand(new.sum(), shape=tuple(g.shape))
        return g

    _backward()._through_hooks = wrong


def _under(mode):
    def change(hook):
        def wrong(g):
            with mode():
                return hook(g)

        return wrong

    return change


@fault("hooks-run-without-grad")
def hooks_run_without_grad(engine):
    """Hooks run with recording off, under create_graph too."""
    _wrapped(engine, _under(engine.torch.no_grad))


@fault("hooks-run-with-grad")
def hooks_run_with_grad(engine):
    """Hooks run with recording on, without create_graph too."""
    _wrapped(engine, _under(engine.torch.enable_grad))


@fault("hooks-follow-the-tensor")
def hooks_follow_the_tensor(engine):
    """Tensor hooks stay with the tensor when it is changed in place."""

    def make(change):
        def wrong(name, args, kw):
            x = args[0]
            before, i = x.grad_fn, x.output_nr
            out = change(name, args, kw)
            if before is not None and before.hooks is not None and i in before.hooks.tensor:
                x.grad_fn._own_hooks().tensor[x.output_nr] = before.hooks.tensor.pop(i)
            return out

        return wrong

    replace(engine, "inplace", make)


@fault("hooks-stay-with-first-value")
def hooks_stay_with_first_value(engine):
    """Tensor hooks get the gradient of the value that the tensor had first."""

    def make_change(change):
        def wrong(name, args, kw):
            x = args[0]
            if not hasattr(x, "_first"):
                x._first = x.grad_fn, x.output_nr
            return change(name, args, kw)

        return wrong

    def make_register(register):
        def wrong(self, hook):
            node, i = getattr(self, "_first", (None, 0))
            if node is None:
                return register(self, hook)
            return module("graph").Handle(node._own_hooks().of_result(i), hook)

        return wrong

    replace(engine, "inplace", make_change)
    replace(engine.torch.Tensor, "register_hook", make_register)


@fault("post-accumulate-ignored")
def post_accumulate_ignored(engine):
    """Hooks after accumulation are registered and never called."""
    engine.torch.Tensor.register_post_accumulate_grad_hook = lambda self, hook: _nowhere(hook)


@fault("post-accumulate-accepts-anything")
def post_accumulate_accepts_anything(engine):
    """Hooks after accumulation are taken for tensors that are no leaves or do not require grad."""
    name = "register_post_accumulate_grad_hook"
    replace(
        engine.torch.Tensor,
        name,
        lambda register: (
            lambda self, hook: register(self, hook) if self.is_leaf and self.requires_grad else _nowhere(hook)
        ),
    )


@fault("post-accumulate-twice")
def post_accumulate_twice(engine):
    """Hooks after accumulation are called twice."""
    _wrapped(engine, lambda hook: lambda x: hook(x) or hook(x), ["register_post_accumulate_grad_hook"])
