"""Functions of NumPy arrays that NumPy and SciPy lack, or compute with fewer digits, a narrower range or another dtype."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
import scipy.special

digamma = scipy.special.psi
erfinv = scipy.special.erfinv
i0, i0e, i1, i1e = scipy.special.i0, scipy.special.i0e, scipy.special.i1, scipy.special.i1e  # np.i0 answers otherwise


def _in_dtype(f: Any) -> Any:
    """The function of scipy with NumPy's promotion: a Python number beside float32 arrays does not widen the result."""

    def narrow(*xs: Any) -> Any:
        y = f(*xs)
        dtype = np.result_type(*xs)
        return y if y.dtype == dtype or dtype.kind != "f" else y.astype(dtype)

    return narrow


xlogy, xlog1py = _in_dtype(scipy.special.xlogy), _in_dtype(scipy.special.xlog1py)
gammainc, gammaincc = _in_dtype(scipy.special.gammainc), _in_dtype(scipy.special.gammaincc)
zeta = _in_dtype(scipy.special.zeta)
polygamma = _in_dtype(lambda n, x: np.where(np.isneginf(x), np.nan, scipy.special.polygamma(n, x)))  # between its poles


def lgamma(x: Any) -> Any:
    """Log |Γ(x)|: near its zeros by their series, of which SciPy keeps few digits; by its pole among the subnormal numbers."""
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(np.abs(x) < np.finfo(x.dtype).tiny, -np.log(np.abs(x)), scipy.special.gammaln(x))
    y = np.where(np.isinf(x), np.inf, y)  # on both sides, as C has it
    near = np.abs(x - 1.5) < 0.75
    if not near.any():
        return y
    past = np.where(x < 1.5, 0, 1)  # log Γ(2 + e) = log Γ(1 + e) + log(1 + e)
    e = np.where(near, x - 1 - past, 0)
    return np.where(near, e * np.polyval(_LOG_GAMMA, e) + past * np.log1p(e), y).astype(x.dtype)


_LOG_GAMMA = [(-1) ** k * scipy.special.zeta(k) / k for k in range(56, 1, -1)] + [-np.euler_gamma]
"""Coefficients of log Γ(1 + e) / e, the highest power first."""


def iv(order: Any, x: Any) -> Any:
    """The modified Bessel function of an integer order; 0 where SciPy divides the smallest numbers by one another."""
    x = np.asarray(x)
    small = np.abs(x) < np.finfo(x.dtype).tiny
    return np.where(small, x.dtype.type(order == 0), scipy.special.iv(order, np.where(small, 1, x)))


def det(x: Any) -> Any:
    """The determinant as the product of pivots: NumPy's goes through a logarithm, and loses digits of large ones."""
    return np.asarray(scipy.linalg.det(x)).astype(x.dtype)


def root_of_powers(x: Any, order: float, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of this order of what is not negative; scaled where powers overflow or underflow, the norm itself does not."""
    with np.errstate(all="ignore"):
        y = _root_of_powers(x, order, axis, keepdims)
        is_safe = np.isfinite(y).all() and (y > np.finfo(x.dtype).tiny ** 0.25).all() if x.dtype.kind == "f" else True
        if is_safe or not x.size:
            return y
        m = np.max(x, axis=axis, keepdims=True) if order > 0 else np.min(x, axis=axis, keepdims=True)
        m = np.where((m == 0) | ~np.isfinite(m), 1, m)
        scaled = _root_of_powers(x / m, order, axis, keepdims)
        return (scaled * m.reshape(np.shape(scaled))).astype(x.dtype)


def _root_of_powers(x: Any, order: float, axis: Any, keepdims: bool) -> Any:
    if order == 2:
        return np.sqrt(np.add.reduce(x * x, axis, None, None, keepdims))
    return np.power(np.add.reduce(np.power(x, order), axis, None, None, keepdims), 1 / order)


def sign(x: Any) -> Any:
    """-1, 0 or 1, and 0 of nan; of complex numbers z / |z|."""
    y = np.sign(x)
    return y if y.dtype.kind != "f" or np.isfinite(np.add.reduce(y, None)) else np.where(np.isnan(y), 0, y)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), of complex numbers too."""
    return scipy.special.expit(x) if np.asarray(x).dtype.kind != "c" else 1 / (1 + np.exp(-x))


def logaddexp(a: Any, b: Any) -> Any:
    """The logarithm of the sum of two exponentials, of complex numbers too."""
    if np.result_type(a, b).kind != "c":
        return np.logaddexp(a, b)
    first = np.real(a) >= np.real(
        b
    )  # what is added to the one with the larger real part leaves its turns of 2π as they are
    low, high = np.where(first, b, a), np.where(first, a, b)
    return high + np.log1p(np.where(np.isneginf(np.real(low)), 0, np.exp(low - high)))


def _shift(x: Any, axis: Any) -> np.ndarray:
    """The maximum, where it is finite: subtracting it keeps exponentials in range and never changes the value."""
    m = np.max(np.real(x), axis=axis, keepdims=True, initial=-np.inf)
    return np.where(np.isinf(m), np.zeros((), m.dtype), m)


def softmax(x: Any, axis: Any = None) -> np.ndarray:
    """Exponentials divided by their sum."""
    m = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    y = np.exp(x - m)
    return y / np.sum(y, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: Any = None) -> np.ndarray:
    """The logarithm of softmax."""
    y = x - np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    return y - np.log(np.sum(np.exp(y), axis=axis, keepdims=True))


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> np.ndarray:
    """The logarithm of the sum of exponentials."""
    m = _shift(x, axis)
    y = np.log(np.sum(np.exp(x - m), axis=axis, keepdims=True)) + m
    return y if keepdims else np.squeeze(y, axis=axis)
