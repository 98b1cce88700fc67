"""What is a leaf, what requires grad, and which tensors keep their gradient."""

from __future__ import annotations

from conformance.faults.patching import module, replace, replace_everywhere, replace_setter
from conformance.faults.registry import fault


@fault("is-leaf-always-true")
def is_leaf_always_true(engine):
    """is_leaf is True for recorded results too."""
    engine.torch.Tensor.is_leaf = property(lambda self: True)


@fault("is-leaf-means-constant")
def is_leaf_means_constant(engine):
    """is_leaf is the opposite of requires_grad."""
    engine.torch.Tensor.is_leaf = property(lambda self: not self.requires_grad)


@fault("is-leaf-means-created")
def is_leaf_means_created(engine):
    """is_leaf is False for every result of an operation, untracked ones too."""
    tensor = engine.torch.Tensor
    original, apply = tensor.__dict__["is_leaf"], tensor.__apply__

    def recorded(op, args, attrs):
        out = apply(op, args, attrs)
        if isinstance(out, tensor):
            out._computed = True
        return out

    tensor.__apply__ = staticmethod(recorded)
    for name in ("add", "mul", "exp"):
        method = getattr(tensor, f"__{name}__", None)
        if method is not None:
            replace(tensor, f"__{name}__", _marking)
            replace(tensor, f"__r{name}__", _marking)
    tensor.is_leaf = property(lambda self: original.fget(self) and not getattr(self, "_computed", False))


def _marking(method):
    def marked(self, *args):
        out = method(self, *args)
        out._computed = True
        return out

    return marked


@fault("retain-grad-ignored")
def retain_grad_ignored(engine):
    """retain_grad() does nothing."""
    engine.torch.Tensor.retain_grad = lambda self: None


@fault("retain-grad-flags-leaf")
def retain_grad_flags_leaf(engine):
    """retain_grad() on a leaf makes retains_grad True."""
    tensor = engine.torch.Tensor
    original = tensor.__dict__["retains_grad"]

    def make(retain):
        def wrong(self):
            retain(self)
            self._flagged = True

        return wrong

    replace(tensor, "retain_grad", make)
    tensor.retains_grad = property(lambda self: original.fget(self) or getattr(self, "_flagged", False))


@fault("set-requires-grad-ignored")
def set_requires_grad_ignored(engine):
    """requires_grad cannot be changed after creation: assigning and requires_grad_() do nothing."""
    tensor = engine.torch.Tensor
    replace_setter(tensor, "requires_grad", lambda self, value: None)
    original = tensor.requires_grad_
    tensor.requires_grad_ = lambda self, requires_grad=True: self
    engine.leaf = lambda array, requires_grad: original(engine.from_numpy(array), requires_grad)


@fault("set-true-cuts-history")
def set_true_cuts_history(engine):
    """requires_grad_(True) on a non-leaf makes it a leaf."""

    def make(ask):
        def wrong(self, requires_grad=True):
            if requires_grad and not self.is_leaf:
                self._edge, self._requires = None, True
            return ask(self, requires_grad)

        return wrong

    replace(engine.torch.Tensor, "requires_grad_", make)


@fault("requires-grad-by-default")
def requires_grad_by_default(engine):
    """New tensors of floats require grad without being asked, and so do results computed from constants."""
    torch = engine.torch
    leaf = engine.leaf
    engine.leaf = lambda array, requires_grad: leaf(array, array.dtype.kind == "f")

    def asking(make):
        def wrong(*args, requires_grad=True, **kw):
            made = make(*args, **kw)
            return made.requires_grad_(requires_grad) if made.is_floating_point() else made

        return wrong

    for name in ("tensor", "zeros", "ones", "full", "empty", "rand", "randn"):
        replace(torch, name, asking)


@fault("requires-grad-not-propagated")
def requires_grad_not_propagated(engine):
    """A result requires grad only if the first of its tensor arguments does."""
    tensor = engine.torch.Tensor

    def make(apply):
        def wrong(op, args, attrs):
            first = next((i for i, a in enumerate(args) if isinstance(a, tensor)), 0)
            cut = [a.detach() if isinstance(a, tensor) and i > first and a._requires else a for i, a in enumerate(args)]
            return apply(op, cut, attrs)

        return wrong

    replace_everywhere(module("record"), "apply", make)
    tensor.__apply__ = staticmethod(module("record").apply)


@fault("frozen-gets-grad")
def frozen_gets_grad(engine):
    """Leaves that do not require grad are recorded, and their .grad filled, all the same."""
    tensor, leaf = engine.torch.Tensor, engine.leaf
    original = tensor.__dict__["requires_grad"]

    def freeze(self, requires_grad=True):
        if self._data.dtype.kind == "f" and self._edge is None:
            self._requires, self._frozen = True, not requires_grad
        return self

    tensor.requires_grad_ = freeze
    tensor.requires_grad = property(lambda self: original.fget(self) and not getattr(self, "_frozen", False), freeze)
    engine.leaf = lambda array, requires_grad: freeze(leaf(array, requires_grad=False), requires_grad)

    def make(accumulate):
        def wrong(self, node, g):
            x = node.variable
            frozen, x._frozen = getattr(x, "_frozen", False), False
            try:
                accumulate(self, node, g)
            finally:
                x._frozen = frozen

        return wrong

    replace(module("backward").Pass, "_accumulate", make)


@fault("discrete-results-tracked")
def discrete_results_tracked(engine):
    """Positions and comparisons of a tensor that requires grad read as requiring grad too."""
    tensor = engine.torch.Tensor
    original = tensor.__dict__["requires_grad"]

    def make(apply):
        def wrong(op, args, attrs):
            out = apply(op, args, attrs)
            tracked = any(isinstance(a, tensor) and original.fget(a) for a in args)
            for part in out if isinstance(out, tuple) else (out,):
                part._tracked = tracked
            return out

        return wrong

    replace_everywhere(module("record"), "apply", make)
    tensor.__apply__ = staticmethod(module("record").apply)
    tensor.requires_grad = property(lambda self: original.fget(self) or getattr(self, "_tracked", False), original.fset)
