"""Exponentials, logarithms, trigonometric and hyperbolic functions."""

from __future__ import annotations

from conformance.operators.sampling import INF, POSITIVE, REAL, binary, both, each, regions, unary
from conformance.operators.spec import operator

_EXPONENTS = each((80.0, 700.0), (30.0, 85.0), signed=True)
_LARGE = each((1e3, 1e9), (1e2, 1e5), by_magnitude=True, signed=True)
_PERIODIC = {"boundary": (0.0,), "huge": _LARGE}
_INSIDE = (-1.0, 1.0)
_ENDS = (1 - 2.0**-20, -1 + 2.0**-20)

for _name in ("exp", "exp2", "expm1"):
    operator(f"{_name}(input)", sampling=unary(boundary=(0.0,), tails=_EXPONENTS, without="huge"))
for _name in ("log", "log2", "log10"):
    operator(f"{_name}(input)", sampling=unary(POSITIVE, boundary=(1.0, 1 + 2.0**-20, 1 - 2.0**-20)))
operator(
    "log1p(input)",
    sampling=unary((-1.0, INF), tiny=each((1e-30, 1e-10), (1e-20, 1e-6), by_magnitude=True, signed=True)),
)
for _name in ("sin", "cos", "tan"):
    operator(f"{_name}(input)", sampling=unary(**_PERIODIC))
operator("sinc(input)", sampling=unary(huge=each((10.2, 90.8), (10.2, 40.8), signed=True)))
for _name in ("asin", "acos"):
    operator(f"{_name}(input)", sampling=unary(_INSIDE, boundary=(0.0, *_ENDS)))
operator("atan(input)", sampling=unary(boundary=(0.0,)))
for _name in ("sinh", "cosh"):
    operator(
        f"{_name}(input)",
        sampling=unary(boundary=(0.0,), tails=each((20.0, 700.0), (15.0, 85.0), signed=True), without="huge"),
    )
operator("tanh(input)", sampling=unary(boundary=(0.0,), tails=each((15.0, 300.0), (8.0, 40.0), signed=True)))
operator("asinh(input)", sampling=unary(boundary=(0.0,)))
operator("acosh(input)", sampling=unary((1.0, INF)))
operator("atanh(input)", sampling=unary(_INSIDE, boundary=(0.0, *_ENDS)))
operator("sigmoid(input)", sampling=unary(boundary=(0.0,), tails=each((30.0, 700.0), (15.0, 85.0), signed=True)))
operator("logit(input, *, eps=None)", sampling=unary(
    (0.0, 1.0), attributes=({}, {"eps": 0.25}), kinks=lambda a: {0.25: 16 / 3, 0.75: 16 / 3} if a.get("eps") else {},
))  # fmt: skip
operator("atan2(input, other)", sampling=binary(regions()))
_LOGADD = regions(
    REAL, boundary=(0.0,), tails=each((100.0, 600.0), (50.0, 90.0), signed=True), huge=both(1e4, 1e6, signed=True)
)
operator("logaddexp(input, other)", sampling=binary(_LOGADD))
operator("logaddexp2(input, other)", sampling=binary(_LOGADD))
operator("xlogy(input, other)", sampling=binary(regions(boundary=(0.0,)), regions(POSITIVE), alias=False))
