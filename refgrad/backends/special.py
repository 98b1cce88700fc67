"""Special functions that array libraries lack, written over functions that every backend has."""

from __future__ import annotations

import math
from typing import Any

TERMS = 16  # of the series, whose argument is at most 2 + n: the first one left out is below 1e-17 of the value


def sinc_derivative(xp: Any, x: Any, *, n: int) -> Any:
    """The n-th derivative of sin(πx) / πx: by its series near zero, by recurrence elsewhere (`n` not much above 10)."""
    near = xp.abs(x) * math.pi < 2 + n
    small, large = xp.where(near, x, 0 * x), xp.where(near, 0 * x + 1, x)
    return math.pi**n * xp.where(near, _series(small * math.pi, n), _recurrence(xp, large, n))


def _series(z: Any, n: int) -> Any:
    """The sum of (-1)^m z^(2m-n) / ((2m+1) (2m-n)!) over 2m >= n, by Horner's rule in z²."""
    first = (n + 1) // 2
    coefficients = [(-1) ** m / ((2 * m + 1) * math.factorial(2 * m - n)) for m in range(first, first + TERMS + n)]
    total = 0 * z
    for c in reversed(coefficients):
        total = total * (z * z) + c
    return total * z if n % 2 else total


def _recurrence(xp: Any, x: Any, n: int) -> Any:
    """From z·s(z) = sin z, differentiated k times: z·s⁽ᵏ⁾ = sin⁽ᵏ⁾ z - k·s⁽ᵏ⁻¹⁾."""
    z = x * math.pi
    waves = (xp.sin(z), xp.cos(z), -xp.sin(z), -xp.cos(z))
    s = waves[0] / z
    for k in range(1, n + 1):
        s = (waves[k % 4] - k * s) / z
    return s
