"""Gradients that arrive at a leaf wrongly: overwritten, aliased, recorded, missing, or there too early."""

from __future__ import annotations

from conformance.faults.patching import module, replace, replace_property, replace_setter
from conformance.faults.registry import fault


def _engine_pass():
    return module("backward").Pass


class _Forgetful(list):
    """A node's entry in the pass: what has arrived reads as nothing while more is to come, so that the last wins."""

    def __getitem__(self, i):
        return None if i == 1 and list.__getitem__(self, 0) else list.__getitem__(self, i)


@fault("overwrite-grad")
def overwrite_grad(engine):
    """A later backward replaces .grad instead of adding to it."""

    def make(store):
        def wrong(self, x, g):
            x._grad = None
            store(self, x, g)

        return wrong

    def make_retained(retain):
        def wrong(self, x, g):
            x._grad = None
            retain(self, x, g)

        return wrong

    replace(_engine_pass(), "_store", make)
    replace(_engine_pass(), "_retain", make_retained)


@fault("last-path-wins")
def last_path_wins(engine):
    """Where several paths reach a tensor, the last contribution replaces the earlier ones."""

    def make(count):
        def wrong(self, roots):
            count(self, roots)
            self.dependencies.update({node: _Forgetful(entry) for node, entry in self.dependencies.items()})

        return wrong

    replace(_engine_pass(), "_count", make)


@fault("grad-aliases-cotangent")
def grad_aliases_cotangent(engine):
    """The first gradient is stored as the very array that arrived, which may be the user's own."""
    wrap, namespace = module("tensor").wrap, module("backends").namespace
    tensor = module("tensor").Tensor

    def wrong(self, x, g):
        return g if isinstance(g, tensor) else wrap(namespace(g).asarray(g))

    _engine_pass()._fresh = wrong


@fault("grad-has-history")
def grad_has_history(engine):
    """A gradient, stored or returned, requires grad although nothing asked for it to be recorded."""
    differentiate = engine.torch.autograd.grad

    def returned(*args, **kw):
        found = differentiate(*args, **kw)
        for g in found.values() if isinstance(found, dict) else found:
            if g is not None and g._edge is None:
                g.requires_grad_()
        return found

    engine.torch.autograd.grad = returned

    def make(store):
        def wrong(self, x, g):
            store(self, x, g)
            if x._grad._edge is None:
                x._grad._requires = True

        return wrong

    replace(_engine_pass(), "_store", make)


@fault("grad-starts-at-zero")
def grad_starts_at_zero(engine):
    """The .grad of a leaf that requires grad reads as zeros before any backward."""
    torch = engine.torch

    def make(read):
        def wrong(self):
            found = read(self)
            return torch.zeros_like(self.detach()) if found is None and self._requires else found

        return wrong

    replace_property(torch.Tensor, "grad", make)


@fault("grad-read-copies")
def grad_read_copies(engine):
    """Reading .grad gives a copy, so that editing it has no effect."""

    def make(read):
        def wrong(self):
            found = read(self)
            return None if found is None else found.clone()

        return wrong

    replace_property(engine.torch.Tensor, "grad", make)


@fault("set-grad-ignored")
def set_grad_ignored(engine):
    """Assigning to .grad does nothing."""
    replace_setter(engine.torch.Tensor, "grad", lambda self, value: None)


@fault("zero-derivative-is-none")
def zero_derivative_is_none(engine):
    """A gradient that is zero everywhere is dropped, and .grad stays None."""

    def make(store):
        def wrong(self, x, g):
            values = g._data if isinstance(g, engine.torch.Tensor) else g
            if values.any():
                store(self, x, g)

        return wrong

    replace(_engine_pass(), "_store", make)


@fault("non-leaf-grad-kept")
def non_leaf_grad_kept(engine):
    """Intermediate results keep their gradient as if retain_grad had been called on each."""
    record = module("record")
    original = record.apply

    def wrong(op, args, attrs):
        out = original(op, args, attrs)
        if isinstance(out, engine.torch.Tensor) and out._edge is not None and out._base is None:
            out.retain_grad()
            engine.kept = [*getattr(engine, "kept", []), out][-64:]
        return out

    engine.torch.Tensor.__apply__ = staticmethod(wrong)
    for name in ("api", "methods"):
        for holder in [m for key, m in __import__("sys").modules.items() if key.startswith(f"refgrad.{name}")]:
            if getattr(holder, "apply", None) is original:
                holder.apply = wrong


@fault("no-unbroadcast", finds=("op/*/vjp/broadcast*",))
def no_unbroadcast(engine):
    """The cotangent of a broadcast argument is not summed: its first entries are handed on."""

    def make(conform):
        def wrong(c, shape, dtype):
            if c.shape != shape and len(shape) <= len(c.shape):
                lead = len(c.shape) - len(shape)
                c = c[(0,) * lead + tuple(slice(0, n) for n in shape)]
            return conform(c, shape, dtype)

        return wrong

    replace(module("backward"), "conform", make)
