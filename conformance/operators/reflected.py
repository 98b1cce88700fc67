"""Python's operators with the tensor on the right, bounds, and numbers as binary floating point."""

from __future__ import annotations

from conformance.operators.nearby import downwards, upwards
from conformance.operators.sampling import (
    POSITIVE,
    Choice,
    Sampling,
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

_TINY = each((1e-30, 1e-10), (2e-19, 1e-6), by_magnitude=True, signed=True)
# Divisors whose squares are normal numbers: those of smaller ones give terms that are infinite with both signs.
_DIVISOR = regions(without="subnormal", tiny=_TINY)
_NUMBER = ("number", (2, 3), (), {"choices": {"other": Choice("number")}})


def _with_number(sampling: Sampling) -> Sampling:
    """Also beside a number on the left, for which Python has these operators."""
    return more(varied(sampling, alias=False), _NUMBER, arguments=("input", "other"))


for _name in ("__radd__", "__rsub__", "__rmul__"):
    operator(
        f"{_name}(input, other)",
        core=False,
        sampling=varied(_with_number(binary(regions(boundary=(0.0,)))), complex=True),
    )
operator(
    "__rdiv__(input, other)",
    core=False,
    sampling=varied(_with_number(binary(_DIVISOR, regions(boundary=(0.0,)))), complex=True),
)
_EXPONENT = {"ordinary": both(0.3, 2.5), "negative": both(-2.5, -0.3), "integers": points(2.0, 3.0, -1.0, 1.0, -2.0)}
_BASE = regions(POSITIVE, huge=each((1e3, 1e5), (1e2, 1e4), by_magnitude=True), without="subnormal")
operator("__rpow__(input, other)", core=False, sampling=varied(_with_number(binary(_EXPONENT, _BASE)), complex=True))
operator("__rmod__(input, other)", core=False, sampling=_with_number(binary(
    {"ordinary": both(0.6, 1.9), "negative": both(-1.9, -0.6)}, {"ordinary": both(3.1, 6.9), "negative": both(-6.9, -3.1), "large": both(1e3, 2e3)},
)))  # fmt: skip
operator("__rmatmul__(input, other)", core=False, sampling=calls(
    ("regular", (3, 2), (2, 3), {}), ("vector", (3,), (2, 3), {}), ("vectors", (3,), (3,), {}), ("row", (3, 2), (3,), {}), ("stack", (2, 2, 2), (2, 1, 2), {}), ("stack-broadcast", (3, 2, 2), (2, 1, 2, 2), {}),
    ("empty", (3, 2), (0, 3), {}), ("empty-inner", (0, 2), (2, 0), {}), arguments=("input", "other"), complex=True,
))  # fmt: skip

# bounds: where an element meets its bound, PyTorch's derivative is that of the element

for _name, _bound, _inside in (("clamp_min", "min", upwards), ("clamp_max", "max", downwards)):
    operator(f"{_name}(input, {_bound})", core=False, sampling=more(
        binary(regions(), regions(integers=(0.5, -0.5, 1.5, -2.5)), arguments=("input", _bound), ties="half", beside={"input": _inside}, alias=False),
        ("number", (2, 3), (), {"choices": {_bound: Choice("number")}}),
        arguments=("input", _bound),
    ))  # fmt: skip

# powers of two, mantissas, neighbours

_POWERS = {
    "ordinary": both(0.3, 3.0), "negative": both(-3.0, -0.3), "integers": points(3.0, -2.0, 0.0, 1.0), "tiny": each((300.0, 900.0), (30.0, 100.0)),
    "huge": each((-900.0, -300.0), (-100.0, -30.0)), "tails": each((1030.0, 1040.0), (130.0, 140.0)),
}  # fmt: skip
_SCALED = regions(boundary=(0.0,), tails=each((1e-200, 1e-100), (1e-30, 1e-20), by_magnitude=True, signed=True))
operator("ldexp(input, other)", core=False, sampling=more(
    varied(binary(_SCALED, _POWERS, alias=False), complex=True),
    ("whole", (2, 3), (2, 3), {"choices": {"other": Choice("integer", 6)}}), ("whole-below-zero", (2, 3), (3,), {"choices": {"other": Choice("index", -4)}}),
    arguments=("input", "other"),
))  # fmt: skip
_BIG = each((1e60, 1e150), (1e12, 1e19), by_magnitude=True, signed=True)
operator(
    "frexp(input)", outputs=2, core=False, sampling=varied(unary(tails=_BIG, without="integers"), floating_outputs=(0,))
)
operator("nextafter(input, other)", core=False, sampling=binary(alias=False, second=False, smooth=False))
