"""Sums, products, quotients, powers and what rounds."""

from __future__ import annotations

from conformance.operators.sampling import (
    POSITIVE,
    Choice,
    binary,
    both,
    calls,
    each,
    more,
    points,
    regions,
    unary,
    varied,
)
from conformance.operators.spec import operator

_NONZERO = regions(without="subnormal")
_MODEST = regions(without="subnormal", huge=each((1e6, 1e18), (1e3, 1e8), by_magnitude=True, signed=True))
_STEPS = {"ordinary": both(0.15, 0.85), "negative": both(-2.85, -2.15), "large": both(1e3 + 0.2, 1e3 + 0.8),
          "kink": points(0.0, 1.0, -2.0, 3.0), "half": points(0.25, 1.75, -0.75)}  # fmt: skip

operator(
    "add(input, other, *, alpha=1)",
    sampling=binary(regions(boundary=(0.0,)), attributes=({}, {"alpha": 2}, {"alpha": -0.5}, {"alpha": 0})),
)
operator(
    "sub(input, other, *, alpha=1)",
    sampling=binary(regions(boundary=(0.0,)), attributes=({}, {"alpha": 2}, {"alpha": -0.5})),
)
operator(
    "mul(input, other)",
    sampling=more(
        binary(regions(boundary=(0.0,))),
        ("number-factor", (2, 3), (), {"choices": {"other": Choice("number")}}),
        arguments=("input", "other"),
    ),
)
_QUOTIENTS = ({}, {"rounding_mode": "floor"}, {"rounding_mode": "trunc"})
operator(
    "div(input, other, *, rounding_mode=None)",
    sampling=more(
        binary(regions(boundary=(0.0,)), _NONZERO, attributes=_QUOTIENTS),
        ("number-dividend", (), (2, 3), {"choices": {"input": Choice("number")}}),
        ("number-divisor", (2, 3), (), {"choices": {"other": Choice("number")}}),
        arguments=("input", "other"),
    ),
)
operator("true_divide(input, other)", sampling=binary(regions(boundary=(0.0,)), _NONZERO))
_WHOLE_POWER = {"choices": {"exponent": Choice("integer", 4)}, "ranges": {"input": both(-2.5, -0.3)}}
operator(
    "pow(input, exponent)",
    sampling=more(
        binary(
            regions(POSITIVE, huge=each((1e3, 1e5), (1e2, 1e4), by_magnitude=True), without="subnormal"),
            {"ordinary": both(0.3, 2.5), "negative": both(-2.5, -0.3), "integers": points(2.0, 3.0, -1.0, 1.0, -2.0)},
            arguments=("input", "exponent"),
        ),
        ("base-below-zero", (2, 3), (2, 3), _WHOLE_POWER),
        ("number-base", (), (2, 3), {"choices": {"input": Choice("number")}}),
        ("number-exponent", (2, 3), (), {"choices": {"exponent": Choice("number")}}),
        arguments=("input", "exponent"),
    ),
)
operator("neg(input)", sampling=unary(boundary=(0.0,)))
operator("abs(input)", sampling=varied(unary(kinks={0.0: 0.0}), result="real"))
operator("square(input)", sampling=unary(boundary=(0.0,)))
operator("sqrt(input)", sampling=unary(POSITIVE))
operator("rsqrt(input)", sampling=unary(POSITIVE))
operator("reciprocal(input)", sampling=unary(without="subnormal"))
operator("sign(input)", sampling=unary(kinks={0.0: 0.0}))
for _name in ("round", "floor", "ceil", "trunc"):
    _own = dict(_STEPS)
    if _name == "round":
        _own["kink"] = points(0.5, 1.5, -2.5, -0.5)
    operator(
        f"{_name}(input, *, decimals=0)" if _name == "round" else f"{_name}(input)",
        sampling=unary(
            attributes=({}, {"decimals": 1}, {"decimals": -1}) if _name == "round" else ({},),
            without="tiny huge subnormal integers",
            kinks=lambda attributes, own=_own: (
                {} if attributes.get("decimals") else dict.fromkeys(own["kink"].float64.points, 0.0)
            ),
            **{k: v for k, v in _own.items() if k != "kink"},
        ),
    )
operator(
    "frac(input)",
    sampling=unary(without="tiny huge subnormal integers", **{k: v for k, v in _STEPS.items() if k != "kink"}),
)
operator("clone(input)", sampling=unary(boundary=(0.0,)))
operator("maximum(input, other)", sampling=binary(ties="half"))
operator("minimum(input, other)", sampling=binary(ties="half"))
operator(
    "clamp(input, *, min=None, max=None)",
    sampling=more(
        unary(
            attributes=({"min": -1.0, "max": 1.5}, {"min": -0.5}, {"max": 0.5}, {"min": 2.0, "max": 1.0}),
            kinks=lambda a: {} if a.get("min") == 2.0 else {v: 1.0 for v in a.values() if isinstance(v, float)},
        ),
        ("bounds", (2, 3), (2, 3), (2, 3), {}),
        ("lower-bound", (2, 3), (3,), None, {}),
        ("upper-bound", (2, 3), None, (2, 1), {}),
        arguments=("input", "min", "max"),
    ),
)
operator(
    "fmod(input, other)",
    sampling=binary(
        {"ordinary": both(3.1, 6.9), "negative": both(-6.9, -3.1), "large": both(1e3, 2e3)},
        {"ordinary": both(0.6, 1.9), "negative": both(-1.9, -0.6)},
        alias=False,
    ),
)
operator(
    "remainder(input, other)",
    sampling=binary(
        {"ordinary": both(3.1, 6.9), "negative": both(-6.9, -3.1), "large": both(1e3, 2e3)},
        {"ordinary": both(0.6, 1.9), "negative": both(-1.9, -0.6)},
        alias=False,
    ),
)
operator(
    "float_power(input, exponent)",
    sampling=binary(
        regions(POSITIVE, without="subnormal huge"),
        {"ordinary": both(0.3, 2.5), "negative": both(-2.5, -0.3)},
        arguments=("input", "exponent"),
        result="double",
    ),
)
operator("hypot(input, other)", sampling=binary(_MODEST, _MODEST))
_ELEMENTS = {"pointwise": True, "tiled": "all"}
_TRIPLES = (
    ("regular", (2, 3), (2, 3), (2, 3), {}),
    ("scalar", (), (), (), {}),
    ("empty", (0,), (0,), (0,), {}),
    ("size-1", (1,), (1,), (1,), {}),
    ("broadcast-both", (2, 1), (1, 3), (2, 3), {}),
    ("broadcast-scalar", (2, 2), (2, 2), (), {}),
)
operator("lerp(input, end, weight)", sampling=calls(*_TRIPLES, arguments=("input", "end", "weight"), **_ELEMENTS))
for _name in ("addcmul", "addcdiv"):
    operator(
        f"{_name}(input, tensor1, tensor2, *, value=1)",
        sampling=calls(
            *_TRIPLES,
            ("regular", (3,), (3,), (3,), {"value": -2.5}),
            arguments=("input", "tensor1", "tensor2"),
            **_ELEMENTS,
        ),
    )
operator("copysign(input, other)", sampling=binary(_NONZERO, _NONZERO, alias=False))
_REPLACED = ({}, {"nan": 1.5, "posinf": 2.0, "neginf": -3.0})
operator(
    "nan_to_num(input, *, nan=0.0, posinf=None, neginf=None)", sampling=unary(boundary=(0.0,), attributes=_REPLACED)
)

# beyond the core

operator("positive(input)", core=False, sampling=unary(boundary=(0.0,)))
operator("rsub(input, other, *, alpha=1)", core=False, sampling=binary(attributes=({}, {"alpha": -2.5}), alias=False))
for _name in ("fmax", "fmin"):
    operator(f"{_name}(input, other)", core=False, sampling=binary())
operator(
    "fill(input, value)",
    core=False,
    sampling=calls(
        ("regular", (2, 3), (), {}), ("scalar", (), (), {}), ("empty", (0, 2), (), {}), arguments=("input", "value")
    ),
)
