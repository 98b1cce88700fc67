"""Pooling, and windows as columns, with the signatures of `torch.nn.functional`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from refgrad.api.convolution import each
from refgrad.api.forms import placed
from refgrad.api.naming import recorded_as
from refgrad.api.windows import check_padding, check_places, kernel_and_stride, output_sizes, windows_that_fit
from refgrad.backends import namespace
from refgrad.backends.resampling import bins
from refgrad.ops import pooling as ops
from refgrad.ops.indexing import gather
from refgrad.ops.interpolation import resample
from refgrad.rules import where
from refgrad.tensor import Tensor

Ints = tuple[int, ...]


def _max_pool(n: int) -> Callable[..., Any]:
    def pool(
        input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:  # fmt: skip
        kernel, stride = kernel_and_stride(kernel_size, stride, n)
        padding, dilation = each(padding, n), each(dilation, n)
        check_places(f"max_pool{n}d", input, n, filled=True)
        check_padding(kernel, padding)
        sizes = input.shape[-n:]
        out = windows_that_fit(sizes, kernel, stride, padding, dilation, ceil=ceil_mode)
        at = ops.window_argmax(input, out=out, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
        y = _read(input, at, n)
        return (y, at) if return_indices else y

    pool.__name__ = f"max_pool{n}d"
    pool.__doc__ = (
        f"The largest element of each window over the last {n} dimensions; of equal ones the first takes the gradient."
    )
    return pool


def _read(x: Tensor, at: Tensor, n: int) -> Tensor:
    """The elements at places counted over the last `n` dimensions."""
    lead = tuple(x.shape[:-n])
    flat = x.reshape(*lead, math.prod(x.shape[-n:]))
    return gather(flat, at.reshape(*lead, math.prod(at.shape[-n:])), dim=len(lead)).reshape(*lead, *at.shape[-n:])


def _avg_pool(n: int) -> Callable[..., Tensor]:
    def pool(
        input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> Tensor:  # fmt: skip
        kernel, stride = kernel_and_stride(kernel_size, stride, n)
        padding = each(padding, n)
        check_places(f"avg_pool{n}d", input, n)
        check_padding(kernel, padding)
        if divisor_override == 0:
            raise RuntimeError("divisor must be not zero")
        sizes = tuple(input.shape[-n:])
        out = windows_that_fit(sizes, kernel, stride, padding, (1,) * n, ceil=ceil_mode)
        seen = ops.windows(input, out=out, kernel=kernel, stride=stride, padding=padding, dilation=(1,) * n)
        total = seen.sum(tuple(range(-n, 0)))
        if divisor_override is not None:
            return total / divisor_override
        return total / _counts(input, sizes, out, kernel, stride, padding, padded=count_include_pad)

    pool.__name__ = f"avg_pool{n}d"
    pool.__doc__ = f"The mean of each window over the last {n} dimensions."
    return pool


def _counts(x: Tensor, sizes: Ints, out: Ints, kernel: Ints, stride: Ints, padding: Ints, *, padded: bool) -> Tensor:
    """How many elements each window has, with or without its padding; what `ceil_mode` adds beyond is never counted."""
    xp = namespace()
    counts = xp.ones((), xp.int64)
    for size, m, k, s, p in zip(sizes, out, kernel, stride, padding, strict=True):
        start = xp.arange(m) * s - p
        end = xp.minimum(start + k, size + p)
        extent = end - start if padded else xp.minimum(end, size) - xp.maximum(start, 0)
        counts = counts[..., None] * extent
    return placed(counts.astype(x._data.dtype if x._data.dtype.kind in "fV" else "float32"), x)


def _adaptive_avg(n: int) -> Callable[..., Tensor]:
    def pool(input: Tensor, output_size: Any) -> Tensor:
        check_places(f"adaptive_avg_pool{n}d", input, n)
        y = input
        for i, m in enumerate(output_sizes(f"adaptive_avg_pool{n}d", input, output_size, n)):
            y = averaged(y, input.ndim - n + i, m)
        return y

    pool.__name__ = f"adaptive_avg_pool{n}d"
    pool.__doc__ = f"Means over the last {n} dimensions, of windows such that the result has the given size."
    return pool


def averaged(x: Tensor, dim: int, out: int) -> Tensor:
    """Means along one dimension, from floor(i·size/out) to ceil((i+1)·size/out) each."""
    taps = bins(x.shape[dim], out)
    counts = [sum(p < taps.size for p in row) for row in taps.places]
    divisor = placed(namespace().asarray(counts, x._data.dtype), x).reshape(-1, *(1,) * (x.ndim - dim - 1))
    return resample(x, dim=dim, taps=taps) / divisor


def _adaptive_max(n: int) -> Callable[..., Any]:
    def pool(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
        name = f"adaptive_max_pool{n}d"
        check_places(name, input, n, filled=True)
        taps = [
            bins(size, m) for size, m in zip(input.shape[-n:], output_sizes(name, input, output_size, n), strict=True)
        ]
        at = ops.bin_argmax(input, taps=tuple(taps))
        y = _read(input, at, n)
        return (y, at) if return_indices else y

    pool.__name__ = f"adaptive_max_pool{n}d"
    pool.__doc__ = f"Maxima over the last {n} dimensions, of windows such that the result has the given size."
    return pool


def _titled(make: Callable[[int], Callable[..., Any]], n: int, title: str) -> Callable[..., Any]:
    return recorded_as(title)(make(n))


def _adaptive_title(n: int) -> Callable[..., str]:
    """Down to one element, PyTorch takes the mean."""
    one = (1, (1,) * n, [1] * n)
    return lambda y, input, output_size: "MeanBackward1" if output_size in one else f"AdaptiveAvgPool{n}DBackward0"


max_pool1d, max_pool2d, max_pool3d = (
    _titled(_max_pool, 1, "SqueezeBackward1"),
    _titled(_max_pool, 2, "MaxPool2DWithIndicesBackward0"),
    _titled(_max_pool, 3, "MaxPool3DWithIndicesBackward0"),
)
avg_pool2d, avg_pool3d = _titled(_avg_pool, 2, "AvgPool2DBackward0"), _titled(_avg_pool, 3, "AvgPool3DBackward0")
adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = (
    _titled(_adaptive_avg, 1, "SqueezeBackward1"),
    recorded_as(_adaptive_title(2))(_adaptive_avg(2)),
    recorded_as(_adaptive_title(3))(_adaptive_avg(3)),
)
adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = (
    _titled(_adaptive_max, 1, "SqueezeBackward1"),
    _titled(_adaptive_max, 2, "AdaptiveMaxPool2DBackward0"),
    _titled(_adaptive_max, 3, "AdaptiveMaxPool3DBackward0"),
)


@recorded_as("SqueezeBackward1")
def avg_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window over the last dimension."""
    return _avg_pool(1)(input, kernel_size, stride, padding, ceil_mode, count_include_pad)


def _lp_pool(n: int) -> Callable[..., Tensor]:
    def pool(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
        total = _avg_pool(n)(input**norm_type, kernel_size, stride, 0, ceil_mode) * math.prod(each(kernel_size, n))
        at_zero = total == 0
        return where(at_zero, 0.0, where(at_zero, 1.0, total) ** (1 / norm_type))

    pool.__name__ = f"lp_pool{n}d"
    pool.__doc__ = (
        f"The norm of each window over the last {n} dimensions; where the sum of powers is 0, so is the derivative."
    )
    return pool


lp_pool1d, lp_pool2d, lp_pool3d = _lp_pool(1), _lp_pool(2), _lp_pool(3)


# windows as columns


@recorded_as("Im2ColBackward0")
def unfold(input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """The windows over the last two dimensions as columns: (N, C, H, W) -> (N, C · kernel, windows)."""
    kernel, dilation, padding, stride = (each(v, 2) for v in (kernel_size, dilation, padding, stride))
    x = input if input.ndim == 4 else input.unsqueeze(0)
    out = windows_that_fit(x.shape[2:], kernel, stride, padding, dilation, ceil=False)
    seen = ops.windows(x, out=out, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    y = seen.permute(0, 1, 4, 5, 2, 3).reshape(x.shape[0], x.shape[1] * math.prod(kernel), math.prod(out))
    return y if input.ndim == 4 else y.squeeze(0)


def fold(
    input: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """The sums of columns where windows overlap: (N, C · kernel, windows) -> (N, C, H, W)."""
    size, kernel, dilation, padding, stride = (
        each(v, 2) for v in (output_size, kernel_size, dilation, padding, stride)
    )
    x = input if input.ndim == 3 else input.unsqueeze(0)
    out = windows_that_fit(size, kernel, stride, padding, dilation, ceil=False)
    columns = x.reshape(x.shape[0], x.shape[1] // math.prod(kernel), *kernel, *out).permute(0, 1, 4, 5, 2, 3)
    y = ops.overlap_add(columns, size=size, stride=stride, padding=padding, dilation=dilation)
    return y if input.ndim == 3 else y.squeeze(0)
