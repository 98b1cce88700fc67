"""Casts, promotion, broadcasting and devices that go wrong, and gradients that come in the wrong dtype."""

from __future__ import annotations

from conformance.faults.patching import module, replace, replace_everywhere, replace_setter
from conformance.faults.registry import fault


def _forgiving(engine, names, words):
    """Operators that give their first operand where they ought to raise an error with these words."""

    def make(operate):
        def wrong(self, *args, **kw):
            try:
                return operate(self, *args, **kw)
            except RuntimeError as error:
                if words not in str(error):
                    raise
                return self.clone()

        return wrong

    for name in names:
        replace(engine.torch.Tensor, name, make)


@fault("incompatible-shapes-repeat")
def incompatible_shapes_repeat(engine):
    """Operands whose shapes do not broadcast give the first of them instead of an error."""
    _forgiving(engine, ("__add__", "__mul__"), "must match")


@fault("in-place-target-grows")
def in_place_target_grows(engine):
    """An in-place operation whose target would have to grow leaves it alone, without an error."""
    _forgiving(engine, ("add_", "mul_"), "doesn't match the broadcast shape")


@fault("devices-mix")
def devices_mix(engine):
    """Operands on different devices give the first of them instead of an error."""
    _forgiving(engine, ("__add__", "__mul__"), "device")


@fault("integers-may-require-grad")
def integers_may_require_grad(engine):
    """requires_grad can be set on integer and boolean tensors."""

    def set_flag(self, value):
        self._requires = bool(value)

    tensor = engine.torch.Tensor
    replace_setter(tensor, "requires_grad", set_flag)
    replace(tensor, "requires_grad_", lambda _: lambda self, requires_grad=True: set_flag(self, requires_grad) or self)


def _casts(engine, change):
    """Passes what casts give through `change(source, result)`."""

    def make(cast):
        def wrong(self, *args, **kw):
            return change(self, cast(self, *args, **kw))

        return wrong

    for name in ("to", "float", "double", "half", "int", "long", "bool"):
        replace(engine.torch.Tensor, name, make)


@fault("integer-cast-keeps-gradient")
def integer_cast_keeps_gradient(engine):
    """A cast of a tensor that requires grad to an integer dtype requires grad too."""

    def change(source, result):
        if source.requires_grad and not result.is_floating_point():
            result._requires = True
        return result

    _casts(engine, change)


@fault("float-cast-detaches")
def float_cast_detaches(engine):
    """A cast between floating dtypes is not recorded."""
    _casts(engine, lambda source, result: result if result.dtype == source.dtype else result.detach())


@fault("device-copy-detaches")
def device_copy_detaches(engine):
    """A copy to another device is not recorded."""
    _casts(engine, lambda source, result: result if result.device == source.device else result.detach())


@fault("grad-on-cpu")
def grad_on_cpu(engine):
    """The gradient of a leaf on another device is on the CPU."""
    tensor = engine.torch.Tensor
    read = tensor.grad.fget

    def wrong(self):
        g = read(self)
        return g if g is None or g.device.type == "cpu" else engine.torch.zeros(tuple(g.shape), dtype=g.dtype)

    tensor.grad = property(wrong, tensor.grad.fset)


def _conforming(change):
    """Passes each cotangent that was reduced to its argument through `change(before, after, dtype)`."""

    def make(conform):
        def wrong(c, shape, dtype):
            kept = conform(c, shape, c.dtype)
            return kept if change(kept.dtype, dtype) else conform(kept, shape, dtype)

        return wrong

    replace_everywhere(module("rules"), "conform", make)


@fault("gradient-keeps-incoming-dtype")
def gradient_keeps_incoming_dtype(engine):
    """A gradient stays in the floating dtype in which it arrives at a leaf or an operation."""
    _conforming(lambda found, wanted: found.kind == wanted.kind == "f")


@fault("real-leaf-gets-complex-gradient")
def real_leaf_gets_complex_gradient(engine):
    """The gradient of a real tensor in complex computation keeps its imaginary part."""
    _conforming(lambda found, wanted: found.kind == "c" and wanted.kind == "f")


def _promoting(change):
    """Passes what promotion looks at through `change(dims, zeros, numbers)`."""

    def make(result_type):
        def wrong(dims, zeros=(), numbers=()):
            return result_type(*change(list(dims), list(zeros), list(numbers)))

        return wrong

    replace(module("dtypes"), "result_type", make)


@fault("integer-operand-widens")
def integer_operand_widens(engine):
    """A floating tensor with an integer tensor gives float64."""
    torch = engine.torch

    def change(dims, zeros, numbers):
        both = [*dims, *zeros]
        mixed = any(d.is_floating_point for d in both) and any(not d.is_floating_point for d in both)
        return ([*dims, torch.float64] if mixed else dims), zeros, numbers

    _promoting(change)


@fault("python-number-promotes")
def python_number_promotes(engine):
    """A Python number beside a tensor of half precision makes the result single."""
    torch = engine.torch

    def change(dims, zeros, numbers):
        half = numbers and any(d in (torch.float16, torch.bfloat16) for d in dims)
        return ([*dims, torch.float32] if half else dims), zeros, numbers

    _promoting(change)


@fault("zero-dim-promotes")
def zero_dim_promotes(engine):
    """A 0-dimensional tensor promotes a tensor with dimensions of its own category."""
    _promoting(lambda dims, zeros, numbers: ([*dims, *zeros], [], numbers))


@fault("in-place-casts-anything")
def in_place_casts_anything(engine):
    """An in-place result of a higher category is cast to the target without an error."""
    inplace = module("inplace")

    def make(check):
        def wrong(x, y):
            if y._data.shape != x._data.shape:
                check(x, y)

        return wrong

    replace(inplace, "_check_result", make)


@fault("grad-dtype-ignored")
def grad_dtype_ignored(engine):
    """Setting grad_dtype has no effect."""
    replace_setter(engine.torch.Tensor, "grad_dtype", lambda self, value: None)


@fault("grad-dtype-of-any-tensor")
def grad_dtype_of_any_tensor(engine):
    """grad_dtype of a non-leaf can be read and set."""
    engine.torch.Tensor.grad_dtype = property(lambda self: self.dtype, lambda self, value: None)
