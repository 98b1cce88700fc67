"""Functions of NumPy arrays that NumPy and SciPy lack, or compute with fewer digits, a narrower range or another dtype."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
import scipy.special

from refgrad.backends.formulas import complex_logaddexp

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


def iv(order: Any, x: Any) -> Any:
    """The modified Bessel function of an integer order; 0 where SciPy divides the smallest numbers by one another."""
    x = np.asarray(x)
    small = np.abs(x) < np.finfo(x.dtype).tiny
    return np.where(small, x.dtype.type(order == 0), scipy.special.iv(order, np.where(small, 1, x)))


def det(x: Any) -> Any:
    """The determinant as the product of pivots: NumPy's goes through a logarithm, and loses digits of large ones."""
    return np.asarray(scipy.linalg.det(x)).astype(x.dtype)


def lu_factor(x: Any) -> tuple[Any, Any]:
    """Both triangular factors in one matrix (…, m, n), and the rows (…, k), counted from 1, that LAPACK exchanged."""
    (getrf,) = scipy.linalg.get_lapack_funcs(("getrf",), dtype=x.dtype)
    factors, pivots = np.array(x, order="C"), np.empty((*x.shape[:-2], min(x.shape[-2:])), np.int32)
    for i in np.ndindex(x.shape[:-2]) if x.size else ():
        factors[i], rows, _ = getrf(x[i])
        pivots[i] = rows + 1
    return factors, pivots


def sign(x: Any) -> Any:
    """-1, 0 or 1, and 0 of nan; of complex numbers z / |z|."""
    y = np.sign(x)
    return y if y.dtype.kind != "f" or np.isfinite(np.add.reduce(y, None)) else np.where(np.isnan(y), 0, y)


def logaddexp(a: Any, b: Any) -> Any:
    """The logarithm of the sum of two exponentials, of complex numbers too."""
    return np.logaddexp(a, b) if np.result_type(a, b).kind != "c" else complex_logaddexp(np, a, b)
