"""Arrays of NumPy: every name of `numpy` and, after it, of `scipy.special`, with what those two lack or answer
otherwise.

Operators call these functions as `xp.name`, in NumPy's spelling (`axis`, `keepdims`). A further backend mirrors this
module.
"""

from __future__ import annotations

import functools
import sys
from typing import Any

import ml_dtypes
import numpy as np
import scipy.special

from refgrad.backends import formulas, matrices
from refgrad.backends.numpy_functions import (  # noqa: F401 - what operators ask of this module
    det,
    digamma,
    erfinv,
    gammainc,
    gammaincc,
    i0,
    i0e,
    i1,
    i1e,
    iv,
    logaddexp,
    lu_factor,
    polygamma,
    sign,
    xlog1py,
    xlogy,
    zeta,
)

ARRAY_TYPES = (np.ndarray, np.generic, np.bool_, *{np.dtype(c).type for c in "bBhHiIlLqQefdgFDG"}, ml_dtypes.bfloat16)
PLAIN_RULES = False  # a backend that measures textbook formulas (balls) says True, and rows' `plain=` rules are used
DEVICE = "cpu"

bfloat16 = np.dtype(ml_dtypes.bfloat16)
globals().update(
    formulas.bound(
        sys.modules[__name__],
        formulas.bounded,
        formulas.lgamma,
        formulas.log_softmax,
        formulas.logsumexp,
        formulas.root_of_powers,
        formulas.sigmoid,
        formulas.softmax,
        matrices.first_minor,
        matrices.matrix_exp,
        matrices.pinv,
        matrices.rank,
        matrices.solve_triangular,
    )
)


def from_host(x: Any) -> Any:
    """An array of the host, as this backend computes with it: itself."""
    return x


def to_host(x: Any) -> Any:
    """The elements as an array of the host: itself."""
    return x


def address(x: Any) -> int:
    """Where the first element lies in memory."""
    return x.__array_interface__["data"][0] if hasattr(x, "__array_interface__") else 0


def storage(x: Any) -> tuple[int, int]:
    """Where the memory that `x` shows begins, and its length in bytes."""
    while getattr(x, "base", None) is not None and hasattr(x.base, "__array_interface__"):
        x = x.base
    return address(x), x.nbytes


def make_writable(x: Any) -> None:
    """Lets a view that NumPy made read-only be written to, as PyTorch's are."""
    if not x.flags.writeable:
        x.flags.writeable = True


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
    """A view of `x` with repeated dimensions: made directly, as `sum` spreads it in the backward pass, where that is
    simple.
    """
    x, lead = np.asarray(x), len(shape) - x.ndim
    if not x.ndim and x.dtype.kind in "fc":
        return np.ndarray(shape, x.dtype, x, 0, (0,) * lead)
    if lead < 0 or not x.flags.c_contiguous or x.dtype.kind not in "fc":
        return np.broadcast_to(x, shape)
    steps = [0] * lead
    for n, step, wanted in zip(x.shape, x.strides, shape[lead:], strict=True):
        if n not in (1, wanted):
            return np.broadcast_to(x, shape)
        steps.append(0 if n == 1 else step)
    return np.ndarray(shape, x.dtype, x, 0, steps)


def may_share_memory(x: Any, y: Any) -> bool:
    """Whether the memory of both may overlap: that of a view, made of the other, does."""
    base = x.base
    return (base is not None and (base is y or base is y.base)) or np.may_share_memory(x, y)


def ones(shape: Any, dtype: Any = None) -> np.ndarray:
    """Ones, made without a detour."""
    y = np.empty(shape, dtype)
    y.fill(1)
    return y


def sum_to(x: Any, shape: tuple[int, ...]) -> Any:
    """`x` summed over the dimensions by which `shape` was broadcast to it."""
    lead = x.ndim - len(shape)
    if x.shape[lead:] == shape:
        return np.asarray(np.add.reduce(x, tuple(range(lead)))) if lead else x
    axes = (*range(lead), *[i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1])
    y = np.add.reduce(x, axes, None, None, True) if axes else x
    return y.reshape(shape) if lead or not axes else y


def reshape(x: Any, shape: tuple[int, ...]) -> Any:
    """The elements of `x` in another shape; like those below, without the detour that NumPy's own function makes."""
    return x.reshape(shape) if type(x) is np.ndarray else np.reshape(x, shape)


def swapaxes(x: Any, first: int, second: int) -> Any:
    """A view of `x` with two dimensions exchanged."""
    return x.swapaxes(first, second)


def transpose(x: Any, axes: tuple[int, ...] | None = None) -> Any:
    """A view of `x` with its dimensions in another order, reversed by default."""
    return x.transpose(axes)


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
        if template.shape == x.shape and is_dense(template)
        else np.empty(x.shape, x.dtype)
    )
    y[...] = x
    return y


def is_dense(x: Any) -> bool:
    """Whether the elements fill their memory without gaps, in whichever order."""
    if x.flags.c_contiguous or x.flags.f_contiguous:
        return True
    expected = x.itemsize
    for stride, n in sorted(zip(x.strides, x.shape, strict=True)):
        if n != 1 and stride != expected:
            return False
        expected *= n
    return True


class _Window:
    """Part of the memory of an array, in the protocol by which arrays are made of it."""

    def __init__(self, x: Any, first: int, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
        self.base = x
        self.__array_interface__ = {**x.__array_interface__, "data": (first, False), "shape": size, "strides": stride}


def check_strides(size: tuple[int, ...], stride: tuple[int, ...], offset: int, itemsize: int, nbytes: int) -> None:
    """Raises PyTorch's errors for a view that reaches beyond a storage of so many bytes."""
    last = offset
    for n, s in zip(size, stride, strict=True):  # the built-in sum is not to be had here: this module is numpy's names
        last += (n - 1) * s
    if offset < 0 or (np.asarray(stride) < 0).any():
        raise RuntimeError("as_strided: Negative strides or offsets are not supported at the moment")
    if 0 not in size and (last + 1) * itemsize > nbytes:
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {offset}, and itemsize "
            f"{itemsize} are out of bounds for storage of size {nbytes}"
        )


def as_strided_view(x: Any, size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> np.ndarray:
    """The elements of the storage of `x` at these strides and this offset, counted in elements."""
    owner = x
    while hasattr(owner.base, "__array_interface__"):
        owner = owner.base
    first, steps = owner.__array_interface__["data"][0], tuple(s * x.itemsize for s in stride)
    check_strides(size, stride, offset, x.itemsize, owner.nbytes)
    view = np.asarray(_Window(x, first + offset * x.itemsize, size, steps))
    return view.view(x.dtype) if view.dtype != x.dtype else view


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
