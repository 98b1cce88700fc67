"""Functions of mathematical physics and statistics."""

from __future__ import annotations

from conformance.operators.sampling import (
    POSITIVE,
    Choice,
    binary,
    both,
    calls,
    each,
    per_argument,
    points,
    regions,
    unary,
)
from conformance.operators.spec import operator

_WIDE = each((6.0, 26.0), (4.0, 9.0), signed=True)

operator("erf(input)", sampling=unary(boundary=(0.0,), tails=_WIDE))
operator("erfc(input)", sampling=unary(boundary=(0.0,), tails=_WIDE))
operator("erfinv(input)", sampling=unary((-1.0, 1.0), boundary=(0.0, 1 - 2.0**-20, -1 + 2.0**-20)))
operator("lgamma(input)", sampling=unary(POSITIVE, negative=both(-2.8, -2.2), boundary=(1.0, 2.0)))
operator("digamma(input)", sampling=unary(POSITIVE, negative=both(-2.8, -2.2), boundary=(1.0, 1.4616321449683622)))
operator(
    "i0(input)", sampling=unary(boundary=(0.0,), tails=each((20.0, 600.0), (10.0, 80.0), signed=True), without="huge")
)
for _name in ("i0e", "i1", "i1e"):
    operator(
        f"special.{_name}(input)",
        sampling=unary(boundary=(0.0,), tails=each((20.0, 600.0), (10.0, 80.0), signed=True), without="huge"),
    )
operator("special.ndtr(input)", sampling=unary(boundary=(0.0,), tails=_WIDE, without="huge"))
operator("special.log_ndtr(input)", sampling=unary(boundary=(0.0,), tails=_WIDE, without="huge"))
operator("special.ndtri(input)", sampling=unary((0.0, 1.0)))
operator("special.erfcx(input)", sampling=unary(boundary=(0.0,), tails=_WIDE, without="huge"))
operator("special.entr(input)", sampling=unary(POSITIVE, boundary=(1.0,)))
operator("deg2rad(input)", sampling=unary(boundary=(0.0,)))
operator("rad2deg(input)", sampling=unary(boundary=(0.0,), whole=points(90.0, 180.0, -45.0, 30.0, 1.0)))

# beyond the core

operator(
    "special.xlog1py(input, other)",
    core=False,
    sampling=binary(
        regions(without="subnormal huge", boundary=(0.0,)),
        regions((-1.0, float("inf")), without="huge"),
        alias=False,
    ),
)
_PAIRS = (
    ("regular", (2, 3), (2, 3), {}),
    ("broadcast-row", (3,), (2, 3), {}),
    ("scalar", (), (), {}),
    ("empty", (0,), (0,), {}),
)
operator("special.gammaincc(input, other)", core=False, sampling=calls(
    *_PAIRS, arguments=("input", "other"), choices={"input": Choice("real")}, forward=False, regions=per_argument({"ordinary": both(0.3, 4.0)}, {"ordinary": both(0.3, 4.0), "tails": both(8.0, 30.0)}),
))  # fmt: skip
operator("special.zeta(input, other)", core=False, sampling=calls(
    *_PAIRS, arguments=("input", "other"), choices={"input": Choice("real", above=1.5)}, forward=False, regions=per_argument({"ordinary": both(0.3, 4.0)}, {"ordinary": both(0.3, 4.0), "large": both(20.0, 90.0)}),
))  # fmt: skip
