"""Custom functions whose backward is not used as written, or is given or may give the wrong things."""

from __future__ import annotations

from conformance.faults.patching import module, replace, replace_everywhere
from conformance.faults.registry import fault


def _node():
    return module("function").FunctionNode


def _zeros(meta):
    return module("tensor").wrap(module("backends").namespace().zeros(*meta))


@fault("function-backward-ignored")
def function_backward_ignored(engine):
    """The gradient passes a custom function unchanged, whatever its backward says."""

    def wrong(self, grads):
        return tuple(grads[0] if is_tensor else None for is_tensor in self.args)

    _node()._call = wrong


@fault("function-first-output-only")
def function_first_output_only(engine):
    """A custom backward gets the gradient of the first output, and zeros for the others."""

    def make(call):
        def wrong(self, grads):
            return call(self, [grads[0], *(None if g is None else g * 0 for g in grads[1:])])

        return wrong

    replace(_node(), "_call", make)


@fault("function-backward-unrecorded")
def function_backward_unrecorded(engine):
    """A custom backward runs without recording, under create_graph too."""
    no_grad = engine.torch.no_grad

    def make(call):
        def wrong(self, grads):
            with no_grad():
                return call(self, grads)

        return wrong

    replace(_node(), "_call", make)


@fault("needs-input-grad-all-true")
def needs_input_grad_all_true(engine):
    """ctx.needs_input_grad is True for every argument."""

    def make(call):
        def wrong(self, grads):
            self.needs_input_grad = (True,) * len(self.args)
            return call(self, grads)

        return wrong

    replace(_node(), "_call", make)


@fault("ctx-attributes-lost")
def ctx_attributes_lost(engine):
    """What forward keeps as attributes of ctx is gone when backward runs."""

    def make(call):
        def wrong(self, grads):
            for name in [n for n in vars(self) if not n.startswith("_") and n != "needs_input_grad"]:
                delattr(self, name)
            return call(self, grads)

        return wrong

    replace(_node(), "_call", make)


@fault("boxed-grads-ignored")
def boxed_grads_ignored(engine):
    """The gradients come one by one although boxed_grads_call asks for one list."""

    def make(call):
        def wrong(self, grads):
            if getattr(self._function, "boxed_grads_call", False):
                return self._function.backward(self, *grads)
            return call(self, grads)

        return wrong

    replace(_node(), "_call", make)


@fault("vjp-ignored")
def vjp_ignored(engine):
    """A vjp that is defined in place of backward is not used."""

    def wrong(self, grads):
        return self._function.backward(self, *grads)

    _node()._call = wrong


@fault("missing-backward-gives-none")
def missing_backward_gives_none(engine):
    """A custom function without backward passes no gradient on, and says nothing."""
    engine.torch.autograd.Function.backward = staticmethod(lambda ctx, *grads: (None,) * len(ctx.args))
    engine.torch.autograd.Function.vjp = engine.torch.autograd.Function.backward


@fault("non-tensor-output-gets-zero")
def non_tensor_output_gets_zero(engine):
    """A custom backward gets a zero, not None, for an output that is no tensor."""
    torch = engine.torch

    def make(call):
        def wrong(self, grads):
            return call(
                self, [torch.zeros(()) if meta is None else g for g, meta in zip(grads, self.metas, strict=True)]
            )

        return wrong

    replace(_node(), "_call", make)


@fault("grads-not-materialized")
def grads_not_materialized(engine):
    """A gradient or tangent that did not arrive is None in custom functions, unless zeros are asked for."""
    _node()._materialize = False


@fault("set-materialize-ignored")
def set_materialize_ignored(engine):
    """set_materialize_grads does nothing."""
    module("function").FunctionCtx.set_materialize_grads = lambda self, value: None


@fault("gradient-count-unchecked")
def gradient_count_unchecked(engine):
    """Gradients that a custom backward gives too few or too many of are filled up with None, or cut off."""

    def make(check):
        def wrong(self, found):
            found = tuple(found) if isinstance(found, tuple | list) else (found,)
            found = (*found, *(None,) * len(self.edges))[: len(self.edges)]
            return check(self, tuple(c if is_tensor else None for c, is_tensor in zip(found, self.args, strict=True)))

        return wrong

    replace(_node(), "_checked", make)


@fault("gradient-shape-unchecked")
def gradient_shape_unchecked(engine):
    """A gradient of the wrong shape is repeated until it fits."""
    expand = module("rules").expand

    def make(fit):
        def wrong(self, i, c):
            e = self.edges[i]
            if c is None or e is None:
                return None
            shape = e[0].shape if e[0].metas is None else e[0].metas[e[1]][0]
            return (
                expand(c.sum(), shape=shape) if len(c.shape) != len(shape) or c.shape[0] < shape[0] else fit(self, i, c)
            )

        return wrong

    replace(_node(), "_fitted", make)


@fault("unneeded-gradient-refused")
def unneeded_gradient_refused(engine):
    """A custom backward must give None for inputs that do not require grad."""

    def make(check):
        def wrong(self, found):
            for c, e in zip(found if isinstance(found, tuple) else (found,), self.edges, strict=False):
                if c is not None and e is None:
                    raise RuntimeError("a gradient was returned for an input that does not require grad")
            return check(self, found)

        return wrong

    replace(_node(), "_checked", make)


@fault("none-gradient-is-zero")
def none_gradient_is_zero(engine):
    """None returned by a custom backward for a tensor that requires grad arrives as zeros."""

    def make(fit):
        def wrong(self, i, c):
            e = self.edges[i]
            if c is None and e is not None:
                return _zeros((e[0].shape, e[0].dtype) if e[0].metas is None else e[0].metas[e[1]])
            return fit(self, i, c)

        return wrong

    replace(_node(), "_fitted", make)


@fault("once-differentiable-ignored")
def once_differentiable_ignored(engine):
    """once_differentiable leaves the backward as it is, so that it is differentiated again."""
    replace_everywhere(module("function"), "once_differentiable", lambda _: lambda fn: fn)


@fault("once-differentiable-refuses")
def once_differentiable_refuses(engine):
    """A backward marked once_differentiable raises as soon as create_graph is given."""
    torch = engine.torch

    def make(mark):
        def wrong(fn):
            marked = mark(fn)

            def refusing(ctx, *grads):
                if torch.is_grad_enabled():
                    raise RuntimeError("trying to differentiate twice a function marked with @once_differentiable")
                return marked(ctx, *grads)

            return refusing

        return wrong

    replace_everywhere(module("function"), "once_differentiable", make)


@fault("expanded-gradient-refused")
def expanded_gradient_refused(engine):
    """A custom backward must give gradients of exactly the shape of the inputs."""

    def make(fit):
        def wrong(self, i, c):
            e = self.edges[i]
            if c is not None and e is not None:
                shape = e[0].shape if e[0].metas is None else e[0].metas[e[1]][0]
                if c.shape != shape:
                    raise RuntimeError(f"an invalid gradient of shape {list(c.shape)}, expected {list(shape)}")
            return fit(self, i, c)

        return wrong

    replace(_node(), "_fitted", make)
