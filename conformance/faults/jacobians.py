"""torch.autograd.functional: vectors that are ignored, Jacobians turned round, checks that are left out."""

from __future__ import annotations

from conformance.faults.patching import module, replace
from conformance.faults.registry import fault


def _wrap(engine, names, change):
    """Replaces functions by `change(compute, function, inputs, args, options)`."""

    def make(compute):
        def wrong(function, inputs, *args, **options):
            return change(compute, function, inputs, args, options)

        return wrong

    for name in names:
        replace(engine.torch.autograd.functional, name, make)


def _ones(v):
    return tuple(_ones(x) for x in v) if isinstance(v, tuple) else v * 0 + 1


def _without_vector(compute, f, xs, args, kw):
    return compute(f, xs, *(v if v is None else _ones(v) for v in args), **kw)


@fault("functional-vjp-ignores-vector")
def functional_vjp_ignores_vector(engine):
    """functional.vjp takes ones for whatever vector is given."""
    _wrap(engine, ["vjp"], _without_vector)


@fault("functional-jvp-ignores-vector")
def functional_jvp_ignores_vector(engine):
    """functional.jvp takes ones for whatever vector is given."""
    _wrap(engine, ["jvp"], _without_vector)


@fault("hessian-products-elementwise")
def hessian_products_elementwise(engine):
    """A product with the Hessian is v times the product of the Hessian with ones, element by element."""

    def change(compute, f, xs, args, kw):
        output, h = _without_vector(compute, f, xs, args, kw)
        v = args[0]
        return output, tuple(a * b for a, b in zip(h, v, strict=True)) if isinstance(h, tuple) else h * v

    _wrap(engine, ["hvp", "vhp"], change)


def _vectors(change):
    """Passes the arguments of the check of vectors through `change(check, v, like, several, what)`."""
    replace(module("autograd.functional"), "_vectors", lambda check: lambda *args: change(check, *args))


@fault("functional-vector-defaults-to-ones")
def functional_vector_defaults_to_ones(engine):
    """A vector that is left out is ones, for any number of elements."""
    _vectors(
        lambda check, v, like, *rest: tuple(_ones(x.detach()) for x in like) if v is None else check(v, like, *rest)
    )


@fault("functional-vector-broadcast")
def functional_vector_broadcast(engine):
    """A vector of another size than the output is broadcast, or cut, to it."""

    def change(check, v, like, *rest):
        same = isinstance(v, engine.torch.Tensor) and len(like) == 1 and tuple(v.shape) != tuple(like[0].shape)
        return tuple(v.flatten()[0] * _ones(x.detach()) for x in like) if same else check(v, like, *rest)

    _vectors(change)


@fault("functional-always-detached")
def functional_always_detached(engine):
    """create_graph has no effect on the functional interface."""
    names = ["jacobian", "hessian", "vjp", "jvp", "hvp", "vhp"]
    _wrap(engine, names, lambda compute, f, xs, args, kw: compute(f, xs, *args, **kw | {"create_graph": False}))


@fault("functional-strict-ignored")
def functional_strict_ignored(engine):
    """The functional interface ignores strict."""
    names = ["jacobian", "hessian", "vjp", "jvp", "hvp", "vhp"]
    _wrap(engine, names, lambda compute, f, xs, args, kw: compute(f, xs, *args, **kw | {"strict": False}))


@fault("functional-takes-numbers")
def functional_takes_numbers(engine):
    """Inputs that are not tensors are passed to the function as they are."""
    torch = engine.torch

    def change(compute, f, xs, args, kw):
        if isinstance(xs, torch.Tensor) or all(isinstance(x, torch.Tensor) for x in xs):
            return compute(f, xs, *args, **kw)
        kept = tuple(x for x in xs if isinstance(x, torch.Tensor))
        rest = tuple(x for x in xs if not isinstance(x, torch.Tensor))
        return compute(lambda *ts: f(*ts, *rest), kept, *args, **kw)

    _wrap(engine, ["jacobian", "hessian", "vjp"], change)


@fault("functional-jacobian-transposed")
def functional_jacobian_transposed(engine):
    """The Jacobian of one input and output has the input's dimensions first."""

    def change(compute, f, xs, args, kw):
        j = compute(f, xs, *args, **kw)
        return j if isinstance(j, tuple) else j.permute(tuple(reversed(range(j.ndim))))

    _wrap(engine, ["jacobian"], change)


@fault("functional-jacobian-blocks-swapped")
def functional_jacobian_blocks_swapped(engine):
    """For several inputs and outputs J[i][j] is that of output j and input i."""

    def change(compute, f, xs, args, kw):
        j = compute(f, xs, *args, **kw)
        nested = isinstance(j, tuple) and isinstance(j[0], tuple)
        return tuple(zip(*j, strict=True)) if nested else j

    _wrap(engine, ["jacobian"], change)


@fault("functional-vectorize-flattens")
def functional_vectorize_flattens(engine):
    """With vectorize=True the Jacobian is a matrix, whatever the shapes."""

    def change(compute, f, xs, args, kw):
        j = compute(f, xs, *args, **kw)
        return j.reshape(-1, xs.numel()) if kw.get("vectorize") and isinstance(j, engine.torch.Tensor) else j

    _wrap(engine, ["jacobian"], change)


@fault("functional-strategy-unchecked")
def functional_strategy_unchecked(engine):
    """Forward-mode strategies work without vectorize=True."""

    def change(compute, f, xs, args, kw):
        forward = "forward-mode" in (kw.get("strategy"), kw.get("outer_jacobian_strategy"))
        return compute(f, xs, *args, **kw | {"vectorize": True} if forward else kw)

    _wrap(engine, ["jacobian", "hessian"], change)


@fault("functional-hessian-detached")
def functional_hessian_detached(engine):
    """The gradient is a constant to the outer derivative of hessian, which gives zeros."""

    def change(compute, f, xs, args, kw):
        h = compute(f, xs, *args, **kw)
        return h if isinstance(h, tuple) else h * 0

    _wrap(engine, ["hessian"], change)


@fault("functional-hessian-diagonal-blocks")
def functional_hessian_diagonal_blocks(engine):
    """The mixed blocks of a Hessian of several inputs are zeros."""

    def change(compute, f, xs, args, kw):
        h = compute(f, xs, *args, **kw)
        if not isinstance(h, tuple):
            return h
        return tuple(tuple(b if i == j else b * 0 for j, b in enumerate(row)) for i, row in enumerate(h))

    _wrap(engine, ["hessian"], change)


@fault("functional-hessian-sums-output")
def functional_hessian_sums_output(engine):
    """hessian, hvp and vhp of a function with several results take the sum of these."""
    _wrap(
        engine,
        ["hessian", "hvp", "vhp"],
        lambda compute, f, xs, args, kw: compute(lambda *ts: f(*ts).sum(), xs, *args, **kw),
    )
