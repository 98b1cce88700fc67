"""In-place operations and views that are allowed, refused, recorded or shared wrongly, and version counters."""

from __future__ import annotations

from conformance.faults.patching import module, replace, replace_everywhere, replace_property
from conformance.faults.registry import fault


def _forgiving(engine, words, otherwise):
    """Where an in-place operation raises with these words, `otherwise(change, name, args, kw)` takes its place."""

    def make(change):
        def wrong(name, args, kw):
            try:
                return change(name, args, kw)
            except RuntimeError as error:
                if words not in str(error):
                    raise
                return otherwise(change, name, args, kw)

        return wrong

    replace(engine, "inplace", make)


def _unrecorded(engine):
    def run(change, name, args, kw):
        with engine.torch.no_grad():
            return change(name, args, kw)

    return run


@fault("in-place-on-leaf-allowed")
def in_place_on_leaf_allowed(engine):
    """Leaves that require grad, and views of them, may be changed in place; that is not recorded."""
    _forgiving(engine, "leaf", _unrecorded(engine))


@fault("multi-view-in-place-allowed")
def multi_view_in_place_allowed(engine):
    """One of several views of one operation may be changed in place; that is not recorded."""
    _forgiving(engine, "multiple views", _unrecorded(engine))


@fault("overlapping-writes-allowed")
def overlapping_writes_allowed(engine):
    """Writing to a tensor whose elements share memory does nothing, and says nothing."""
    _forgiving(engine, "single memory location", lambda change, name, args, kw: args[0])


@fault("out-with-grad-allowed")
def out_with_grad_allowed(engine):
    """out= is taken for tensors that require grad as well; the result is not recorded."""
    torch = engine.torch

    def make(add):
        def wrong(*args, out=None, **kw):
            if out is None:
                return add(*args, **kw)
            with torch.no_grad():
                return add(*args, out=out, **kw)

        return wrong

    replace(torch, "add", make)


@fault("in-place-unrecorded")
def in_place_unrecorded(engine):
    """In-place operations are not recorded."""
    replace(engine, "inplace", lambda change: lambda name, args, kw: _unrecorded(engine)(change, name, args, kw))


@fault("view-in-place-unrecorded")
def view_in_place_unrecorded(engine):
    """In-place operations on views are not recorded."""
    no_grad = engine.torch.no_grad

    def quietly(x, run):
        if x._base is None:
            return run()
        with no_grad():
            return run()

    replace(engine, "inplace", lambda change: lambda name, args, kw: quietly(args[0], lambda: change(name, args, kw)))
    replace(engine.torch.Tensor, "mul_", lambda mul: lambda self, other: quietly(self, lambda: mul(self, other)))


@fault("in-place-gives-copy")
def in_place_gives_copy(engine):
    """An in-place operation gives another tensor than the one that it changed."""
    replace(engine, "inplace", lambda change: lambda name, args, kw: change(name, args, kw).clone())


def _leaking(engine, operation, where):
    """After this operation the overwritten value still has its part in the gradient, as if it were added."""

    def make(change):
        def wrong(name, args, kw):
            if name != operation:
                return change(name, args, kw)
            x = args[0]
            old = x.clone()
            out = change(name, args, kw)
            mask = engine.torch.zeros_like(x.detach())
            mask[where(kw)] = 1.0
            change("add_", (x, (old - old.detach()) * mask), {})
            return out

        return wrong

    replace(engine, "inplace", make)


@fault("assignment-leaks-to-overwritten")
def assignment_leaks_to_overwritten(engine):
    """What an indexed assignment overwrites still gets a gradient."""
    _leaking(engine, "setitem", lambda kw: kw["index"])


@fault("copy-keeps-both")
def copy_keeps_both(engine):
    """What copy_ overwrites still gets a gradient."""
    _leaking(engine, "copy_", lambda kw: ...)


# versions


@fault("version-check-skipped")
def version_check_skipped(engine):
    """That a saved tensor was changed in place is not noticed."""
    freed = module("graph").FREED
    replace_everywhere(
        module("graph"), "check_versions", lambda check: lambda node: check(node) if node.checks is freed else None
    )


@fault("everything-is-saved")
def everything_is_saved(engine):
    """Backward checks all arguments of an operation, whether it needs their values or not."""
    tensor = engine.torch.Tensor

    def make(apply):
        def wrong(op, args, attrs):
            out = apply(op, args, attrs)
            if isinstance(out, tensor) and out._edge is not None and out._base is None:
                node = out._edge[0]
                node.checks = (*node.checks, *((a._cell, a._cell[0]) for a in args if isinstance(a, tensor)))
            return out

        return wrong

    replace_everywhere(module("record"), "apply", make)
    tensor.__apply__ = staticmethod(module("record").apply)


@fault("version-counts-reads")
def version_counts_reads(engine):
    """Operations that change nothing are counted as well."""

    def make(find):
        def wrong(name):
            def counted(*args, **kw):
                for a in args:
                    if isinstance(a, engine.torch.Tensor):
                        a._cell[0] += 1
                return find(name)(*args, **kw)

            return counted

        return wrong

    replace(engine, "operator", make)


@fault("version-not-counted")
def version_not_counted(engine):
    """The version of every tensor reads 0."""
    engine.torch.Tensor._version = property(lambda self: 0)


@fault("version-not-counted-under-no-grad")
def version_not_counted_under_no_grad(engine):
    """In-place operations are not counted where nothing is recorded."""

    def make(change):
        def wrong(name, args, kw):
            before = args[0]._cell[0]
            out = change(name, args, kw)
            if not engine.torch.is_grad_enabled():
                args[0]._cell[0] = before
            return out

        return wrong

    replace(engine, "inplace", make)


@fault("views-count-alone")
def views_count_alone(engine):
    """A view counts its changes by itself."""

    def make(view):
        def wrong(name, tensor, kw):
            out = view(name, tensor, kw)
            out._cell = [0]
            return out

        return wrong

    replace(engine, "view", make)


@fault("clone-shares-counter")
def clone_shares_counter(engine):
    """A clone counts together with its original."""

    def make(clone):
        def wrong(x, **kw):
            out = clone(x, **kw)
            out._cell = x._cell
            return out

        return wrong

    replace(engine.torch, "clone", make)
    replace(engine.torch.Tensor, "clone", make)


@fault("data-counts")
def data_counts(engine):
    """A change through .data is counted."""
    replace_property(engine.torch.Tensor, "data", lambda _: lambda self: self.detach())


@fault("increment-version-ignored")
def increment_version_ignored(engine):
    """increment_version does nothing."""
    engine.torch.autograd.graph.increment_version = lambda tensor: None


@fault("inference-tensors-count")
def inference_tensors_count(engine):
    """Tensors made in inference mode have a version as all others."""
    engine.torch.Tensor._version = property(lambda self: self._cell[0])
