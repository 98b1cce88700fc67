"""Backward passes that start wrongly, free too much or too little, or hand out the wrong gradients."""

from __future__ import annotations

from conformance.faults.patching import module, replace
from conformance.faults.registry import fault


def _around(engine, change):
    """Passes the arguments of every backward and grad through `change(outputs, cotangents, options)`."""
    torch = engine.torch
    run, differentiate, method = torch.autograd.backward, torch.autograd.grad, torch.Tensor.backward

    def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, inputs=None):
        options = {"retain_graph": retain_graph, "create_graph": create_graph, "inputs": inputs}
        tensors, grad_tensors, options = change(tensors, grad_tensors, options)
        return run(tensors, grad_tensors, **options)

    def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, **options):
        options |= {"retain_graph": retain_graph, "create_graph": create_graph}
        outputs, grad_outputs, options = change(outputs, grad_outputs, options)
        return differentiate(outputs, inputs, grad_outputs, **options)

    def tensor_backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
        options = {"retain_graph": retain_graph, "create_graph": create_graph, "inputs": inputs}
        tensor, gradient, options = change(self, gradient, options)
        return method(tensor, gradient, **options)

    torch.autograd.backward, torch.autograd.grad, torch.Tensor.backward = backward, grad, tensor_backward


def _listed(value, count=1):
    if value is None:
        return [None] * count
    return list(value) if isinstance(value, tuple | list) else [value]


@fault("implicit-seed-two")
def implicit_seed_two(engine):
    """A scalar root without a gradient argument starts the pass from 2."""
    torch = engine.torch

    def change(outputs, cotangents, options):
        roots = _listed(outputs)
        given = _listed(cotangents, len(roots))
        if len(given) == len(roots):
            cotangents = [
                torch.full_like(y.detach(), 2.0) if c is None and isinstance(y, torch.Tensor) and y.numel() == 1 else c
                for y, c in zip(roots, given, strict=True)
            ]
            outputs, cotangents = (roots, cotangents) if isinstance(outputs, tuple | list) else (outputs, cotangents[0])
        return outputs, cotangents, options

    _around(engine, change)


@fault("scalar-means-zero-dim")
def scalar_means_zero_dim(engine):
    """One-element roots with dimensions are asked for a gradient argument."""

    def change(outputs, cotangents, options):
        for y, c in zip(_listed(outputs), _listed(cotangents, len(_listed(outputs))), strict=False):
            if c is None and y.ndim:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
        return outputs, cotangents, options

    _around(engine, change)


@fault("non-scalar-seeds-ones")
def non_scalar_seeds_ones(engine):
    """A non-scalar root without a gradient argument starts the pass from ones."""
    torch = engine.torch

    def change(outputs, cotangents, options):
        roots = _listed(outputs)
        given = _listed(cotangents, len(roots))
        seeds = [torch.ones_like(y.detach()) if c is None else c for y, c in zip(roots, given, strict=False)]
        return (outputs, seeds, options) if isinstance(outputs, tuple | list) else (outputs, seeds[0], options)

    _around(engine, change)


@fault("backward-on-constant-silent")
def backward_on_constant_silent(engine):
    """Roots that do not require grad are skipped without a word."""
    torch = engine.torch
    run, differentiate = torch.autograd.backward, torch.autograd.grad

    def tracked(outputs, cotangents):
        roots = _listed(outputs)
        given = _listed(cotangents, len(roots))
        kept = [(y, c) for y, c in zip(roots, given, strict=False) if getattr(y, "requires_grad", True)]
        return [y for y, _ in kept], [c for _, c in kept]

    def backward(tensors, grad_tensors=None, **options):
        roots, seeds = tracked(tensors, grad_tensors)
        if len(roots) == len(_listed(tensors)):
            return run(tensors, grad_tensors, **options)
        return run(roots, seeds, **options) if roots else None

    def grad(outputs, inputs, grad_outputs=None, **options):
        roots, seeds = tracked(outputs, grad_outputs)
        if len(roots) == len(_listed(outputs)):
            return differentiate(outputs, inputs, grad_outputs, **options)
        return differentiate(roots, inputs, seeds, **options) if roots else (None,) * len(_listed(inputs))

    method = torch.Tensor.backward
    torch.autograd.backward, torch.autograd.grad = backward, grad
    torch.Tensor.backward = lambda self, *args, **kw: method(self, *args, **kw) if self.requires_grad else None


@fault("ignores-cotangent", finds=("op/*/vjp/*",))
def ignores_cotangent(engine):
    """Ones are taken for whatever gradient argument is given."""
    torch = engine.torch

    def change(outputs, cotangents, options):
        seeds = [torch.ones_like(c) if isinstance(c, torch.Tensor) else c for c in _listed(cotangents, 0)]
        if cotangents is None:
            return outputs, None, options
        return outputs, seeds if isinstance(cotangents, tuple | list) else seeds[0], options

    _around(engine, change)


@fault("cotangent-broadcast")
def cotangent_broadcast(engine):
    """A gradient argument is broadcast to the root's shape, or cut to it, instead of refused."""
    torch = engine.torch

    def fitted(y, c):
        if c is None or not isinstance(y, torch.Tensor) or c.shape == y.shape:
            return c
        return c.expand(y.shape) if c.numel() == 1 else torch.ones_like(y.detach())

    def change(outputs, cotangents, options):
        if cotangents is None:
            return outputs, cotangents, options
        roots, given = _listed(outputs), _listed(cotangents)
        if len(roots) != len(given):
            return outputs, cotangents, options
        seeds = [fitted(y, c) for y, c in zip(roots, given, strict=True)]
        return outputs, seeds if isinstance(cotangents, tuple | list) else seeds[0], options

    _around(engine, change)


@fault("cotangent-count-unchecked")
def cotangent_count_unchecked(engine):
    """Roots beyond the last gradient argument are dropped."""

    def change(outputs, cotangents, options):
        if isinstance(cotangents, tuple | list) and isinstance(outputs, tuple | list):
            outputs = list(outputs)[: len(cotangents)]
        return outputs, cotangents, options

    _around(engine, change)


@fault("bare-tensor-refused")
def bare_tensor_refused(engine):
    """Gradient arguments, and the roots of autograd.backward, must be sequences."""
    torch = engine.torch
    run, differentiate = torch.autograd.backward, torch.autograd.grad

    def refuse(value, what):
        if isinstance(value, torch.Tensor):
            raise TypeError(f"{what} must be a sequence of tensors")

    def backward(tensors, grad_tensors=None, **options):
        refuse(tensors, "tensors")
        refuse(grad_tensors, "grad_tensors")
        return run(tensors, grad_tensors, **options)

    def grad(outputs, inputs, grad_outputs=None, *args, **options):
        refuse(grad_outputs, "grad_outputs")
        return differentiate(outputs, inputs, grad_outputs, *args, **options)

    torch.autograd.backward, torch.autograd.grad = backward, grad


@fault("first-root-only")
def first_root_only(engine):
    """Of several roots only the first is differentiated."""

    def change(outputs, cotangents, options):
        if isinstance(outputs, tuple | list) and len(outputs) > 1:
            first = cotangents[:1] if isinstance(cotangents, tuple | list) else cotangents
            return list(outputs)[:1], first, options
        return outputs, cotangents, options

    _around(engine, change)


@fault("retain-graph-ignored")
def retain_graph_ignored(engine):
    """The graph is freed although retain_graph=True; create_graph=True still keeps it."""

    def change(outputs, cotangents, options):
        if options["retain_graph"] and not options["create_graph"]:
            options = {**options, "retain_graph": None}
        return outputs, cotangents, options

    _around(engine, change)


@fault("freed-graph-not-detected")
def freed_graph_not_detected(engine):
    """Nothing is ever freed: a second backward runs without retain_graph."""

    def make(start):
        def wrong(self, *, retain, create):
            start(self, retain=True, create=create)

        return wrong

    replace(module("backward").Pass, "__init__", make)


@fault("create-graph-frees")
def create_graph_frees(engine):
    """The graph is freed by default with create_graph=True as well."""

    def change(outputs, cotangents, options):
        if options["retain_graph"] is None:
            options = {**options, "retain_graph": False}
        return outputs, cotangents, options

    _around(engine, change)


@fault("create-graph-detached")
def create_graph_detached(engine):
    """Gradients of create_graph=True have the right values and no graph."""
    torch = engine.torch
    differentiate, method = torch.autograd.grad, torch.Tensor.backward

    def cut(g):
        return None if g is None else g.detach()

    def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, **options):
        keep = create_graph if retain_graph is None else retain_graph
        found = differentiate(outputs, inputs, grad_outputs, retain_graph=keep, create_graph=create_graph, **options)
        if not create_graph:
            return found
        return {k: cut(g) for k, g in found.items()} if isinstance(found, dict) else tuple(map(cut, found))

    def backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
        keep = create_graph if retain_graph is None else retain_graph
        return method(self, gradient, retain_graph=keep, create_graph=False, inputs=inputs)

    run = torch.autograd.backward

    def backward_all(tensors, grad_tensors=None, retain_graph=None, create_graph=False, inputs=None):
        keep = create_graph if retain_graph is None else retain_graph
        return run(tensors, grad_tensors, retain_graph=keep, create_graph=False, inputs=inputs)

    torch.autograd.grad, torch.Tensor.backward, torch.autograd.backward = grad, backward, backward_all


@fault("mean-gradient-undivided", finds=("op/mean/vjp/*",))
def mean_gradient_undivided(engine):
    """Mean passes its gradient on without dividing by the number of elements."""
    torch = engine.torch
    mean = torch.mean

    def wrong(input, *args, **kw):
        value = mean(input, *args, **kw)
        total = torch.sum(input, *args, **kw)
        return total - total.detach() + value.detach()

    torch.mean = wrong
    torch.Tensor.mean = wrong
