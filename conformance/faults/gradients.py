"""What autograd.grad returns, for which inputs, and what it must leave alone."""

from __future__ import annotations

from conformance.faults.registry import fault


def _wrap(engine, make):
    engine.torch.autograd.grad = make(engine.torch.autograd.grad)


def _inputs(inputs):
    return (
        list(inputs.values())
        if isinstance(inputs, dict)
        else list(inputs)
        if isinstance(inputs, tuple | list)
        else [inputs]
    )


@fault("grad-returns-bare")
def grad_returns_bare(engine):
    """For a single bare input the gradient comes as a tensor, not in a tuple."""
    torch = engine.torch

    def make(grad):
        def wrong(outputs, inputs, *args, **kw):
            found = grad(outputs, inputs, *args, **kw)
            return found[0] if isinstance(inputs, torch.Tensor) else found

        return wrong

    _wrap(engine, make)


@fault("dict-inputs-give-tuple")
def dict_inputs_give_tuple(engine):
    """For a dict of inputs the gradients come as a tuple."""

    def make(grad):
        def wrong(outputs, inputs, *args, **kw):
            return grad(outputs, tuple(_inputs(inputs)) if isinstance(inputs, dict) else inputs, *args, **kw)

        return wrong

    _wrap(engine, make)


@fault("grad-accumulates")
def grad_accumulates(engine):
    """The gradients are added into .grad of the inputs as well."""
    torch = engine.torch

    def make(grad):
        def wrong(outputs, inputs, *args, **kw):
            found = grad(outputs, inputs, *args, **kw)
            values = found.values() if isinstance(found, dict) else found
            for x, g in zip(_inputs(inputs), values, strict=True):
                if isinstance(x, torch.Tensor) and g is not None and x.is_leaf and x.shape == g.shape:
                    x.grad = g.detach() if x.grad is None else x.grad + g.detach()
            return found

        return wrong

    _wrap(engine, make)


def _filling(engine, fill):
    """autograd.grad that answers an unused input with `fill(x)`, whatever was asked for."""

    def make(grad):
        def wrong(outputs, inputs, *args, allow_unused=None, materialize_grads=False, **kw):
            found = grad(outputs, inputs, *args, allow_unused=True, **kw)
            if isinstance(found, dict):
                return {k: fill(inputs[k]) if g is None else g for k, g in found.items()}
            return tuple(fill(x) if g is None else g for x, g in zip(_inputs(inputs), found, strict=True))

        return wrong

    _wrap(engine, make)


@fault("unused-gives-zeros")
def unused_gives_zeros(engine):
    """An unused input gets zeros, whatever allow_unused says."""
    _filling(engine, lambda x: engine.torch.zeros_like(x.detach()))


@fault("unused-gives-none")
def unused_gives_none(engine):
    """An unused input gets None without allow_unused."""

    def make(grad):
        def wrong(*args, allow_unused=None, **kw):
            return grad(*args, allow_unused=None if kw.get("materialize_grads") else True, **kw)

        return wrong

    _wrap(engine, make)


@fault("materialize-ignored")
def materialize_ignored(engine):
    """materialize_grads has no effect, nor is it checked against allow_unused."""

    def make(grad):
        def wrong(*args, materialize_grads=False, allow_unused=None, **kw):
            return grad(*args, allow_unused=True if materialize_grads else allow_unused, **kw)

        return wrong

    _wrap(engine, make)


@fault("intermediate-input-unused")
def intermediate_input_unused(engine):
    """An input that is not a leaf counts as unused."""
    torch = engine.torch

    def make(grad):
        def wrong(outputs, inputs, *args, **kw):
            computed = [not (isinstance(x, torch.Tensor) and x.is_leaf) for x in _inputs(inputs)]
            if any(computed) and not (kw.get("allow_unused") or kw.get("materialize_grads")):
                raise RuntimeError("One of the differentiated Tensors appears to not have been used in the graph.")
            found = grad(outputs, inputs, *args, **kw)
            return tuple(None if c else g for c, g in zip(computed, found, strict=True)) if any(computed) else found

        return wrong

    _wrap(engine, make)


@fault("constant-input-unused")
def constant_input_unused(engine):
    """An input that does not require grad counts as unused instead of being refused as such."""
    torch = engine.torch

    def make(grad):
        def wrong(outputs, inputs, *args, **kw):
            if any(isinstance(x, torch.Tensor) and not x.requires_grad for x in _inputs(inputs)):
                if not kw.get("allow_unused"):
                    raise RuntimeError(
                        "One of the differentiated Tensors appears to not have been used; set allow_unused"
                    )
                return (None,) * len(_inputs(inputs))
            return grad(outputs, inputs, *args, **kw)

        return wrong

    _wrap(engine, make)


@fault("batch-first-only")
def batch_first_only(engine):
    """is_grads_batched uses the first entry of the batch for all of them."""
    torch = engine.torch

    def make(grad):
        def wrong(outputs, inputs, grad_outputs=None, *args, is_grads_batched=False, **kw):
            if is_grads_batched and isinstance(grad_outputs, torch.Tensor):
                grad_outputs = grad_outputs[:1].expand(grad_outputs.shape)
            return grad(outputs, inputs, grad_outputs, *args, is_grads_batched=is_grads_batched, **kw)

        return wrong

    _wrap(engine, make)
