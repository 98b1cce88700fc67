"""Functions of CuPy arrays that CuPy and `cupyx.scipy.special` lack, or compute with another dtype or without an error."""

from __future__ import annotations

import math
from typing import Any

import cupy as cp
import cupyx
import cupyx.scipy.special as _special
import numpy as np

from refgrad.backends.formulas import complex_logaddexp

digamma, erfinv, i0, i0e, i1, i1e = (getattr(_special, n) for n in ("digamma", "erfinv", "i0", "i0e", "i1", "i1e"))


def sign(x: Any) -> Any:
    """-1, 0 or 1, and 0 of nan; of complex numbers z / |z|."""
    if x.dtype.kind == "c":
        size = cp.abs(x)
        return cp.where(size == 0, 0, x / cp.where(size == 0, 1, size))
    return cp.sign(x) if x.dtype.kind != "f" else cp.where(cp.isnan(x), 0, cp.sign(x))


def logaddexp(a: Any, b: Any) -> Any:
    """The logarithm of the sum of two exponentials, of complex numbers too."""
    if cp.result_type(a, b).kind == "c":
        return complex_logaddexp(cp, a, b)
    return cp.logaddexp(a, b)


def _in_dtype(name: str) -> Any:
    """The function with NumPy's promotion: a Python number beside float32 arrays does not widen the result."""
    function = getattr(_special, name)

    def narrow(*xs: Any) -> Any:
        dtype = cp.result_type(*xs)
        like = next(x for x in xs if isinstance(x, cp.ndarray))
        y = function(*[x if isinstance(x, cp.ndarray) else cp.full((), x, like.dtype) for x in xs])
        return y if y.dtype == dtype or dtype.kind != "f" else y.astype(dtype)

    return narrow


xlogy, xlog1py, gammainc, gammaincc, zeta = map(_in_dtype, ("xlogy", "xlog1py", "gammainc", "gammaincc", "zeta"))


def polygamma(n: int, x: Any) -> Any:
    """The derivative of that order of digamma; nan at -inf, which lies between its poles."""
    sign_, order = (-1) ** (n + 1), cp.full((), n + 1, x.dtype)
    y = sign_ * math.factorial(n) * _special.zeta(order, x) if n else _special.digamma(x)
    return cp.where(cp.isneginf(x), math.nan, y).astype(x.dtype)


class linalg:  # noqa: N801 - a namespace, as NumPy's
    """Functions of `cupy.linalg` that raise where a matrix has no result, as NumPy's do."""

    LinAlgError = np.linalg.LinAlgError


def _raising(function: Any) -> Any:
    def checked(*args: Any, **kwargs: Any) -> Any:
        with cupyx.errstate(linalg="raise"):
            return function(*args, **kwargs)

    return staticmethod(checked)


for _name in ("cholesky", "eig", "eigh", "inv", "qr", "slogdet", "solve", "svd"):
    setattr(linalg, _name, _raising(getattr(cp.linalg, _name)))
