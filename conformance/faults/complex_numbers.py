"""Complex gradients in other conventions than PyTorch's, or not conjugated where they must be."""

from __future__ import annotations

from conformance.faults.patching import module, replace_everywhere, replace_property
from conformance.faults.registry import fault


def changed_gradients(engine, change):
    """Passes every gradient that is handed out, by autograd.grad or as .grad, through `change`."""
    torch = engine.torch
    grad = torch.autograd.grad

    def wrong(*args, **kw):
        found = grad(*args, **kw)
        if isinstance(found, dict):
            return {k: None if g is None else change(g) for k, g in found.items()}
        return tuple(None if g is None else change(g) for g in found)

    torch.autograd.grad = wrong
    replace_property(torch.Tensor, "grad", lambda read: lambda self: None if read(self) is None else change(read(self)))


@fault("complex-gradient-conjugated")
def complex_gradient_conjugated(engine):
    """The gradient of a complex tensor is dL/da - i dL/db, as in JAX."""
    changed_gradients(engine, lambda g: g.conj() if g.is_complex() else g)


@fault("complex-gradient-halved")
def complex_gradient_halved(engine):
    """The gradient of a complex tensor is the conjugate Wirtinger derivative itself, not twice that."""
    changed_gradients(engine, lambda g: g * 0.5 if g.is_complex() else g)


@fault("complex-leaf-gets-real-gradient")
def complex_leaf_gets_real_gradient(engine):
    """The gradient of a complex tensor loses its imaginary part."""
    changed_gradients(engine, lambda g: g.real if g.is_complex() else g)


@fault("complex-product-unconjugated")
def complex_product_unconjugated(engine):
    """The saved factor of a product is not conjugated in the backward pass."""
    rules = module("rules")
    replace_everywhere(rules, "_conjugated", lambda _: lambda x: x)
    replace_everywhere(rules, "_scaled", lambda scaled: lambda g, factor, *, conjugate=False: scaled(g, factor))


@fault("optimizer-squares-complex")
def optimizer_squares_complex(engine):
    """Adam squares complex gradients as they are, not their real and imaginary parts."""
    adam = module("optim.adam")
    adam._move = adam._move.__wrapped__
