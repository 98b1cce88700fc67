"""Arrays of NumPy: every name of `numpy` and, after it, of `scipy.special`, with what those two lack or answer
otherwise.

Operators call these functions as `xp.name`, in NumPy's spelling (`axis`, `keepdims`). A further backend mirrors this
module.
"""

from __future__ import annotations

import functools
from typing import Any

import ml_dtypes
import numpy as np
import scipy.linalg
import scipy.special

ARRAY_TYPES = (np.ndarray, np.generic, np.bool_, *{np.dtype(c).type for c in "bBhHiIlLqQefdgFDG"}, ml_dtypes.bfloat16)
PLAIN_RULES = False  # a backend that measures textbook formulas (balls) says True, and rows' `plain=` rules are used
DEVICE = "cpu"

bfloat16 = np.dtype(ml_dtypes.bfloat16)

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
zeta, polygamma = _in_dtype(scipy.special.zeta), _in_dtype(scipy.special.polygamma)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    found = getattr(np, name, None)
    if found is None:
        found = getattr(scipy.special, name, None)
    if found is None:
        raise AttributeError(f"neither numpy nor scipy.special has {name!r}")
    globals()[name] = found  # so that this is asked once
    return found


def lgamma(x: Any) -> Any:
    """Log |Γ(x)|; by its pole at 0 where SciPy overflows to infinity, among the subnormal numbers."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.abs(x) < np.finfo(x.dtype).tiny, -np.log(np.abs(x)), scipy.special.gammaln(x))


def iv(order: Any, x: Any) -> Any:
    """The modified Bessel function of an integer order; 0 where SciPy divides the smallest numbers by one another."""
    x = np.asarray(x)
    small = np.abs(x) < np.finfo(x.dtype).tiny
    return np.where(small, x.dtype.type(order == 0), scipy.special.iv(order, np.where(small, 1, x)))


def det(x: Any) -> Any:
    """The determinant as the product of pivots: NumPy's goes through a logarithm, and loses digits of large ones."""
    return np.asarray(scipy.linalg.det(x)).astype(x.dtype)


def asarray(x: Any, dtype: Any = None) -> np.ndarray:
    """`x` as an array, 0-d included."""
    return np.asarray(x, dtype)


def cast(x: Any, dtype: Any) -> Any:
    """A copy of `x` in `dtype`; the imaginary part is dropped without a warning where `dtype` is real."""
    dtype = getattr(dtype, "array", dtype)
    if x.dtype.kind == "c" and np.dtype(dtype).kind not in "cb":
        x = x.real
    return np.asarray(x).astype(dtype)


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum, without the detour that NumPy's own function makes."""
    return np.add.reduce(x, axis, None, None, keepdims)


def broadcast_to(x: Any, shape: tuple[int, ...]) -> np.ndarray:
    """A view of `x` with repeated dimensions; of one number, as `sum` spreads it in the backward pass, made
    directly.
    """
    if x.ndim or x.dtype.kind not in "fc" or type(x) is not np.ndarray:
        return np.broadcast_to(x, shape)
    return np.ndarray(shape, x.dtype, x, 0, (0,) * len(shape))


def ones(shape: Any, dtype: Any = None) -> np.ndarray:
    """Ones, made without a detour."""
    y = np.empty(shape, dtype)
    y.fill(1)
    return y


def sum_to(x: Any, shape: tuple[int, ...]) -> Any:
    """`x` summed over the dimensions by which `shape` was broadcast to it."""
    lead = x.ndim - len(shape)
    axes = (*range(lead), *(i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1))
    return np.asarray(np.add.reduce(x, axis=axes, keepdims=True)).reshape(shape) if axes else x.reshape(shape)


def put(x: Any, index: Any, values: Any, accumulate: bool = False) -> np.ndarray:
    """A copy of `x` in which the elements at `index` are replaced by `values`, or have them added."""
    y = np.array(x)
    if accumulate:
        np.add.at(y, index, values)
    else:
        y[index] = values
    return y


def zeros_like(x: Any, dtype: Any = None) -> np.ndarray:
    """Zeros of the shape of `x`."""
    return np.zeros(np.shape(x), dtype or x.dtype)


@functools.cache
def generator() -> np.random.Generator:
    """The random number generator that `manual_seed` restarts."""
    return np.random.default_rng()


def copy_like(x: Any, template: Any) -> np.ndarray:
    """A copy of `x`, laid out as `template` is if that has no gaps."""
    if template.flags.c_contiguous:
        return np.array(x, order="C")
    y = (
        np.empty_like(template, dtype=x.dtype)
        if template.shape == x.shape and _is_dense(template)
        else np.empty(x.shape, x.dtype)
    )
    y[...] = x
    return y


def _is_dense(x: np.ndarray) -> bool:
    if x.flags.c_contiguous or x.flags.f_contiguous:
        return True
    expected = x.itemsize
    for stride, n in sorted(zip(x.strides, x.shape, strict=True)):
        if n != 1 and stride != expected:
            return False
        expected *= n
    return True


def as_strided_view(x: Any, size: tuple[int, ...], stride: tuple[int, ...], offset: int | None) -> np.ndarray:
    """The elements of the storage of `x` at these strides, counted in elements."""
    base = x
    while offset is not None and isinstance(base.base, np.ndarray) and base.base.dtype == x.dtype:
        base = base.base
    shifted = np.ndarray((), x.dtype, base, (offset or 0) * x.itemsize) if base.flags.c_contiguous else base
    return np.lib.stride_tricks.as_strided(shifted, size, tuple(s * x.itemsize for s in stride))


def unfold_view(x: Any, dimension: int, size: int, step: int) -> np.ndarray:
    """Windows along one dimension, as a last dimension."""
    if not x.ndim:
        return np.reshape(x, (size,))
    windows = np.lib.stride_tricks.sliding_window_view(x, size, dimension, writeable=True)
    return windows[(*(slice(None),) * (dimension % x.ndim), slice(None, None, step))]


def pairs(x: Any) -> np.ndarray:
    """Complex numbers as pairs of reals along a new last dimension, sharing memory."""
    real = np.dtype(f"f{x.itemsize // 2}")
    return np.lib.stride_tricks.as_strided(x.real, (*x.shape, 2), (*x.strides, real.itemsize))


def unpaired(x: Any) -> np.ndarray:
    """Pairs of reals along the last dimension as complex numbers, sharing memory where they lie side by side."""
    return np.ascontiguousarray(x).view(np.dtype(f"c{x.itemsize * 2}"))[..., 0]


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
