"""vmap: what it maps, over which dimensions, how often it runs the function, and how it composes with derivatives."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal

_VMAP = "PyTorch documentation, torch.func.vmap"
_LIMITS = "PyTorch documentation, torch.func, UX limitations"
_NEEDS = ("vmap",)


def _tensor(torch, values, **kw):
    return torch.tensor(values, dtype=torch.float64, **kw)


def _numbers(torch, *shape, start=0.0):
    """Distinct whole numbers of a shape."""
    return _tensor(torch, (np.arange(float(np.prod(shape))) + start).reshape(shape).tolist())


@behaviour(
    "func.vmap-basic",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_VMAP}; {_LIMITS}",
    kills=["vmap-repeats-first-example"],
    needs=_NEEDS,
)
def vmap_basic(torch):
    """vmap(f)(x) equals stacking f of each slice along dimension 0; torch.vmap is the same function."""
    x, y = _numbers(torch, 4, 3), _numbers(torch, 4, 3, start=-5.0)
    for vmap in (torch.func.vmap, torch.vmap):
        assert_equal(vmap(torch.dot)(x, y), (x * y).sum(1), "the products row by row")
        for function in (lambda r: r.exp().sum(), lambda r: r * r[0], lambda r: r.flip(0), lambda r: r.reshape(3, 1)):
            assert_close(vmap(function)(y), torch.stack([function(r) for r in y]), "the mapped function")
        first, second = vmap(lambda r: (r.sum(), r[1:]))(x)
        assert_equal(first, x.sum(1), "the first of two outputs")
        assert_equal(second, x[:, 1:], "the second of two outputs")


@behaviour(
    "func.vmap-in-and-out-dims",
    level=MUST,
    profile=FUNCTIONAL,
    source=_VMAP,
    kills=["vmap-dims-ignored"],
    needs=_NEEDS,
    depends=["func.vmap-basic"],
)
def vmap_in_and_out_dims(torch):
    """in_dims chooses the mapped dimension per input (None for not mapped, a structure for a structured input) and
    out_dims where it appears in the result.
    """
    vmap, x, y = torch.func.vmap, _numbers(torch, 2, 5), _numbers(torch, 2, 5, start=3.0)
    assert_equal(vmap(torch.dot, in_dims=1)(x, y), (x * y).sum(0), "in_dims=1")
    assert_equal(vmap(torch.dot, in_dims=-1)(x, y), (x * y).sum(0), "in_dims=-1")
    assert_equal(vmap(torch.dot, in_dims=(0, None))(x, y[0]), x @ y[0], "in_dims=(0, None)")
    assert_equal(vmap(torch.dot, in_dims=(None, 1))(y[0], x.t()), x @ y[0], "in_dims=(None, 1)")
    assert_equal(vmap(lambda a: a**2, out_dims=1)(x), (x**2).t(), "out_dims=1")
    assert_equal(vmap(lambda a: a**2, in_dims=1, out_dims=1)(x), x**2, "in_dims=1 and out_dims=1")
    found = vmap(lambda d: torch.dot(d["x"], d["y"]), in_dims=({"x": 0, "y": None},))({"x": x, "y": y[0]})
    assert_equal(found, x @ y[0], "in_dims for a dict")
    first, second = vmap(lambda a: (a, a * 2), out_dims=(0, 1))(x)
    assert_equal(first, x, "the output with out_dims 0")
    assert_equal(second, (x * 2).t(), "the output with out_dims 1")


@behaviour(
    "func.vmap-nested-and-chunked",
    level=MUST,
    profile=FUNCTIONAL,
    source=_VMAP,
    kills=["chunks-lose-the-last"],
    needs=_NEEDS,
    depends=["func.vmap-basic"],
)
def vmap_nested_and_chunked(torch):
    """vmap can be nested, and chunk_size does not change the result."""
    vmap, x, y = torch.func.vmap, _numbers(torch, 2, 3, 5), _numbers(torch, 2, 3, 5, start=-7.0)
    assert_equal(vmap(vmap(torch.dot))(x, y), (x * y).sum(-1), "nested")
    assert_equal(vmap(vmap(torch.dot, in_dims=1), in_dims=(2, 2))(x, y), (x * y).sum(0).t(), "nested, other dimensions")
    for size in (1, 2, 3, 10):
        for function in (torch.sin, lambda r: r * r.sum()):
            expected = torch.stack([function(r) for r in x.reshape(6, 5)])
            assert_close(vmap(function, chunk_size=size)(x.reshape(6, 5)), expected, f"chunk_size={size}")


@behaviour(
    "func.vmap-kwargs-not-mapped",
    level=MUST,
    profile=FUNCTIONAL,
    source=_VMAP,
    kills=["vmap-maps-keywords"],
    needs=_NEEDS,
    depends=["func.vmap-basic"],
)
def vmap_kwargs_not_mapped(torch):
    """Keyword arguments are passed on without being mapped."""
    x = _numbers(torch, 2, 5)
    found = torch.func.vmap(lambda x, scale=4.0: x * scale)(x, scale=x)
    assert_equal(found, torch.stack([row * x for row in x]), "the result")
    assert_equal(torch.func.vmap(lambda x, scale=4.0: x * scale)(x), x * 4, "the result with the default")


@behaviour(
    "func.vmap-side-effects-once",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_LIMITS}, mutation of Python data structures",
    kills=["vmap-loops"],
    needs=_NEEDS,
    depends=["func.vmap-basic"],
)
def vmap_side_effects_once(torch):
    """vmap runs the function once, so that Python side effects happen once."""
    for size in (1, 2, 5):
        calls = []

        def function(x, calls=calls):
            calls.append(None)
            return x * 2

        assert_equal(torch.func.vmap(function)(_numbers(torch, size)), _numbers(torch, size) * 2, "the result")
        assert len(calls) == 1, f"the function ran {len(calls)} times for {size} examples"


@behaviour(
    "func.vmap-static-control-flow-works",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_LIMITS}, data-dependent Python control flow",
    needs=_NEEDS,
    depends=["func.vmap-basic"],
)
def vmap_static_control_flow_works(torch):
    """Control flow on shapes and other unmapped quantities works inside vmap."""

    def size(v):
        return torch.dot(v, v) if v.dim() == 1 else v.sum()

    assert_equal(torch.func.vmap(size)(_tensor(torch, [[1.0, 2.0], [3.0, 0.0]])), [5.0, 9.0], "of vectors")
    assert_equal(torch.func.vmap(size)(_tensor(torch, [[[1.0, 2.0]], [[3.0, 0.0]]])), [3.0, 3.0], "of matrices")


@behaviour(
    "func.per-sample-gradients",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.func.grad; torch.func whirlwind tour",
    kills=["vmap-repeats-first-example"],
    needs=(*_NEEDS, "func"),
    depends=["func.grad-basic", "func.vmap-basic"],
)
def per_sample_gradients(torch):
    """vmap(grad(f), in_dims=(None, 0, 0)) gives one gradient per example, equal to a loop."""
    w, x, t = _tensor(torch, [1.0, -2.0, 0.5]), _numbers(torch, 4, 3), _tensor(torch, [1.0, 0.0, -1.0, 2.0])

    def loss(w, x, t):
        return ((x @ w) - t) ** 2

    grad = torch.func.grad(loss)
    found = torch.func.vmap(grad, in_dims=(None, 0, 0))(w, x, t)
    assert_equal(found, torch.stack([grad(w, a, b) for a, b in zip(x, t, strict=True)]), "the gradients by a loop")
    assert_equal(found, 2 * ((x @ w) - t).unsqueeze(1) * x, "the gradients by hand")


@behaviour(
    "func.vmap-over-autograd-grad",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_VMAP,
    needs=_NEEDS,
    depends=["func.vmap-basic"],
)
def vmap_over_autograd_grad(torch):
    """vmap over a function that calls torch.autograd.grad on an outer graph with a mapped vector gives the Jacobian in
    one call.
    """
    x = _tensor(torch, [1.0, 2.0, -3.0], requires_grad=True)
    for y, expected in (
        (x**2, [[2.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, -6.0]]),
        (x[:2] * x[2], [[-3.0, 0, 1], [0, -3, 2]]),
    ):
        rows = torch.eye(y.numel(), dtype=torch.float64)
        found = torch.vmap(lambda v, y=y: torch.autograd.grad(y, x, v, retain_graph=True)[0])(rows)
        assert_equal(found, expected, "the Jacobian")
