"""detach, copies and conversions that keep what they must drop, or drop what they must keep."""

from __future__ import annotations

from conformance.faults.patching import module, replace, replace_property
from conformance.faults.registry import fault


@fault("detach-leaks")
def detach_leaks(engine):
    """detach() hands on the history, so that gradients pass through it."""
    alias = module("tangents").alias
    engine.torch.Tensor.detach = alias


@fault("detach-copies")
def detach_copies(engine):
    """detach() and .data give the value in memory of their own."""
    replace(engine.torch.Tensor, "detach", lambda detach: lambda self: detach(self).clone())
    replace_property(engine.torch.Tensor, "data", lambda read: lambda self: read(self).clone())


@fault("detach-returns-self")
def detach_returns_self(engine):
    """detach() cuts the tensor itself and returns it."""
    engine.torch.Tensor.detach = lambda self: self.detach_() if self._base is None else self


@fault("detach-casts")
def detach_casts(engine):
    """detach() gives its value in the default dtype."""
    torch = engine.torch
    replace(
        torch.Tensor,
        "detach",
        lambda detach: lambda self: detach(self).to(torch.float32 if self.dtype == torch.float64 else torch.float64),
    )


@fault("detach-in-place-ignored")
def detach_in_place_ignored(engine):
    """detach_() does nothing and returns the tensor."""
    engine.torch.Tensor.detach_ = lambda self: self


@fault("detach-keeps-tangent")
def detach_keeps_tangent(engine):
    """detach() and detach_() keep the forward-mode tangent."""

    def keep(original):
        def wrong(self):
            tangents = self._tangents
            out = original(self)
            out._tangents = tangents
            return out

        return wrong

    replace(engine.torch.Tensor, "detach", keep)
    replace(engine.torch.Tensor, "detach_", keep)


@fault("version-not-shared")
def version_not_shared(engine):
    """A detached tensor counts its modifications by itself, so that the original's check does not see them."""

    def make(detach):
        def wrong(self):
            out = detach(self)
            out._cell = [0]
            return out

        return wrong

    replace(engine.torch.Tensor, "detach", make)


@fault("copy-loses-history")
def copy_loses_history(engine):
    """clone() and as_tensor() give tensors without history."""
    torch = engine.torch
    replace(torch.Tensor, "clone", lambda clone: lambda self, **kw: clone(self, **kw).detach())
    for name in ("clone", "as_tensor", "asarray"):
        replace(torch, name, lambda make: lambda *args, **kw: make(*args, **kw).detach())
    replace(torch.Tensor, "as_subclass", lambda make: lambda self, cls: make(self.detach(), cls))


@fault("copy-keeps-history")
def copy_keeps_history(engine):
    """tensor() and new_tensor() of a tensor, and asarray(requires_grad=False), stay in the graph of what they copy."""
    torch = engine.torch

    def linked(make, position):
        def wrong(*args, **kw):
            source = args[position] if len(args) > position else None
            return source.clone() if isinstance(source, torch.Tensor) and source.requires_grad else make(*args, **kw)

        return wrong

    replace(torch, "tensor", lambda make: linked(make, 0))
    replace(torch, "asarray", lambda make: linked(make, 0))
    replace(torch.Tensor, "new_tensor", lambda make: linked(make, 1))


@fault("item-returns-tensor")
def item_returns_tensor(engine):
    """item() gives the tensor itself, still in the graph, and tolist() a list of tensors."""
    engine.torch.Tensor.item = lambda self: self
    engine.torch.Tensor.tolist = lambda self: [self]
    engine.torch.Tensor.__float__ = lambda self: self


@fault("numpy-ignores-requires-grad")
def numpy_ignores_requires_grad(engine):
    """numpy() gives the values of a tensor that requires grad without a word."""
    replace(engine.torch.Tensor, "numpy", lambda read: lambda self, *, force=False: read(self, force=True))


@fault("same-dtype-to-copies")
def same_dtype_to_copies(engine):
    """to() copies even if dtype and device are those that the tensor has."""
    replace(engine.torch.Tensor, "to", lambda to: lambda self, *args, **kw: to(self, *args, **kw).clone())


@fault("factory-ignores-requires-grad")
def factory_ignores_requires_grad(engine):
    """Factories ignore requires_grad=True."""
    torch = engine.torch
    for name in ("tensor", "zeros", "ones", "full", "empty", "rand", "randn"):
        replace(torch, name, _deaf)
    replace(torch.Tensor, "new_tensor", _deaf)
    replace(torch.nn.Parameter, "__new__", lambda make: lambda cls, data=None, *_: make(cls, data, requires_grad=False))


def _deaf(make):
    def wrong(*args, requires_grad=False, **kw):
        return make(*args, **kw)

    return wrong
