"""Hooks of nodes and of several tensors, and hooks that run in the wrong order."""

from __future__ import annotations

from conformance.faults.hooks import _nowhere
from conformance.faults.patching import module, replace
from conformance.faults.registry import fault


def _node():
    return module("graph").Node


def _pass():
    return module("backward").Pass


def _leaf(node):
    return isinstance(node, module("graph").AccumulateGrad)


@fault("node-hooks-ignored")
def node_hooks_ignored(engine):
    """Hooks of nodes are registered and never called."""
    _node().register_hook = _node().register_prehook = lambda self, hook: _nowhere(hook)


@fault("node-hook-result-ignored")
def node_hook_result_ignored(engine):
    """What a hook of a node returns is dropped."""

    def change(hook):
        def wrong(*grads):
            hook(*grads)

        return wrong

    for name in ("register_hook", "register_prehook"):
        replace(_node(), name, lambda register: lambda self, hook: register(self, change(hook)))


@fault("post-hook-arguments-swapped")
def post_hook_arguments_swapped(engine):
    """A node's hook gets the gradients of the outputs first."""
    replace(
        _node(), "register_hook", lambda register: lambda self, hook: register(self, lambda ins, outs: hook(outs, ins))
    )


@fault("post-hook-before-node")
def post_hook_before_node(engine):
    """A node's hooks run before the node does."""

    def wrong(self, hook):
        return self.register_prehook(lambda outs: hook(outs, outs) and None)

    _node().register_hook = wrong


def _keep_now(self, node, g):
    """Stores the gradients of the tensors of this node that retain theirs."""
    parts = g if isinstance(g, list) else [g]
    for i, reference in node.hooks.retain.items():
        if reference() is not None and parts[i] is not None:
            self._retain(reference(), parts[i])


@fault("retained-grad-before-hooks")
def retained_grad_before_hooks(engine):
    """A retained .grad is stored before the tensor's hooks run."""

    def make(run):
        def wrong(self, node, g):
            if _leaf(node) or node.hooks is None or not node.hooks.retain:
                return run(self, node, g)
            _keep_now(self, node, g)
            kept, node.hooks.retain = node.hooks.retain, {}
            try:
                return run(self, node, g)
            finally:
                node.hooks.retain = kept

        return wrong

    replace(_pass(), "_tensor_hooks", make)


@fault("retained-grad-after-node")
def retained_grad_after_node(engine):
    """A retained .grad is stored after the pre-hooks of the node that made the tensor."""

    def make_tensor_hooks(run):
        def wrong(self, node, g):
            if _leaf(node) or node.hooks is None or not node.hooks.pre:
                return run(self, node, g)
            kept, node.hooks.retain = node.hooks.retain, {}
            try:
                return run(self, node, g)
            finally:
                node.hooks.retain = kept

        return wrong

    def make_pre_hooks(run):
        def wrong(self, node, g):
            found = run(self, node, g)
            _keep_now(self, node, found)
            return found

        return wrong

    replace(_pass(), "_tensor_hooks", make_tensor_hooks)
    replace(_pass(), "_pre_hooks", make_pre_hooks)


@fault("leaf-hook-after-accumulation")
def leaf_hook_after_accumulation(engine):
    """The tensor hooks of a leaf run after its .grad was updated."""
    replace(_pass(), "_tensor_hooks", lambda run: lambda self, node, g: g if _leaf(node) else run(self, node, g))

    def make(accumulate):
        def wrong(self, node, g):
            accumulate(self, node, g)
            for hook in list((node.variable._hooks or {}).values()):
                hook(self._lift(g))

        return wrong

    replace(_pass(), "_accumulate", make)


@fault("post-accumulate-before-grad")
def post_accumulate_before_grad(engine):
    """Hooks after accumulation run before the gradient is added to .grad."""

    def make(accumulate):
        def wrong(self, node, g):
            x = node.variable
            hooks, x._after = x._after, None
            for hook in list((hooks or {}).values()):
                hook(x)
            accumulate(self, node, g)
            x._after = hooks

        return wrong

    replace(_pass(), "_accumulate", make)


@fault("grad-runs-input-nodes")
def grad_runs_input_nodes(engine):
    """autograd.grad runs the nodes that made its inputs."""

    def make(run):
        def wrong(self, roots, grads, targets, *, into_targets):
            run(self, roots, grads, targets, into_targets=True)

        return wrong

    replace(_pass(), "run", make)


@fault("grad-accumulates-and-tells")
def grad_accumulates_and_tells(engine):
    """autograd.grad calls the hooks after accumulation of its inputs."""
    torch = engine.torch
    differentiate = torch.autograd.grad

    def wrong(outputs, inputs, *args, **kw):
        found = differentiate(outputs, inputs, *args, **kw)
        for x in [inputs] if isinstance(inputs, torch.Tensor) else inputs:
            for hook in list((x._after or {}).values()):
                hook(x)
        return found

    torch.autograd.grad = wrong


class _Handles(list):
    """Handles that are removed together."""

    def remove(self):
        for handle in self:
            handle.remove()


@fault("multi-hook-each-time")
def multi_hook_each_time(engine):
    """A hook on several tensors runs for each gradient that comes, with what there is so far."""

    def wrong(tensors, fn, *, mode="all"):
        so_far = [None] * len(tensors)

        def hook_of(i):
            def hook(g):
                so_far[i] = g
                fn(g if mode == "any" else so_far)

            return hook

        return _Handles(x.register_hook(hook_of(i)) for i, x in enumerate(tensors))

    engine.torch.autograd.graph.register_multi_grad_hook = wrong


@fault("multi-hook-waits-for-unused")
def multi_hook_waits_for_unused(engine):
    """A hook on several tensors waits for the gradient of each, whether it is computed or not."""

    def wrong(tensors, fn, *, mode="all"):
        so_far = {}

        def hook_of(i):
            def hook(g):
                so_far[i] = g
                if len(so_far) == len(tensors):
                    fn([so_far[k] for k in range(len(tensors))])
                    so_far.clear()

            return hook

        return _Handles(x.register_hook(hook_of(i)) for i, x in enumerate(tensors))

    engine.torch.autograd.graph.register_multi_grad_hook = wrong
