"""Functions that array libraries lack, or compute with fewer digits, a narrower range or another dtype: written over
what every backend has, and taken by each as its own (`bound`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

ZETA_TERMS = 56  # of the series of log Γ around 1, whose argument is at most 0.75: the first one left out is below 1e-9
SERIES_UP_TO, SERIES_TERMS, TAIL_TERMS = 30.0, 100, 20  # of Bessel functions: beyond, e^-60 is the smallest term
_EULER = 0.5772156649015329


def bound(xp: Any, *functions: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """The functions by name, each for arrays of the backend `xp`."""
    return {f.__name__: functools.partial(f, xp) for f in functions}


def sigmoid(xp: Any, x: Any) -> Any:
    """1 / (1 + exp(-x)), of complex numbers too."""
    return xp.expit(x) if x.dtype.kind != "c" else 1 / (1 + xp.exp(-x))


def complex_logaddexp(xp: Any, a: Any, b: Any) -> Any:
    """The logarithm of the sum of two exponentials of complex numbers."""
    first = xp.real(a) >= xp.real(b)  # what is added to the one with the larger real part leaves its turns of 2π alone
    low, high = xp.where(first, b, a), xp.where(first, a, b)
    return high + xp.log1p(xp.where(xp.isneginf(xp.real(low)), 0, xp.exp(low - high)))


def lgamma(xp: Any, x: Any) -> Any:
    """Log |Γ(x)|: near its zeros by their series, of which libraries keep few digits; by its pole among the subnormal
    numbers.
    """
    size = xp.abs(x)
    with xp.errstate(divide="ignore", invalid="ignore"):
        y = xp.where(size < float(xp.finfo(x.dtype).tiny), -xp.log(size), xp.gammaln(x))
    y = xp.where(xp.isinf(x), math.inf, y)  # on both sides, as C has it
    near = xp.abs(x - 1.5) < 0.75
    if not near.any():
        return y
    past = xp.where(x < 1.5, 0, 1)  # log Γ(2 + e) = log Γ(1 + e) + log(1 + e)
    e = xp.where(near, x - 1 - past, 0)
    return xp.where(near, e * _polynomial(_log_gamma(), e) + past * xp.log1p(e), y).astype(x.dtype)


@functools.cache
def _log_gamma() -> tuple[float, ...]:
    """Coefficients of log Γ(1 + e) / e, the highest power first."""
    import scipy.special

    return (*[(-1) ** k * float(scipy.special.zeta(k)) / k for k in range(ZETA_TERMS, 1, -1)], -_EULER)


def _polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    total = 0 * x
    for c in coefficients:
        total = total * x + c
    return total


def bessel(xp: Any, order: int, x: Any) -> Any:
    """The modified Bessel function of an integer order, where a library has none: by its series, whose terms share a
    sign, and far out by the one in 1 / x.
    """
    far = xp.abs(x) > SERIES_UP_TO
    near = xp.where(far, 0, x) / 2
    term = near**order / math.factorial(order)
    total = term
    for k in range(1, SERIES_TERMS):
        term = term * (near * near) / (k * (k + order))
        total = total + term
    if not far.any():
        return total
    size = xp.where(far, xp.abs(x), SERIES_UP_TO)
    tail = last = 0 * size + 1
    for k in range(1, TAIL_TERMS + 1):
        last = last * -(4 * order * order - (2 * k - 1) ** 2) / (8 * k * size)
        tail = tail + last
    half = xp.exp(size / 2)  # twice, since the exponential overflows before the function does
    value = half * (tail / xp.sqrt(2 * math.pi * size)) * half
    return xp.where(far, xp.where(x < 0, (-1) ** order * value, value), total)


def bounded(xp: Any, x: Any, low: float, high: float) -> Any:
    """What lies between the bounds, and beyond them by rounding only: put back there, real and imaginary parts each."""
    if x.dtype.kind != "c":
        return xp.clip(x, low, high)
    return (xp.clip(xp.real(x), low, high) + 1j * xp.clip(xp.imag(x), low, high)).astype(x.dtype)


def det(xp: Any, x: Any) -> Any:
    """The determinants of matrices (…, n, n) as products of pivots: a logarithm would lose digits of large ones."""
    total = xp.ones(x.shape[:-2], x.dtype)
    while x.shape[-1]:
        at = xp.argmax(xp.abs(x[..., :, 0]), axis=-1)  # the largest of the first column: (…)
        row = xp.take_along_axis(x, at[..., None, None], axis=-2)  # (…, 1, n)
        pivot = row[..., 0, 0]
        total = total * xp.where(at == 0, pivot, -pivot)
        here = xp.arange(1, x.shape[-1]) == at[..., None]  # (…, n - 1)
        below = xp.where(here[..., None], x[..., :1, :], x[..., 1:, :])  # the first row in the place of the pivot's
        divisor = xp.where(pivot == 0, 1, pivot)[..., None, None]
        x = (below - below[..., :, :1] / divisor * row)[..., :, 1:]
    return total


# --- sums of exponentials and powers, which keep in range what is not -------------------------------------------------


def _largest(xp: Any, x: Any, axis: Any) -> Any:
    """The maximum with its dimensions kept, -inf where there is nothing."""
    if x.size:
        return xp.max(x, axis=axis, keepdims=True)
    return xp.sum(x, axis=axis, keepdims=True) - math.inf


def _shift(xp: Any, x: Any, axis: Any) -> Any:
    """The maximum, where it is finite: subtracting it keeps exponentials in range and never changes the value."""
    m = _largest(xp, xp.real(x), axis)
    return xp.where(xp.isinf(m), 0, m)


def softmax(xp: Any, x: Any, axis: Any = None) -> Any:
    """Exponentials divided by their sum."""
    y = xp.exp(x - _largest(xp, x, axis))
    return y / xp.sum(y, axis=axis, keepdims=True)


def log_softmax(xp: Any, x: Any, axis: Any = None) -> Any:
    """The logarithm of softmax."""
    y = x - _largest(xp, x, axis)
    return y - xp.log(xp.sum(xp.exp(y), axis=axis, keepdims=True))


def logsumexp(xp: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The logarithm of the sum of exponentials."""
    m = _shift(xp, x, axis)
    y = xp.log(xp.sum(xp.exp(x - m), axis=axis, keepdims=True)) + m
    return y if keepdims else xp.squeeze(y, axis=axis)


def root_of_powers(xp: Any, x: Any, order: float, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of this order of what is not negative; scaled where powers overflow or underflow, the norm itself not."""
    with xp.errstate(all="ignore"):
        y = _root_of_powers(xp, x, order, axis, keepdims)
        least = float(xp.finfo(x.dtype).tiny) ** 0.25 if x.dtype.kind == "f" else None
        if not x.size or least is None or (xp.isfinite(y).all() and (y > least).all()):
            return y
        m = (xp.max if order > 0 else xp.min)(x, axis=axis, keepdims=True)
        m = xp.where((m == 0) | ~xp.isfinite(m), 1, m)
        scaled = _root_of_powers(xp, x / m, order, axis, keepdims)
        return (scaled * xp.reshape(m, scaled.shape)).astype(x.dtype)


def _root_of_powers(xp: Any, x: Any, order: float, axis: Any, keepdims: bool) -> Any:
    if order == 2:
        return xp.sqrt(xp.sum(x * x, axis=axis, keepdims=keepdims))
    return xp.power(xp.sum(xp.power(x, order), axis=axis, keepdims=keepdims), 1 / order)
