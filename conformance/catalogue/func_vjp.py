"""torch.func.vjp: values, what is pulled back, and in which structure."""

from __future__ import annotations

import math

import numpy as np

from conformance.cases import FUNCTIONAL, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises

_VJP = "PyTorch documentation, torch.func.vjp"
_NEEDS = ("func",)


def _tensor(torch, values):
    return torch.tensor(values, dtype=torch.float64)


@behaviour(
    "func.vjp-basic", level=MUST, profile=FUNCTIONAL, source=_VJP, kills=["pull-back-to-first-only"], needs=_NEEDS
)
def vjp_basic(torch):
    """vjp(f, *primals) returns (output, vjp_fn), and vjp_fn(cotangents) returns a tuple with one gradient per
    primal.
    """
    x, y = _tensor(torch, [[1.0, 2.0, 3.0], [0.0, -1.0, 2.0]]), _tensor(torch, [[1.0, 0.0], [2.0, 5.0], [-1.0, 3.0]])
    output, pull = torch.func.vjp(torch.matmul, x, y)
    assert_equal(output, x @ y, "the output")
    for cotangent in ([[1.0, 0.0], [0.0, 0.0]], [[1.0, 2.0], [-3.0, 4.0]]):
        c = _tensor(torch, cotangent)
        found = pull(c)
        assert type(found) is tuple, f"vjp_fn gives {type(found).__name__}"
        assert len(found) == 2, f"vjp_fn gives {len(found)} gradients for two primals"
        assert_equal(found[0], c @ y.t(), "the gradient of the first factor")
        assert_equal(found[1], x.t() @ c, "the gradient of the second factor")
    found = torch.func.vjp(lambda x: x * 3, _tensor(torch, 2.0))[1](_tensor(torch, 5.0))
    assert type(found) is tuple, f"for one primal vjp_fn gives {type(found).__name__}"


@also("func.vjp-basic")
def product_of_matrices(p):
    x = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 2.0]])
    y = np.array([[1.0, 0.0], [2.0, 5.0], [-1.0, 3.0]])
    for cotangent in ([[1.0, 0.0], [0.0, 0.0]], [[1.0, 2.0], [-3.0, 4.0]]):
        output, (dx, dy) = p.vjp(lambda a, b: a @ b, (p.constant(x), p.constant(y)), (p.constant(cotangent),))
        p.expect(output, x @ y)
        p.expect(dx, np.array(cotangent) @ y.T)
        p.expect(dy, x.T @ np.array(cotangent))


@behaviour(
    "func.vjp-callable-repeatedly",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=_VJP,
    needs=_NEEDS,
    depends=["func.vjp-basic"],
)
def vjp_callable_repeatedly(torch):
    """vjp_fn can be called several times, with different cotangents."""
    _, pull = torch.func.vjp(lambda x: x**2, _tensor(torch, [3.0, -1.0]))
    for cotangent, expected in (([1.0, 1.0], [6.0, -2.0]), ([10.0, 0.0], [60.0, 0.0]), ([1.0, 1.0], [6.0, -2.0])):
        assert_equal(pull(_tensor(torch, cotangent))[0], expected, "the gradient")


@behaviour(
    "func.vjp-structured-outputs",
    level=MUST,
    profile=FUNCTIONAL,
    source=_VJP,
    kills=["pull-back-from-first-only"],
    needs=_NEEDS,
    depends=["func.vjp-basic"],
)
def vjp_structured_outputs(torch):
    """Outputs may be tuples or dicts; the cotangents then have the same structure."""
    for value in (0.5, -2.0):
        x = _tensor(torch, [value])
        _, pull = torch.func.vjp(lambda x: (x.sin(), x.cos()), x)
        found = pull((_tensor(torch, [1.0]), _tensor(torch, [10.0])))[0]
        assert_close(found, [math.cos(value) - 10 * math.sin(value)], "the gradient of a tuple")
        output, pull = torch.func.vjp(lambda x: {"a": x * 2, "b": [x * 3]}, x)
        assert_equal(output["b"][0], [3 * value], "the output in a dict")
        found = pull({"a": _tensor(torch, [1.0]), "b": [_tensor(torch, [10.0])]})[0]
        assert_equal(found, [32.0], "the gradient of a dict")


@also("func.vjp-structured-outputs")
def two_outputs(p):
    for values, u, v in (([1.0, -2.0], [1.0, 0.0], [0.5, 4.0]), (3.0, 2.0, -1.0)):
        x = p.constant(values)
        (y, z), (g,) = p.vjp(lambda x: (x * x, x * 3), (x,), (p.constant(u), p.constant(v)))
        p.expect(y, np.array(values) ** 2)
        p.expect(z, 3 * np.array(values))
        p.expect(g, 2 * np.array(values) * np.array(u) + 3 * np.array(v))


@behaviour(
    "func.vjp-has-aux",
    level=MUST,
    profile=FUNCTIONAL,
    source=_VJP,
    kills=["aux-dropped"],
    needs=_NEEDS,
    depends=["func.vjp-basic"],
)
def vjp_has_aux(torch):
    """With has_aux=True vjp returns (output, vjp_fn, aux)."""
    for values in ([3.0], [1.0, -2.0]):
        found = torch.func.vjp(lambda x: (x**2, x + 100), _tensor(torch, values), has_aux=True)
        assert len(found) == 3, f"has_aux=True gives {len(found)} results"
        output, pull, aux = found
        assert_equal(output, (np.array(values) ** 2).tolist(), "the output")
        assert_equal(aux, (np.array(values) + 100).tolist(), "aux")
        assert_equal(pull(torch.ones_like(output))[0], (2 * np.array(values)).tolist(), "the gradient")


@behaviour(
    "func.vjp-kwargs-default", level=SHOULD, profile=FUNCTIONAL, source=_VJP, needs=_NEEDS, depends=["func.vjp-basic"]
)
def vjp_kwargs_default(torch):
    """Only positional arguments are primals; keyword parameters of f keep their defaults."""
    output, pull = torch.func.vjp(lambda x, scale=4.0: x * scale, _tensor(torch, [1.0, 2.0]))
    assert_equal(output, [4.0, 8.0], "the output")
    found = pull(_tensor(torch, [1.0, 1.0]))
    assert len(found) == 1, f"vjp_fn gives {len(found)} gradients for one primal"
    assert_equal(found[0], [4.0, 4.0], "the gradient")


@behaviour(
    "func.vjp-mismatched-cotangents-raise",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=_VJP,
    needs=_NEEDS,
    depends=["func.vjp-basic"],
)
def vjp_mismatched_cotangents_raise(torch):
    """Cotangents of another structure than the output raise RuntimeError."""
    x = _tensor(torch, [1.0])
    _, pull = torch.func.vjp(lambda x: (x, x), x)
    for cotangents in (x, (x, x, x), {"a": x, "b": x}):
        with raises(RuntimeError):
            pull(cotangents)
    assert_equal(pull((x, x))[0], [2.0], "the gradient")


@also("func.vjp-mismatched-cotangents-raise")
def cotangent_of_another_shape(p):
    for values, cotangent in (([1.0, 2.0], [1.0]), ([1.0], [1.0, 2.0])):
        x, c = p.constant(values), p.constant(cotangent)
        with p.raises("RuntimeError"):
            p.vjp(lambda x: x * 2, (x,), (c,))
