"""How long what a graph holds is kept."""

from __future__ import annotations

import gc
import weakref

from conformance.cases import IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_equal, leaves, quiet

_SHAPES = ((), (3,), (2, 3))


def _released(reference):
    """Whether nothing keeps the object; the collector is asked, the young objects first, which is quick."""
    for generation in range(3):
        if reference() is None:
            return True
        gc.collect(generation)
    return reference() is None


class _Box:
    """What a pack hook gives, to see how long it is kept."""

    def __init__(self, tensor):
        self.tensor = tensor.detach()


def _boxed(torch, references, compute):
    """What `compute` gives where everything that is saved goes into boxes, with weak references to these."""

    def pack(t):
        box = _Box(t)
        references.append(weakref.ref(box))
        return box

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda box: box.tensor):
        return compute()


@behaviour(
    "memory.saved-buffers-freed-after-backward",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.backward, docstring, retain_graph; introductory autograd notes",
    kills=["freed-graph-not-detected", "retain-graph-ignored"],
)
def saved_buffers_freed_after_backward(torch):
    """After a backward without retain_graph an intermediate that only the graph kept is released even while the root
    is alive; with retain_graph=True it stays.
    """
    for retain in (False, True):
        for x in leaves(torch, shapes=_SHAPES):
            h = x.exp()
            y = h.sin().sum()
            kept = weakref.ref(h)
            del h
            assert kept() is not None
            y.backward(retain_graph=retain)
            assert kept() is not None if retain else _released(kept)


@behaviour(
    "memory.saved-inputs-kept-alive-by-graph",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Saved tensors hooks tutorial",
    depends=["graph.saved-attributes"],
    kills=["saved-reads-as-zeros"],
)
def saved_inputs_kept_alive_by_graph(torch):
    """The graph keeps saved tensors alive that have gone out of scope: the data is there for backward after the user
    deleted the tensor.
    """
    for x in leaves(torch, shapes=_SHAPES):
        h = x * 3
        y = (h * h).sum()
        del h
        assert_equal(y.grad_fn.next_functions[0][0]._saved_self, x * 3)
        y.backward()
        assert_equal(x.grad, 18 * x)


@behaviour(
    "memory.pack-objects-freed",
    level=MUST,
    profile=IMPERATIVE,
    source="Autograd mechanics, hooks for saved tensors",
    kills=["freed-graph-not-detected", "retain-graph-ignored"],
    needs=["saved-tensors"],
    depends=["saved-hooks.pack-may-return-any-object"],
)
def pack_objects_freed(torch):
    """What is kept for a saved tensor is released after backward without retain_graph and kept with
    retain_graph=True.
    """
    for retain in (False, True):
        for x in leaves(torch, shapes=_SHAPES):
            references = []
            y = _boxed(torch, references, x.exp)
            y.sum().backward(retain_graph=retain)
            assert references[0]() is not None if retain else _released(references[0])
            del y
            assert _released(references[0])


@behaviour(
    "memory.graph-dies-with-root",
    level=MUST,
    profile=IMPERATIVE,
    source="Frequently asked questions, don't hold onto tensors and variables you don't need",
    kills=["packed-kept-forever"],
    needs=["saved-tensors"],
    depends=["saved-hooks.pack-may-return-any-object"],
)
def graph_dies_with_root(torch):
    """When the last tensor of a graph is deleted the graph and what it saved are released without backward."""
    for x in leaves(torch, shapes=_SHAPES):
        references = []
        y = _boxed(torch, references, lambda x=x: x.exp().sin())
        assert len(references) == 2
        assert all(r() is not None for r in references)
        del y
        assert all(_released(r) for r in references)


@behaviour(
    "memory.history-chain-kept-by-running-total",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Frequently asked questions, don't accumulate history across your training loop",
    kills=["detach-leaks"],
    needs=["saved-tensors"],
    depends=["saved-hooks.pack-may-return-any-object"],
)
def history_chain_kept_by_running_total(torch):
    """A running total that adds differentiable losses keeps the graphs of all of them alive; one that adds detached
    losses keeps none.
    """
    for detached, kept in ((False, 3), (True, 0)):
        references, total = [], 0.0
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        for _ in range(3):
            loss = _boxed(torch, references, lambda w=w: w.exp().sum())
            total = total + (loss.detach() if detached else loss)
            del loss
        gc.collect()
        assert sum(r() is not None for r in references) == kept


@behaviour(
    "memory.no-grad-keeps-no-intermediates",
    level=MUST,
    profile=IMPERATIVE,
    source="torch.no_grad, docstring; introductory autograd notes",
    kills=["no-grad-leaks"],
)
def no_grad_keeps_no_intermediates(torch):
    """Under no_grad an intermediate is released as soon as the user drops it."""
    for x in leaves(torch, shapes=_SHAPES):
        with torch.no_grad():
            h = x.exp()
            kept = weakref.ref(h)
            y = h.sin()
            del h
        assert _released(kept)
        assert not y.requires_grad


@behaviour(
    "memory.create-graph-cycle",
    level=SHOULD,
    profile=IMPERATIVE,
    source="autograd.backward, docstring, note",
    kills=["grads-kept-forever"],
)
def create_graph_cycle(torch):
    """backward(create_graph=True) ties the leaf and its .grad together in a cycle that resetting .grad to None
    breaks.
    """
    for x in leaves(torch, shapes=_SHAPES):
        with quiet():
            (x**3).sum().backward(create_graph=True)
        assert x.grad.grad_fn is not None
        kept = weakref.ref(x.grad)
        assert kept() is not None
        x.grad = None
        assert _released(kept)


@behaviour(
    "memory.set-to-none-releases-grad",
    level=SHOULD,
    profile=IMPERATIVE,
    source="optim.Optimizer.zero_grad, docstring",
    kills=["zero-grad-keeps-grad"],
    needs=["nn"],
)
def set_to_none_releases_grad(torch):
    """zero_grad() with set_to_none releases the gradient tensors, and with set_to_none=False keeps them."""
    module = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    for owner in (module, optimizer):
        module(torch.ones(1, 2)).backward()
        kept = weakref.ref(module.weight.grad)
        owner.zero_grad(set_to_none=False)
        assert kept() is not None
        owner.zero_grad()
        assert _released(kept)
        assert module.weight.grad is None


@behaviour(
    "memory.intermediate-grads-not-stored",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Leaf and non-leaf tutorial, retain_grad",
    kills=["gradients-kept-forever"],
    depends=["hooks-tensor.receives-gradient"],
)
def intermediate_grads_not_stored(torch):
    """Gradients of intermediates that do not retain them are released during backward."""
    for x in leaves(torch, shapes=_SHAPES):
        references = []
        h = x * 2
        h.register_hook(lambda g, references=references: references.append(weakref.ref(g)))
        h.sin().sum().backward()
        assert len(references) == 1
        assert _released(references[0])
        assert x.grad is not None
