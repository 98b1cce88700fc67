"""torch.func transforms that take the wrong argument, lose a part of what they give, or confuse their nesting."""

from __future__ import annotations

from conformance.faults.patching import module, replace, replace_everywhere
from conformance.faults.registry import fault


def _transforms():
    return module("func.transforms")


def _replace(name, make):
    """Replaces a transform wherever refgrad uses it."""
    replace_everywhere(_transforms(), name, make)


def _detached(tree):
    return module("func.pytree").tree_map(lambda x: x.detach(), tree)


def _results(name, change):
    """Passes what the functions made by a transform give through `change(result, args)`."""

    def make(transform):
        def wrong(func, *options, **kw):
            made = transform(func, *options, **kw)
            return lambda *args, **kwargs: change(made(*args, **kwargs), args)

        wrong.__name__ = transform.__name__
        return wrong

    _replace(name, make)


@fault("func-differentiates-all-arguments")
def func_differentiates_all_arguments(engine):
    """func.grad without argnums differentiates every tensor argument."""
    tensor = engine.torch.Tensor

    def make(grad):
        def wrong(func, argnums=0, has_aux=False):
            def wrapper(*args, **kw):
                every = tuple(i for i, a in enumerate(args) if isinstance(a, tensor))
                return grad(func, every if argnums == 0 and len(every) > 1 else argnums, has_aux)(*args, **kw)

            return wrapper

        return wrong

    _replace("grad", make)


@fault("func-gradients-detached")
def func_gradients_detached(engine):
    """What func.grad gives is a constant to a transform around it."""
    _results("grad", lambda result, _: _detached(result))


@fault("func-jacrev-detached")
def func_jacrev_detached(engine):
    """What jacrev gives is a constant to a transform around it."""
    _results("jacrev", lambda result, _: _detached(result))


@fault("argnums-ignored")
def argnums_ignored(engine):
    """Transforms differentiate the first argument, whatever argnums says."""
    for name in ("grad", "jacrev", "jacfwd"):
        _replace(name, lambda transform: lambda func, argnums=0, *rest, **kw: transform(func, 0, *rest, **kw))


@fault("aux-dropped")
def aux_dropped(engine):
    """With has_aux=True transforms give what they give without it."""

    def make(transform):
        def wrong(func, *args, has_aux=False, **kw):
            return transform((lambda *xs: func(*xs)[0]) if has_aux else func, *args, **kw)

        return wrong

    for name in ("grad", "vjp", "jvp", "jacrev", "jacfwd"):
        replace(engine.torch.func, name, make)


@fault("func-grad-sums-output")
def func_grad_sums_output(engine):
    """func.grad of a function with several results takes the sum of these."""
    tensor = engine.torch.Tensor

    def make(grad):
        def wrong(func, *args, **kw):
            def summed(*xs, **kwargs):
                y = func(*xs, **kwargs)
                return y.sum() if isinstance(y, tensor) else y

            return grad(summed, *args, **kw)

        return wrong

    _replace("grad", make)


@fault("value-before-gradient")
def value_before_gradient(engine):
    """grad_and_value gives the value first."""

    def make(transform):
        def wrong(*options, **kw):
            made = transform(*options, **kw)
            return lambda *args, **kwargs: made(*args, **kwargs)[::-1]

        return wrong

    replace(engine.torch.func, "grad_and_value", make)


@fault("func-grad-flattens")
def func_grad_flattens(engine):
    """The gradient of a structure is the list of its tensors' gradients."""
    flatten = module("func.pytree").flatten
    _results("grad", lambda result, _: flatten(result)[0] if isinstance(result, dict | tuple | list) else result)


@fault("transforms-ignore-inner-no-grad")
def transforms_ignore_inner_no_grad(engine):
    """no_grad has no effect inside a transformed function."""
    modes = module("modes")

    def make(start):
        def wrong(self, function=None):
            if modes.state.transforms:
                modes._Mode.__init__(self, grad=True)
            else:
                start(self, function)

        return wrong

    replace(modes.no_grad, "__init__", make)


@fault("transforms-obey-outer-no-grad")
def transforms_obey_outer_no_grad(engine):
    """no_grad around a transform switches it off."""
    state = module("modes").state

    def make(enter):
        def wrong(self):
            recording = state.grad
            found = enter(self)
            state.grad = state.grad and recording
            state.refresh()
            return found

        return wrong

    replace(_transforms()._Transform, "__enter__", make)


def _pulling(change):
    """Passes the pull-back that vjp gives through `change(pull)`."""

    def make(vjp):
        def wrong(func, *primals, **kw):
            output, pull, *aux = vjp(func, *primals, **kw)
            return (output, change(pull), *aux)

        return wrong

    _replace("vjp", make)


@fault("pull-back-to-first-only")
def pull_back_to_first_only(engine):
    """The pull-back of vjp gives the gradient of the first primal only."""
    _pulling(lambda pull: lambda *cotangents, **kw: pull(*cotangents, **kw)[:1])


@fault("pull-back-from-first-only")
def pull_back_from_first_only(engine):
    """The pull-back of vjp takes the first output's cotangent only."""
    pytree = module("func.pytree")

    def first(cotangents):
        leaves, spec = pytree.flatten(cotangents)
        return pytree.unflatten([leaves[0], *(c * 0 for c in leaves[1:])], spec)

    _pulling(lambda pull: lambda *cotangents, **kw: pull(*first(cotangents), **kw))


@fault("tangents-unchecked")
def tangents_unchecked(engine):
    """A jvp with tangents of another structure or shape than the primals gives zeros."""

    def make(jvp):
        def wrong(func, primals, tangents, **kw):
            try:
                return jvp(func, primals, tangents, **kw)
            except RuntimeError:
                output = func(*primals)
                return output, output * 0

        return wrong

    _replace("jvp", make)


@fault("perturbations-confused")
def perturbations_confused(engine):
    """A jvp inside another one shares its level."""
    levels = module("modes").state

    def make(next_level):
        return lambda: levels.levels[-1] if levels.levels else next_level()

    replace(_transforms(), "next_level", make)


@fault("linearize-remembers-first-tangent")
def linearize_remembers_first_tangent(engine):
    """The linear function that linearize gives answers every tangent as the first one."""

    def make(linearize):
        def wrong(func, *primals):
            output, push = linearize(func, *primals)
            kept = []

            def remembered(*tangents):
                if not kept:
                    kept.append(push(*tangents))
                return kept[0]

            return output, remembered

        return wrong

    _replace("linearize", make)


@fault("func-jacobians-transposed")
def func_jacobians_transposed(engine):
    """Both jacrev and jacfwd put the input's dimensions first."""

    def change(j, _):
        return j if isinstance(j, tuple) else j.permute(tuple(reversed(range(j.ndim))))

    for name in ("jacrev", "jacfwd"):
        _results(name, change)


@fault("functional-call-keeps-values")
def functional_call_keeps_values(engine):
    """After functional_call the module has the values that it was called with."""

    def make(call):
        def wrong(module, given, *args, **kw):
            found = call(module, given, *args, **kw)
            with engine.torch.no_grad():
                for name, value in given.items() if isinstance(given, dict) else ():
                    module.get_parameter(name).copy_(value)
            return found

        return wrong

    _functional_call(engine, make)


@fault("functional-call-detaches")
def functional_call_detaches(engine):
    """functional_call runs with detached copies of what it is given."""

    def make(call):
        def wrong(module, given, *args, **kw):
            return call(module, {k: x.detach() for k, x in given.items()}, *args, **kw)

        return wrong

    _functional_call(engine, make)


def _functional_call(engine, make):
    replace(engine.torch.func, "functional_call", make)


@fault("stacked-state-detached")
def stacked_state_detached(engine):
    """What stack_module_state gives does not require grad."""
    stateless = module("nn.utils.stateless")
    replace(stateless, "_stacked", lambda stack: lambda xs: stack(xs).requires_grad_(False))
