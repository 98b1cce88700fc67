"""Hooks on the nodes of the graph, before and after they run."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MAY, MUST, behaviour
from conformance.catalogue.assertions import assert_equal, leaves
from conformance.catalogue.functions import square

_POST, _PRE = "autograd.graph.Node.register_hook, docstring", "autograd.graph.Node.register_prehook, docstring"
_ORDER = "Autograd mechanics, the order in which the different hooks are fired"
_FIRED = "Autograd mechanics, whether a particular hook will be fired"


@behaviour(
    "hooks-node.post-hook-arguments",
    level=MUST,
    profile=IMPERATIVE,
    source=_POST,
    kills=["post-hook-arguments-swapped", "node-hooks-ignored"],
)
def post_hook_arguments(torch):
    """A hook on a node is called with the tuple of gradients of the node's inputs and the tuple of gradients of its
    outputs.
    """
    for x in leaves(torch):
        y = (x.detach() + 4).requires_grad_()
        z = x * y
        seen = []
        z.grad_fn.register_hook(lambda inputs, outputs, seen=seen: seen.append((inputs, outputs)))
        (z * 5).sum().backward()
        ((inputs, outputs),) = seen
        assert type(inputs) is tuple
        assert type(outputs) is tuple
        for found, expected in ((inputs[0], y * 5), (inputs[1], x * 5), (outputs[0], torch.full_like(x.detach(), 5.0))):
            assert_equal(found, expected)
        assert (len(inputs), len(outputs)) == (2, 1)


@behaviour(
    "hooks-node.post-hook-replaces-grad-inputs",
    level=MUST,
    profile=IMPERATIVE,
    source=_POST,
    kills=["node-hook-result-ignored", "hook-remove-ignored"],
)
def post_hook_replaces_grad_inputs(torch):
    """A tuple returned by a node hook takes the place of the gradients of the node's inputs; after handle.remove()
    they are the plain ones again.
    """
    for a in leaves(torch):
        b = a.clone()
        handle = b.grad_fn.register_hook(lambda inputs, outputs: (outputs[0] * 2,))
        b.sum().backward(retain_graph=True)
        assert_equal(a.grad, torch.full_like(a.detach(), 2.0))
        handle.remove()
        a.grad = None
        b.sum().backward(retain_graph=True)
        assert_equal(a.grad, torch.ones_like(a.detach()))


@behaviour(
    "hooks-node.prehook-replaces-grad-outputs",
    level=MUST,
    profile=IMPERATIVE,
    source=_PRE,
    kills=["node-hook-result-ignored", "hook-remove-ignored"],
)
def prehook_replaces_grad_outputs(torch):
    """A pre-hook on a node is called with the tuple of gradients of its outputs and may return a tuple to be used in
    their place; remove() ends that.
    """
    for a in leaves(torch):
        b = a * 3
        handle = b.grad_fn.register_prehook(lambda outputs: (outputs[0] * 2,))
        b.sum().backward(retain_graph=True)
        assert_equal(a.grad, torch.full_like(a.detach(), 6.0))
        handle.remove()
        a.grad = None
        b.sum().backward(retain_graph=True)
        assert_equal(a.grad, torch.full_like(a.detach(), 3.0))


@behaviour(
    "hooks-node.none-keeps-gradients",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_POST} and register_prehook",
    kills=["hook-none-drops-gradient"],
)
def none_keeps_gradients(torch):
    """Node hooks and pre-hooks that return None change nothing."""
    for x in leaves(torch):
        y = x * x
        y.grad_fn.register_hook(lambda inputs, outputs: None)
        y.grad_fn.register_prehook(lambda outputs: None)
        y.sum().backward()
        assert_equal(x.grad, 2 * x)


@behaviour(
    "hooks-node.order-of-all-hooks",
    level=MUST,
    profile=IMPERATIVE,
    source=_ORDER,
    kills=["post-hook-before-node", "retained-grad-before-hooks"],
    depends=["hooks-tensor.receives-gradient", "custom.forward-and-backward-are-used"],
)
def order_of_all_hooks(torch):
    """In one pass the order at an intermediate tensor is: its tensor hooks, the pre-hooks of its node, the node
    itself, the post-hooks of the node; a retained .grad is set after the tensor hooks and before the node runs.
    """
    for x in leaves(torch, shapes=((), (3,))):
        y = square(torch).apply(x)
        y.retain_grad()
        log = []

        def noted(name, y=y, log=log):
            log.append((name, y.grad is not None))

        y.grad_fn.register_hook(
            lambda inputs, _, noted=noted, log=log: noted("post") or log.append(("value", inputs[0].tolist()))
        )
        y.grad_fn.register_prehook(lambda _, noted=noted: noted("pre"))
        y.register_hook(lambda _, noted=noted: noted("tensor"))
        y.sum().backward()
        assert [entry[0] for entry in log[:-1]] == ["tensor", "pre", "post"]
        assert log[0] == ("tensor", False)
        assert log[2:] == [("post", True), ("value", (2 * x).tolist())]


@behaviour(
    "hooks-node.retained-grad-precedes-pre-hook",
    level=MUST,
    profile=IMPERATIVE,
    source=_ORDER,
    kills=["retained-grad-after-node"],
    discrepancy="The page lists the node's pre-hooks (step 2) before the update of a retained .grad (step 3); PyTorch "
    "2.13.0 does it the other way round.",
)
def retained_grad_precedes_pre_hook(torch):
    """A retained .grad is updated after the tensor hooks but before the node's pre-hooks, so that a change made by a
    pre-hook does not show in it.
    """
    for x in leaves(torch):
        y = x * 1
        y.retain_grad()
        seen = []

        def hook(outputs, y=y, seen=seen):
            seen.append(y.grad is None)
            return (outputs[0] * 10,)

        y.grad_fn.register_prehook(hook)
        (y * 3).sum().backward()
        assert seen == [False]
        assert_equal(y.grad, torch.full_like(x.detach(), 3.0))
        assert_equal(x.grad, torch.full_like(x.detach(), 30.0))


@behaviour(
    "hooks-node.leaf-order-with-accumulation",
    level=MUST,
    profile=IMPERATIVE,
    source=_ORDER,
    kills=["leaf-hook-after-accumulation", "post-hook-before-node"],
    depends=["hooks-tensor.receives-gradient", "post-acc.runs-after-accumulation"],
)
def leaf_order_with_accumulation(torch):
    """At a leaf the order is: tensor hook, pre-hook of the accumulation node, accumulation, post-accumulate hook,
    post-hook of the accumulation node.
    """
    for x in leaves(torch):
        node = torch.autograd.graph.get_gradient_edge(x).node
        log = []
        node.register_hook(lambda inputs, outputs, log=log: log.append("post"))
        x.register_post_accumulate_grad_hook(lambda p, log=log: log.append("accumulated"))
        node.register_prehook(lambda outputs, log=log, x=x: log.append(("pre", x.grad is None)))
        x.register_hook(lambda g, log=log, x=x: log.append(("tensor", x.grad is None)))
        (x * 3).sum().backward()
        assert log == [("tensor", True), ("pre", True), "accumulated", "post"]


@behaviour(
    "hooks-node.several-run-in-registration-order",
    level=MUST,
    profile=IMPERATIVE,
    source=_ORDER,
    kills=["hooks-run-backwards"],
)
def several_run_in_registration_order(torch):
    """Several pre-hooks or several post-hooks of one node run in the order of registration and later ones see earlier
    changes.
    """
    for x in leaves(torch):
        y = x.clone()
        y.grad_fn.register_prehook(lambda outputs: (outputs[0] + 1,))
        y.grad_fn.register_prehook(lambda outputs: (outputs[0] * 10,))
        y.grad_fn.register_hook(lambda inputs, _: (inputs[0] + 5,))
        y.grad_fn.register_hook(lambda inputs, _: (inputs[0] * 2,))
        y.sum().backward()
        assert_equal(x.grad, torch.full_like(x.detach(), 50.0))


@behaviour(
    "hooks-node.fires-only-if-node-runs",
    level=MUST,
    profile=IMPERATIVE,
    source=_FIRED,
    kills=["grad-runs-input-nodes"],
    depends=["hooks-tensor.receives-gradient"],
)
def fires_only_if_node_runs(torch):
    """In torch.autograd.grad the node that produced an input is not run for it, so that this node's hooks stay silent
    while the tensor's own hook fires.
    """
    for x in leaves(torch):
        h = x * x
        log = []
        h.grad_fn.register_hook(lambda *_, log=log: log.append("node"))
        h.grad_fn.register_prehook(lambda _, log=log: log.append("pre"))
        h.register_hook(lambda _, log=log: log.append("tensor"))
        torch.autograd.grad((h * 3).sum(), h)
        assert log == ["tensor"]


@behaviour(
    "hooks-node.fires-if-another-input-needs-it",
    level=MUST,
    profile=IMPERATIVE,
    source=_FIRED,
    kills=["node-hooks-ignored"],
)
def fires_if_another_input_needs_it(torch):
    """If another requested input lies behind that node, the node runs and its hooks fire."""
    for x in leaves(torch):
        h = x * x
        log = []
        h.grad_fn.register_hook(lambda *_, log=log: log.append("node"))
        torch.autograd.grad((h * 3).sum(), (h, x))
        assert log == ["node"]


@behaviour(
    "hooks-node.backward-with-inputs-runs-node",
    level=MAY,
    profile=IMPERATIVE,
    source=f"{_FIRED}; Tensor.backward, docstring, note",
    kills=["node-hooks-ignored"],
)
def backward_with_inputs_runs_node(torch):
    """backward(inputs=[h]) with a non-leaf h runs the node that produced h as well, so that its hooks fire."""
    for x in leaves(torch):
        h = x * x
        log = []
        h.grad_fn.register_hook(lambda *_, log=log: log.append("node"))
        (h * 3).sum().backward(inputs=[h])
        assert log == ["node"]


@behaviour(
    "hooks-node.tensor-hook-change-seen-by-prehook",
    level=MUST,
    profile=IMPERATIVE,
    source=_ORDER,
    kills=["hook-result-ignored"],
    depends=["hooks-tensor.return-value-replaces"],
)
def tensor_hook_change_seen_by_prehook(torch):
    """The pre-hook of the node that produced a tensor sees the gradient as changed by the tensor's hooks."""
    for x in leaves(torch):
        y = x * 1
        seen = []
        y.grad_fn.register_prehook(lambda outputs, seen=seen: seen.append(outputs[0]))
        y.register_hook(lambda g: g * 7)
        y.sum().backward()
        assert_equal(seen[0], torch.full_like(x.detach(), 7.0))
