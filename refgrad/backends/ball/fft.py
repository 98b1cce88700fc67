"""Discrete Fourier transforms of balls, with NumPy's signatures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import acb, arb

from refgrad.backends.ball.array import BallArray, finished, result_dtype

Axes = Sequence[int]


def fftn(x: BallArray, axes: Axes, norm: str = "backward") -> BallArray:
    """The transform along the axes; `norm` says whether it is divided by n ("forward"), √n ("ortho") or not."""
    return _transformed(x, axes, norm, inverse=False)


def ifftn(x: BallArray, axes: Axes, norm: str = "backward") -> BallArray:
    """The inverse transform along the axes."""
    return _transformed(x, axes, norm, inverse=True)


def rfftn(x: BallArray, axes: Axes, norm: str = "backward") -> BallArray:
    """The transform of real numbers, of which the first half along the last axis is kept."""
    y, last = fftn(x, axes, norm), axes[-1] % x.ndim
    return y[(*(slice(None),) * last, slice(y.shape[last] // 2 + 1))]


def irfftn(x: BallArray, s: Sequence[int], axes: Axes, norm: str = "backward") -> BallArray:
    """The real numbers of which `x` is the first half of the transform; `s` are their sizes."""
    *others, last = (a % x.ndim for a in axes)
    y = ifftn(x, others, norm) if others else x
    rows, n = np.moveaxis(y.data, last, -1), s[-1]
    whole = np.empty((*rows.shape[:-1], n), object)
    for i in np.ndindex(rows.shape[:-1]):
        whole[i] = _completed(rows[i], n)
    whole = BallArray(np.moveaxis(whole, -1, last), y.dtype)
    return ifftn(whole, (last,), norm).real


def _completed(half: np.ndarray, n: int) -> list[Any]:
    """A spectrum of real numbers: of what has no conjugate partner the imaginary part does not count."""
    found = [acb(half[k]) if k < len(half) else acb(0) for k in range(n // 2 + 1)]
    found[0] = acb(found[0].real)
    if n % 2 == 0:
        found[-1] = acb(found[-1].real)
    return [*found, *(found[n - k].conjugate() for k in range(n // 2 + 1, n))]


def _transformed(x: BallArray, axes: Axes, norm: str, *, inverse: bool) -> BallArray:
    data = x.data
    for axis in axes:
        rows = np.moveaxis(data, axis, -1)
        found = np.empty(rows.shape, object)
        for i in np.ndindex(rows.shape[:-1]):
            found[i] = acb.dft([acb(v) for v in rows[i]], inverse=inverse)
        data = np.moveaxis(found, -1, axis)
    n = math.prod(x.shape[a] for a in axes)
    divisor = {"backward": n if inverse else 1, "ortho": arb(n).sqrt(), "forward": 1 if inverse else n}[norm]
    wanted = 1 if not inverse else n  # what `acb.dft` has divided by
    return finished(data if divisor is wanted else data * (wanted / arb(divisor)), result_dtype(x, 1j))
