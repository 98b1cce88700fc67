"""Views that are copies, that do not follow their base, or whose gradients go to the wrong places."""

from __future__ import annotations

import numpy as np

from conformance.faults.patching import replace, replace_property
from conformance.faults.registry import fault

_VIEWS = ("view", "t", "select", "narrow", "permute", "transpose", "diagonal", "unfold", "expand", "chunk", "split")


@fault("views-copy")
def views_copy(engine):
    """What should be views have memory of their own."""

    def copied(out):
        return tuple(x.clone() for x in out) if isinstance(out, tuple | list) else out.clone()

    replace(engine, "view", lambda view: lambda name, tensor, kw: copied(view(name, tensor, kw)))
    for name in _VIEWS:
        replace(engine.torch.Tensor, name, lambda view: lambda *args, **kw: copied(view(*args, **kw)))


@fault("views-go-stale")
def views_go_stale(engine):
    """A view keeps its place in the graph when its base is changed in place."""

    def wrong(self):
        self._seen = self._cell[0]

    engine.torch.Tensor._refresh = wrong


@fault("basic-indexing-copies")
def basic_indexing_copies(engine):
    """Basic indexing gives a copy."""
    replace(engine.torch.Tensor, "__getitem__", lambda take: lambda self, index: take(self, index).clone())


@fault("contiguous-copies")
def contiguous_copies(engine):
    """contiguous() gives a copy of what is contiguous already."""

    def make(find):
        return lambda name: (lambda x: find(name)(x).clone()) if name == "contiguous" else find(name)

    replace(engine, "operator", make)


@fault("real-copies")
def real_copies(engine):
    """The real part of a complex tensor is a copy."""
    replace_property(engine.torch.Tensor, "real", lambda read: lambda self: read(self).clone())


@fault("unsafe-split-is-split")
def unsafe_split_is_split(engine):
    """unsafe_split and unsafe_chunk give views, as the safe ones do."""
    tensor = engine.torch.Tensor
    tensor.unsafe_split, tensor.unsafe_chunk = tensor.split, tensor.chunk


def _with_gradient_of(engine, names, change):
    """Operators with these names keep their value; their gradient is that of what `change(apply, x)` gives."""

    def make(find):
        def wrong(name):
            apply = find(name)
            if name not in names:
                return apply

            def changed(x, **kw):
                right = apply(x, **kw)
                other = change(lambda t: apply(t, **kw), x)
                if not isinstance(right, tuple | list):
                    return right.detach() + other - other.detach()
                return tuple(y.detach() + z - z.detach() for y, z in zip(right, other, strict=True))

            return changed

        return wrong

    replace(engine, "operator", make)


@fault("view-gradient-misplaced")
def view_gradient_misplaced(engine):
    """The gradient of a view goes to the base's elements in reverse order."""
    names = ("t", "getitem", "transpose", "view", "reshape", "flatten", "diagonal", "unbind", "split", "chunk")

    def reversed_(apply, x):
        return apply(x.flip(dims=tuple(range(x.ndim))))

    _with_gradient_of(engine, names, reversed_)


@fault("repeats-counted-once")
def repeats_counted_once(engine):
    """Where an element of a tensor appears several times in a result, only the first place counts for its gradient."""
    torch = engine.torch

    def first_only(apply, x):
        where = np.array(apply(torch.arange(x.numel()).reshape(x.shape)).tolist())
        mask = np.zeros(where.size)
        mask[np.unique(where.ravel(), return_index=True)[1]] = 1.0
        return apply(x) * torch.tensor(mask.reshape(where.shape).tolist(), dtype=x.dtype)

    _with_gradient_of(engine, ("expand", "unfold", "getitem"), first_only)
