"""Resizing, with the signature of `torch.nn.functional.interpolate`."""

from __future__ import annotations

import math
import warnings
from typing import Any

from refgrad.api.naming import recorded_as
from refgrad.api.pooling import averaged
from refgrad.backends import resampling
from refgrad.ops.interpolation import resample
from refgrad.tensor import Tensor

_SPATIAL = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}


def _upsample_title(
    y: Tensor, input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest", *_: Any, **__: Any
) -> str | None:
    kind = {"nearest": "Nearest", "nearest-exact": "NearestExact"}.get(mode, mode.capitalize())
    return None if mode == "area" else f"Upsample{kind}{input.ndim - 2}DBackward0"


@recorded_as(_upsample_title)
def interpolate(
    input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None, antialias: bool = False,
) -> Tensor:  # fmt: skip
    """`input`, (N, C, *sizes), resized to `size` or by `scale_factor`."""
    n = input.ndim - 2
    if mode not in (*_SPATIAL, "nearest", "nearest-exact", "area"):
        raise NotImplementedError(
            f"Input Error: mode {mode!r} is not one of nearest, nearest-exact, area, {', '.join(_SPATIAL)}"
        )
    if _SPATIAL.get(mode, n) != n:
        raise NotImplementedError(f"Got {input.ndim}D input, but {mode} mode needs {_SPATIAL[mode] + 2}D input")
    if align_corners is not None and mode not in _SPATIAL:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
    if antialias and mode not in ("bilinear", "bicubic"):
        raise ValueError(
            "Anti-alias option is restricted to bilinear and bicubic modes and requires a 4-D tensor as input"
        )
    outs, given = _sizes(input, size, scale_factor, n)
    if recompute_scale_factor:
        given = None
    y = input
    for i, out in enumerate(outs):
        dim, have = i + 2, input.shape[i + 2]
        if mode == "area":
            y = averaged(y, dim, out)
        elif have != out or mode in _SPATIAL:
            y = resample(y, dim=dim, taps=_taps(mode, have, out, given and given[i], bool(align_corners), antialias))
    return y.clone() if y is input else y


def _sizes(x: Tensor, size: Any, scale_factor: Any, n: int) -> tuple[tuple[int, ...], tuple[float, ...] | None]:
    if (size is None) == (scale_factor is None):
        raise ValueError(
            "only one of size or scale_factor should be defined"
            if size is not None
            else "either size or scale_factor should be defined"
        )
    if size is not None:
        return ((size,) * n if isinstance(size, int) else tuple(int(s) for s in size)), None
    factors = (
        (float(scale_factor),) * n if isinstance(scale_factor, (int, float)) else tuple(float(f) for f in scale_factor)
    )
    return tuple(math.floor(m * f) for m, f in zip(x.shape[2:], factors, strict=True)), factors


def _taps(
    mode: str, size: int, out: int, factor: float | None, align_corners: bool, antialias: bool
) -> resampling.Taps:
    scale = size / out if factor is None else 1 / factor
    if align_corners:
        scale = (size - 1) / (out - 1) if out > 1 else 0.0
    if mode in ("nearest", "nearest-exact"):
        return resampling.nearest(size, out, scale, exact=mode == "nearest-exact")
    if antialias:
        return resampling.antialiased(size, out, scale, order=1 if mode == "bilinear" else 3)
    make = resampling.cubic if mode == "bicubic" else resampling.linear
    return make(size, out, scale, align_corners=align_corners)


def upsample(
    input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
) -> Tensor:
    """`interpolate` by its former name."""
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate` to the nearest neighbour, by its former name."""
    _warn_of_name("upsample_nearest")
    return interpolate(input, size, scale_factor)


def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """Bilinear `interpolate` with aligned corners, by its former name."""
    _warn_of_name("upsample_bilinear")
    return interpolate(input, size, scale_factor, "bilinear", align_corners=True)


def _warn_of_name(name: str) -> None:
    warnings.warn(
        f"`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` instead.", UserWarning, stacklevel=4
    )
