"""Which tensors a pass accumulates into, and the tensor and strides that it leaves in .grad."""

from __future__ import annotations

from conformance.faults.patching import module, replace
from conformance.faults.registry import fault


def _pass():
    return module("backward").Pass


def _wrap(data):
    return module("tensor").wrap(data)


def _fresh(make):
    """A first gradient is stored as `make(x, array)` gives it, where nothing is recorded."""

    def change(fresh):
        def wrong(self, x, g):
            if self.create:
                return fresh(self, x, g)
            return make(x, g._data if hasattr(g, "_data") else g)

        return wrong

    replace(_pass(), "_fresh", change)


@fault("grad-always-contiguous")
def grad_always_contiguous(engine):
    """A first .grad is contiguous, whatever the strides of its tensor."""
    _fresh(lambda x, data: _wrap(data.copy(order="C")))


@fault("grad-layout-ignored")
def grad_layout_ignored(engine):
    """A first .grad keeps the strides of the gradient that arrived."""
    _fresh(lambda x, data: _wrap(data.copy(order="F")))


@fault("grad-layout-remembered")
def grad_layout_remembered(engine):
    """A .grad that is made anew has the strides of the one that was there before."""
    tensor = engine.torch.Tensor
    grad = tensor.__dict__["grad"]

    def assign(self, value):
        if value is not None:
            self._turned = value._data.flags.f_contiguous and not value._data.flags.c_contiguous
        grad.fset(self, value)

    tensor.grad = property(grad.fget, assign, grad.fdel)
    _fresh(lambda x, data: _wrap(data.copy(order="F" if getattr(x, "_turned", False) else "C")))


@fault("accumulation-replaces-grad")
def accumulation_replaces_grad(engine):
    """Accumulation puts a new, contiguous tensor in the place of the .grad that is there."""

    def make(store):
        def wrong(self, x, g):
            old = x._grad
            if old is None or self.create:
                store(self, x, g)
            else:
                x._grad = _wrap((old._data + (g._data if hasattr(g, "_data") else g)).copy(order="C"))

        return wrong

    replace(_pass(), "_store", make)


@fault("create-graph-accumulates-in-place")
def create_graph_accumulates_in_place(engine):
    """With create_graph the new gradient is added into the tensor that is there, outside the graph."""

    def make(store):
        def wrong(self, x, g):
            old = x._grad
            if old is None or not self.create:
                store(self, x, g)
            else:
                old._data[...] += g._data if hasattr(g, "_data") else g

        return wrong

    replace(_pass(), "_store", make)


@fault("zero-grad-replaces")
def zero_grad_replaces(engine):
    """zero_grad(set_to_none=False) puts new zeros in the place of .grad."""
    torch = engine.torch

    def clear(tensors, set_to_none):
        for x in tensors:
            if x.grad is not None:
                x.grad = None if set_to_none else torch.zeros(tuple(x.shape), dtype=x.dtype)

    def optimizer(self, set_to_none=True):
        clear([p for group in self.param_groups for p in group["params"]], set_to_none)

    torch.optim.Optimizer.zero_grad = optimizer
    torch.nn.Module.zero_grad = lambda self, set_to_none=True: clear(self.parameters(), set_to_none)


@fault("zero-grad-keeps-grad")
def zero_grad_keeps_grad(engine):
    """zero_grad zeroes in place although None is asked for."""
    torch = engine.torch
    replace(torch.optim.Optimizer, "zero_grad", lambda clear: lambda self, set_to_none=True: clear(self, False))
    replace(torch.nn.Module, "zero_grad", lambda clear: lambda self, set_to_none=True: clear(self, False))


# inputs


def _passes(engine, change):
    """The arguments of every backward pass go through `change(tensors, options)`."""
    torch = engine.torch
    run, method = torch.autograd.backward, torch.Tensor.backward

    def backward(tensors, grad_tensors=None, **options):
        return run(tensors, grad_tensors, **change(options))

    def tensor_backward(self, gradient=None, **options):
        return method(self, gradient, **change(options))

    torch.autograd.backward, torch.Tensor.backward = backward, tensor_backward


@fault("backward-inputs-ignored")
def backward_inputs_ignored(engine):
    """Backward accumulates into all leaves, whatever inputs says."""
    _passes(engine, lambda options: {name: value for name, value in options.items() if name != "inputs"})


@fault("backward-first-leaf-only")
def backward_first_leaf_only(engine):
    """A pass accumulates into the leaf that it reaches first, and no other."""
    first = {}

    def make(accumulate):
        def wrong(self, node, g):
            if first.setdefault(id(self.journal), (node, self.journal))[0] is node:
                accumulate(self, node, g)

        return wrong

    replace(_pass(), "_accumulate", make)


@fault("gradient-edges-refused")
def gradient_edges_refused(engine):
    """Backward takes tensors only."""
    torch = engine.torch
    run = torch.autograd.backward

    def wrong(tensors, *args, **options):
        if not isinstance(tensors, torch.Tensor | list | tuple) or isinstance(
            tensors, torch.autograd.graph.GradientEdge
        ):
            raise TypeError("expected tensors")
        return run(tensors, *args, **options)

    torch.autograd.backward = wrong
