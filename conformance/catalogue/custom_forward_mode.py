"""Custom functions in forward mode, under vmap and under function transforms."""

from __future__ import annotations

import math

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises
from conformance.catalogue.functions import function, square

_FORWARD = "Extending PyTorch, forward mode AD"
_VMAP = "Extending functorch with autograd.Function"


def _pushed(torch, made, *inputs):
    """The tangent of what a Function gives for these inputs: pairs of a value and a tangent, or what it is given."""
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        duals = [
            forward.make_dual(*(torch.tensor(v, dtype=torch.float64) for v in x)) if isinstance(x, tuple) else x
            for x in inputs
        ]
        return forward.unpack_dual(made.apply(*duals)).tangent


@behaviour(
    "custom.jvp-method",
    level=MUST,
    profile=FUNCTIONAL,
    source=_FORWARD,
    kills=["function-jvp-ignored"],
    needs=["forward-mode"],
    depends=["forward.basic-jvp"],
)
def jvp_method(torch):
    """A static jvp receives one tangent per input after forward has run and before apply returns, and gives one
    tangent per output; ctx carries data from forward and may drop it with del.
    """
    log = []

    def forward(ctx, x):
        log.append("forward")
        ctx.result = x.exp()
        return ctx.result * 1

    def jvp(ctx, tangent):
        log.append("jvp")
        moved = tangent * ctx.result
        del ctx.result
        return moved

    made = function(torch, forward, lambda ctx, g: g, jvp=jvp)
    for value, tangent in ((0.5, 2.0), ([0.5, -1.0], [2.0, 3.0])):
        expected = [math.exp(v) * t for v, t in zip([value], [tangent], strict=True)] if value == 0.5 else None
        found = _pushed(torch, made, (value, tangent))
        assert_close(found, expected[0] if expected else [2 * math.exp(0.5), 3 * math.exp(-1.0)])
        assert log == ["forward", "jvp"]
        log.clear()


@behaviour(
    "custom.jvp-none-for-non-tensor-input",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.Function.jvp, docstring",
    kills=["function-jvp-ignored"],
    needs=["forward-mode"],
    depends=["custom.jvp-method"],
)
def jvp_none_for_non_tensor_input(torch):
    """jvp receives None for non-tensor inputs."""
    seen = []

    def forward(ctx, x, c):
        ctx.c = c
        return x * c

    def jvp(ctx, tangent, of_constant):
        seen.append(of_constant)
        return tangent * ctx.c

    made = function(torch, forward, lambda ctx, g: (g, None), jvp=jvp)
    assert_equal(_pushed(torch, made, ([1.0, 3.0], [2.0, -1.0]), 5), [10.0, -5.0])
    assert seen == [None]


@behaviour(
    "custom.jvp-materializes-zero-tangents",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_FORWARD}; FunctionCtx.set_materialize_grads, docstring",
    kills=["grads-not-materialized", "set-materialize-ignored"],
    needs=["forward-mode"],
    depends=["custom.jvp-method"],
)
def jvp_materializes_zero_tangents(torch):
    """For a tensor input without tangent jvp receives zeros by default, and None after
    ctx.set_materialize_grads(False).
    """
    seen = []

    def jvp(ctx, tangent, of_constant):
        seen.append(of_constant)
        return tangent * 1

    def told(ctx, x, y):
        ctx.set_materialize_grads(False)
        return x + y

    constant = torch.tensor([3.0, 4.0], dtype=torch.float64)
    for forward, zeros in ((lambda ctx, x, y: x + y, [0.0, 0.0]), (told, None)):
        made = function(torch, forward, lambda ctx, g: (g, g), jvp=jvp)
        assert_equal(_pushed(torch, made, ([1.0, 2.0], [2.0, 5.0]), constant), [2.0, 5.0])
        given = seen.pop()
        assert given is None if zeros is None else given.tolist() == zeros


@behaviour(
    "custom.save-for-forward",
    level=MUST,
    profile=IMPERATIVE,
    source="FunctionCtx.save_for_forward, docstring",
    kills=["save-for-forward-ignored"],
    needs=["forward-mode"],
    depends=["custom.jvp-method"],
)
def save_for_forward(torch):
    """Tensors given to save_for_forward are available as ctx.saved_tensors in jvp."""

    def forward(ctx, x, y):
        ctx.save_for_forward(x, y)
        return x * y

    def jvp(ctx, dx, dy):
        x, y = ctx.saved_tensors
        return dx * y + x * dy

    made = function(torch, forward, lambda ctx, g: (None, None), jvp=jvp)
    assert_equal(_pushed(torch, made, (2.0, 1.0), (3.0, 10.0)), 23.0)
    assert_equal(_pushed(torch, made, ([2.0, -1.0], [1.0, 0.5]), ([3.0, 4.0], [10.0, 2.0])), [23.0, 0.0])


@behaviour(
    "custom.missing-jvp-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_VMAP}, torch.func.jvp support",
    kills=["function-jvp-ignored"],
    needs=["forward-mode"],
    depends=["forward.basic-jvp"],
)
def missing_jvp_raises(torch):
    """Applying a Function without jvp to a dual tensor raises NotImplementedError."""
    with raises(NotImplementedError, "jvp"):
        _pushed(torch, square(torch), ([1.0], [1.0]))


@behaviour(
    "custom.jvp-must-match-view-behaviour",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_FORWARD,
    kills=["function-jvp-ignored"],
    needs=["forward-mode"],
    depends=["custom.jvp-method"],
)
def jvp_must_match_view_behaviour(torch):
    """If forward returns a view of an input, jvp must return a view of that input's tangent: returning a copy raises
    RuntimeError.
    """
    copied = function(torch, lambda ctx, x: x.view_as(x), lambda ctx, g: g, jvp=lambda ctx, t: t.clone())
    with raises(RuntimeError, "view"):
        _pushed(torch, copied, ([1.0, 2.0], [1.0, 1.0]))
    viewed = function(torch, lambda ctx, x: x.view_as(x), lambda ctx, g: g, jvp=lambda ctx, t: t.view_as(t))
    assert_equal(_pushed(torch, viewed, ([1.0, 2.0], [1.0, 3.0])), [1.0, 3.0])


def _cube(torch, **members):
    """The cube and its slope, in the separate style that transforms need."""

    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(x):
            return x**3, 3 * x**2

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(inputs[0], output[1])

        @staticmethod
        def backward(ctx, g, h):
            x, slope = ctx.saved_tensors
            return g * slope + h * 6 * x

    for name, member in members.items():
        setattr(Cube, name, member)
    return Cube


@behaviour(
    "custom.not-supported-by-transforms-with-ctx-forward",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_VMAP}, basic usage",
    kills=["transforms-take-any-function"],
    needs=["func"],
    depends=["custom.separate-setup-context"],
)
def not_supported_by_transforms_with_ctx_forward(torch):
    """A Function whose forward takes ctx raises RuntimeError under torch.func.grad; one with separate setup_context
    works.
    """
    with raises(RuntimeError, "setup_context"):
        torch.func.grad(lambda x: square(torch).apply(x).sum())(torch.tensor([1.0, 2.0]))
    for value in (2.0, -0.5):
        slope = torch.func.grad(lambda x: _cube(torch).apply(x)[0])(torch.tensor(value))
        assert_close(slope, 3 * value * value, tolerance=1e-6)


@behaviour(
    "custom.generate-vmap-rule",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_VMAP}, automatically generate a vmap rule",
    kills=["vmap-rule-ignored"],
    needs=["func", "vmap"],
    depends=["custom.separate-setup-context"],
)
def generate_vmap_rule(torch):
    """With generate_vmap_rule = True a Function made of torch operations works under vmap; without any vmap rule it
    raises RuntimeError.
    """
    cubes = torch.tensor([1.0, 2.0, -3.0], dtype=torch.float64)
    with_rule = _cube(torch, generate_vmap_rule=True)
    assert_close(torch.vmap(lambda x: with_rule.apply(x)[0])(cubes), [1.0, 8.0, -27.0])
    assert_close(torch.vmap(torch.func.grad(lambda x: with_rule.apply(x)[0]))(cubes), [3.0, 12.0, 27.0])
    without = _cube(torch)
    with raises(RuntimeError, "vmap"):
        torch.vmap(lambda x: without.apply(x)[0])(cubes)


@behaviour(
    "custom.vmap-staticmethod",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_VMAP}, defining the vmap staticmethod",
    kills=["vmap-rule-ignored"],
    needs=["vmap"],
    depends=["custom.separate-setup-context"],
)
def vmap_staticmethod(torch):
    """A static vmap(info, in_dims, *args) is used under vmap: info.batch_size and info.randomness are set, in_dims has
    one entry per argument with None for unbatched ones, and it returns (output, out_dims).
    """
    seen = []

    class Scaled(torch.autograd.Function):
        @staticmethod
        def forward(x, c):
            return x * c

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.c = inputs[1]

        @staticmethod
        def backward(ctx, g):
            return g * ctx.c, None

        @staticmethod
        def vmap(info, in_dims, x, c):
            seen.append((info.batch_size, info.randomness, in_dims))
            return x * c * 100, in_dims[0]

    batched = torch.vmap(lambda x: Scaled.apply(x, 2.0))
    assert_equal(batched(torch.tensor([1.0, 2.0, 3.0])), [200.0, 400.0, 600.0])
    assert_equal(batched(torch.tensor([[1.0, -1.0], [0.5, 2.0]])), [[200.0, -200.0], [100.0, 400.0]])
    assert seen == [(3, "error", (0, None)), (2, "error", (0, None))]


@behaviour(
    "custom.vmap-both-ways-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source="autograd.Function.vmap, docstring",
    kills=["vmap-rule-ignored"],
    needs=["vmap"],
    depends=["custom.generate-vmap-rule"],
)
def vmap_both_ways_raises(torch):
    """Defining vmap and setting generate_vmap_rule as well raises RuntimeError under vmap."""
    both = _cube(torch, generate_vmap_rule=True, vmap=staticmethod(lambda info, in_dims, x: ((x, x), (0, 0))))
    with raises(RuntimeError, "generate_vmap_rule"):
        torch.vmap(lambda x: both.apply(x)[0])(torch.tensor([1.0, 2.0]))
