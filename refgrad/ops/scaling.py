"""Numbers as binary floating point: scaled by powers of two, taken apart into mantissa and exponent, their neighbours."""

from __future__ import annotations

import math

from refgrad.dtypes import HALF
from refgrad.rules import conj, discrete, elementwise, general

ldexp = general(  # no derivative multiplies by 2^p, which overflows while the product does not
    "ldexp",
    lambda g, _y, _x, p: ldexp(g, _conjugate(p)),
    lambda g, y, _x, _p: g * _conjugate(y) * math.log(2),
    push=lambda ts, y, _x, p: _both(
        None if ts[0] is None else ldexp(ts[0], p), None if ts[1] is None else ts[1] * y * math.log(2)
    ),
    kernel=lambda xp, x, p: _scaled(xp, x, p),
    promotes="float",
)
exponent = discrete(  # e of x = m · 2^e with 1/2 ≤ |m| < 1; of zero, infinities and nan 0
    "exponent", kernel=lambda xp, x: xp.frexp(x)[1]
)
nextafter = elementwise(  # the step to the neighbour changes with the sign of the difference only
    "nextafter", lambda _y, x, other: x != other, 0.0, accepts=lambda name, dtypes: _of_one_format(name, dtypes)
)


def _of_one_format(name, dtypes):
    """Neighbours are those in the dtype of the operands: halves, which are computed in float32, would find others."""
    for dtype in dtypes:
        if dtype.kind != "f" or dtype in HALF:
            raise NotImplementedError(f"{name} is not implemented for {dtype}; give float32 or float64 tensors")


def _conjugate(x):
    return conj(x) if x.dtype.kind == "c" else x


def _both(a, b):
    return b if a is None else a if b is None else a + b


_SAFE = {2: 14.0, 4: 120.0, 8: 1000.0}
"""How large an exponent may be, by the bytes of a real number, so that its power of two is a normal number."""


def _scaled(xp, x, p):
    """The number x · 2^p, in steps where 2^p alone might overflow or lose digits; three of them span all numbers."""
    if not xp.PLAIN_RULES:  # balls neither overflow nor underflow
        safe = _SAFE[xp.real(p).dtype.itemsize]
        for _ in range(2):
            step = xp.clip(xp.real(p), -safe, safe)
            x, p = x * xp.power(2.0, step), p - step
    return x * xp.power(2.0, p)
