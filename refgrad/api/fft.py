"""Discrete Fourier transforms, with the signatures of `torch.fft`."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from refgrad import dtypes
from refgrad.api.forms import checked, one_dim, with_out
from refgrad.api.shape import roll, to_dtype
from refgrad.ops import fft as ops
from refgrad.ops.indexing import narrow
from refgrad.ops.padding import constant_pad
from refgrad.rules import conj as _conj
from refgrad.tensor import Tensor

FORWARD = {None: "none", "backward": "none", "ortho": "sqrt", "forward": "full"}
BACKWARD = {None: "full", "backward": "full", "ortho": "sqrt", "forward": "none"}


def _scale(norm: str | None, *, forward: bool) -> str:
    table = FORWARD if forward else BACKWARD
    if norm not in table:
        raise RuntimeError(f"Invalid normalization mode: {norm!r}")
    return table[norm]


def _floating(x: Tensor) -> Tensor:
    return to_dtype(x, dtypes.get_default_dtype()) if x.dtype.category < dtypes.FLOATING else x


def _complex(x: Tensor) -> Tensor:
    x = _floating(x)
    return x if x.dtype.is_complex else to_dtype(x, x.dtype.to_complex())


def _real(x: Tensor, name: str) -> Tensor:
    if x.dtype.is_complex:
        raise RuntimeError(f"{name} expects a real input tensor, but got {x.dtype}")
    return _floating(x)


def _resized(x: Tensor, dim: tuple[int, ...], sizes: tuple[int, ...]) -> Tensor:
    """`x` cut off or filled up with zeros to these sizes."""
    for d, n in zip(dim, sizes, strict=True):
        if n < 1:
            raise RuntimeError(f"Invalid number of data points ({n}) specified")
        if n < x.shape[d]:
            x = narrow(x, dim=d, start=0, length=n)
        elif n > x.shape[d]:
            x = constant_pad(x, pad=(0, 0) * (x.ndim - 1 - d) + (0, n - x.shape[d]), value=0.0)
    return x


def _where(x: Tensor, s: Any, dim: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The dimensions and their sizes: all of them, or the last ones if only sizes are given."""
    s = None if s is None else (s,) if isinstance(s, int) else tuple(s)
    if dim is None:
        dim = range(x.ndim) if s is None else range(x.ndim - len(s), x.ndim)
    dims = tuple(one_dim(d, x.ndim) for d in ((dim,) if isinstance(dim, int) else dim))
    if len(set(dims)) != len(dims):
        raise RuntimeError("FFT dims must be unique")
    if s is not None and len(s) != len(dims):
        raise RuntimeError(
            f"When given, dim and shape arguments must have the same length; got {len(s)} sizes and {len(dims)} dimensions"
        )
    return dims, tuple(x.shape[d] if s is None or s[i] == -1 else s[i] for i, d in enumerate(dims))


def _c2c(x: Tensor, s: Any, dim: Any, norm: str | None, *, forward: bool) -> Tensor:
    x = _complex(x)
    dims, sizes = _where(x, s, dim)
    return (
        ops.c2c(_resized(x, dims, sizes), dim=dims, scale=_scale(norm, forward=forward), forward=forward)
        if dims
        else x.clone()
    )


def _r2c(x: Tensor, s: Any, dim: Any, norm: str | None, name: str, *, forward: bool) -> Tensor:
    x = _real(x, name)
    dims, sizes = _where(x, s, dim)
    _require_an_axis(dims, name)
    y = ops.r2c(_resized(x, dims, sizes), dim=dims, scale=_scale(norm, forward=forward))
    return y if forward else _conj(y)


def _c2r(x: Tensor, s: Any, dim: Any, norm: str | None, name: str, *, forward: bool) -> Tensor:
    x = _complex(x)
    dims, sizes = _where(x, s, dim)
    _require_an_axis(dims, name)
    given = s if isinstance(s, int) or s is None else tuple(s)[-1]
    last = 2 * (x.shape[dims[-1]] - 1) if given in (None, -1) else given
    if last < 1:
        raise RuntimeError(f"Invalid number of data points ({last}) specified")
    x = _resized(x, dims, (*sizes[:-1], last // 2 + 1))
    return ops.c2r(_conj(x) if forward else x, dim=dims, scale=_scale(norm, forward=forward), size=last)


def _require_an_axis(dims: tuple[int, ...], name: str) -> None:
    if not dims:
        raise RuntimeError(f"{name}n must transform at least one axis")


def _family(name: str, transform: Callable[..., Tensor], doc: str) -> tuple[Callable[..., Tensor], ...]:
    """The three call forms of a transform: over one dimension, two, or several."""

    def one(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
        return transform(checked(input, f"fft_{name}"), n, dim, norm)

    def two(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Tensor:
        return transform(checked(input, f"fft_{name}2"), s, dim, norm)

    def several(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
        return transform(checked(input, f"fft_{name}n"), s, dim, norm)

    for function, ending in ((one, ""), (two, "2"), (several, "n")):
        function.__name__, function.__doc__ = name + ending, doc
    return with_out(one), with_out(two), with_out(several)


fft, fft2, fftn = _family("fft", partial(_c2c, forward=True), "The discrete Fourier transform.")
ifft, ifft2, ifftn = _family("ifft", partial(_c2c, forward=False), "The inverse of the discrete Fourier transform.")
rfft, rfft2, rfftn = _family(
    "rfft",
    partial(_r2c, name="rfft", forward=True),
    "The first half of the transform of a real signal, along the last dimension.",
)
irfft, irfft2, irfftn = _family(
    "irfft", partial(_c2r, name="irfft", forward=False), "The real signal with this first half of a transform."
)
hfft, hfft2, hfftn = _family(
    "hfft", partial(_c2r, name="hfft", forward=True), "The real transform of the signal with this first half."
)
ihfft, ihfft2, ihfftn = _family("ihfft", partial(_r2c, name="ihfft", forward=False), "The inverse of `hfft`.")


def _shifts(input: Tensor, dim: Any) -> tuple[int, ...]:
    dims = tuple(range(input.ndim)) if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    if not dims:
        raise RuntimeError("`shifts` required: there is no dimension to shift along")
    return tuple(one_dim(d, input.ndim) for d in dims)


def fftshift(input: Tensor, dim: Any = None) -> Tensor:
    """The zero frequency moved to the middle."""
    dims = _shifts(input, dim)
    return roll(input, [input.shape[d] // 2 for d in dims], dims)


def ifftshift(input: Tensor, dim: Any = None) -> Tensor:
    """The zero frequency moved back from the middle to the front."""
    dims = _shifts(input, dim)
    return roll(input, [-(input.shape[d] // 2) for d in dims], dims)


def fftfreq(n: int, d: float = 1.0, *, dtype: Any = None, **_: Any) -> Tensor:
    """The frequencies of a transform of `n` elements a distance `d` apart."""
    from refgrad.creation import tensor

    return tensor(
        [(i if i < math.ceil(n / 2) else i - n) / (n * d) for i in range(n)], dtype=dtype or dtypes.get_default_dtype()
    )


def rfftfreq(n: int, d: float = 1.0, *, dtype: Any = None, **_: Any) -> Tensor:
    """The frequencies of the first half of a transform."""
    from refgrad.creation import tensor

    return tensor([i / (n * d) for i in range(n // 2 + 1)], dtype=dtype or dtypes.get_default_dtype())
