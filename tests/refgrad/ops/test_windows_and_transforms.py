"""Convolution, pooling, padding, interpolation and Fourier transforms agree with PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.refgrad.ops.against_torch import agree, cases

TIES = np.array([[[[1.0, 1.0, 0.0, 2.0], [1.0, 1.0, 2.0, 2.0], [0.0, 3.0, 3.0, 1.0]]]])

CONVOLUTIONS = cases(
    ("conv1d", lambda F, x, w, b: F.conv1d(x, w, b), [(2, 3, 7), (4, 3, 3), (4,)]),
    ("conv1d-unbatched", lambda F, x, w: F.conv1d(x, w, padding=2, dilation=2), [(3, 7), (4, 3, 3)]),
    ("conv1d-valid", lambda F, x, w: F.conv1d(x, w, padding="valid"), [(2, 3, 7), (4, 3, 2)]),
    ("conv2d", lambda F, x, w, b: F.conv2d(x, w, b, stride=2, padding=1), [(2, 3, 6, 5), (4, 3, 3, 2), (4,)]),
    ("conv2d-groups", lambda F, x, w: F.conv2d(x, w, stride=(2, 1), dilation=(1, 2), groups=2), [(2, 4, 6, 6), (6, 2, 2, 3)]),
    ("conv2d-depthwise", lambda F, x, w: F.conv2d(x, w, padding=(0, 1), groups=3), [(1, 3, 4, 4), (3, 1, 2, 3)]),
    ("conv2d-same", lambda F, x, w: F.conv2d(x, w, padding="same", dilation=(1, 2)), [(1, 2, 5, 6), (3, 2, 2, 3)]),
    ("conv2d-no-batch", lambda F, x, w: F.conv2d(x, w), [(0, 2, 4, 4), (3, 2, 2, 2)]),
    ("conv3d", lambda F, x, w: F.conv3d(x, w, stride=(1, 2, 1), padding=(1, 0, 1)), [(1, 2, 4, 5, 3), (3, 2, 2, 3, 2)]),
    ("conv_transpose1d", lambda F, x, w: F.conv_transpose1d(x, w, stride=2, output_padding=1), [(2, 3, 4), (3, 2, 3)]),
    ("conv_transpose2d", lambda F, x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1), [(2, 3, 4, 3), (3, 4, 3, 2), (4,)]),
    ("conv_transpose2d-groups", lambda F, x, w: F.conv_transpose2d(x, w, groups=2, dilation=2, output_padding=1), [(1, 4, 3, 3), (4, 2, 2, 2)]),
    ("conv_transpose3d", lambda F, x, w: F.conv_transpose3d(x, w, padding=1), [(1, 2, 3, 3, 3), (2, 2, 2, 3, 2)]),
)  # fmt: skip


@CONVOLUTIONS
@pytest.mark.parametrize("dtype", ["float64", "float32", "complex128"])
def test_convolution(function: Any, inputs: Any, dtype: str) -> None:
    agree(lambda torch, *xs: function(torch.nn.functional, *xs), inputs, dtype)


@cases(
    ("max_pool1d", lambda F, x: F.max_pool1d(x, 3, 2, 1), [(2, 2, 7)]),
    ("max_pool2d", lambda F, x: F.max_pool2d(x, 2), [(2, 2, 5, 4)]),
    ("max_pool2d-ties", lambda F, x: F.max_pool2d(x, 2, 1, return_indices=True), [TIES]),
    (
        "max_pool2d-all",
        lambda F, x: F.max_pool2d(x, (3, 2), (2, 1), 1, ceil_mode=True, return_indices=True),
        [(1, 2, 6, 5)],
    ),
    ("max_pool2d-dilation", lambda F, x: F.max_pool2d(x, 2, 1, 1, dilation=2), [(2, 5, 6)]),
    ("max_pool3d", lambda F, x: F.max_pool3d(x, 2, 1), [(1, 1, 3, 3, 4)]),
    ("avg_pool1d", lambda F, x: F.avg_pool1d(x, 3, 2, 1), [(2, 2, 7)]),
    ("avg_pool2d", lambda F, x: F.avg_pool2d(x, 3, 2, 1), [(2, 2, 6, 5)]),
    ("avg_pool2d-ceil", lambda F, x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True), [(1, 2, 6, 6)]),
    ("avg_pool2d-without-padding", lambda F, x: F.avg_pool2d(x, 3, 2, 1, True, False), [(1, 2, 6, 6)]),
    ("avg_pool2d-divisor", lambda F, x: F.avg_pool2d(x, 2, divisor_override=3), [(1, 2, 4, 4)]),
    ("avg_pool3d", lambda F, x: F.avg_pool3d(x, 2, 1), [(1, 1, 3, 3, 4)]),
    ("adaptive_avg_pool1d", lambda F, x: F.adaptive_avg_pool1d(x, 3), [(2, 2, 7)]),
    ("adaptive_avg_pool2d", lambda F, x: F.adaptive_avg_pool2d(x, (3, None)), [(1, 2, 7, 5)]),
    ("adaptive_max_pool2d", lambda F, x: F.adaptive_max_pool2d(x, (3, 2)), [(1, 2, 7, 5)]),
    ("unfold", lambda F, x: F.unfold(x, (2, 3), dilation=(1, 2), padding=1, stride=2), [(2, 3, 5, 7)]),
    ("fold", lambda F, x: F.fold(x, (4, 5), (2, 3), padding=(1, 0)), [(2, 12, 15)]),
    ("pad", lambda F, x: F.pad(x, (1, -1, 2, 0), value=3.0), [(2, 3, 4)]),
    ("pad-reflect", lambda F, x: F.pad(x, (2, 1, 0, 2), mode="reflect"), [(2, 2, 3, 4)]),
    ("pad-replicate", lambda F, x: F.pad(x, (2, 1, 0, 3), mode="replicate"), [(2, 2, 3, 4)]),
    ("pad-circular", lambda F, x: F.pad(x, (2, 1, -1, 2), mode="circular"), [(2, 2, 3, 4)]),
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_windows(function: Any, inputs: Any, dtype: str) -> None:
    agree(lambda torch, *xs: function(torch.nn.functional, *xs), inputs, dtype)


@pytest.mark.parametrize("size", [3, 5, 8, 1])
@pytest.mark.parametrize(
    ("mode", "options", "n"),
    [
        ("nearest", {}, 2),
        ("nearest-exact", {}, 2),
        ("area", {}, 2),
        ("linear", {}, 1),
        ("linear", {"align_corners": True}, 1),
        ("bilinear", {}, 2),
        ("bilinear", {"align_corners": True}, 2),
        ("bilinear", {"antialias": True}, 2),
        ("bicubic", {}, 2),
        ("bicubic", {"align_corners": True}, 2),
        ("bicubic", {"antialias": True}, 2),
        ("trilinear", {}, 3),
    ],
)
def test_interpolation(mode: str, options: dict[str, Any], n: int, size: int) -> None:
    agree(lambda t, x: t.nn.functional.interpolate(x, size=(size,) * n, mode=mode, **options), [(1, 2, *(5, 4, 3)[:n])])


@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic"])
def test_interpolation_by_a_factor(mode: str) -> None:
    agree(lambda t, x: t.nn.functional.interpolate(x, scale_factor=1.7, mode=mode), [(1, 2, 5, 4)])
    agree(
        lambda t, x: t.nn.functional.interpolate(x, scale_factor=1.7, mode=mode, recompute_scale_factor=True),
        [(1, 2, 5, 4)],
    )


@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
@cases(
    ("fft", lambda f, norm, x: f.fft(x, norm=norm), [(3, 5)]),
    ("fft-n", lambda f, norm, x: f.fft(x, 7, 0, norm), [(3, 5)]),
    ("ifft", lambda f, norm, x: f.ifft(x, 4, norm=norm), [(3, 5)]),
    ("fft2", lambda f, norm, x: f.fft2(x, norm=norm), [(2, 3, 4)]),
    ("fftn", lambda f, norm, x: f.fftn(x, (2, 5), norm=norm), [(2, 3, 4)]),
    ("ifftn", lambda f, norm, x: f.ifftn(x, norm=norm), [(2, 3, 4)]),
    ("rfft", lambda f, norm, x: f.rfft(x.real if x.dtype.is_complex else x, norm=norm), [(3, 5)]),
    ("rfft2", lambda f, norm, x: f.rfft2(x.real if x.dtype.is_complex else x, norm=norm), [(3, 4)]),
    ("irfft", lambda f, norm, x: f.irfft(x, norm=norm), [(3, 4)]),
    ("irfft-odd", lambda f, norm, x: f.irfft(x, 7, norm=norm), [(3, 4)]),
    ("irfftn", lambda f, norm, x: f.irfftn(x, norm=norm), [(3, 4)]),
    ("hfft", lambda f, norm, x: f.hfft(x, norm=norm), [(3, 4)]),
    ("ihfft", lambda f, norm, x: f.ihfft(x.real if x.dtype.is_complex else x, norm=norm), [(3, 4)]),
)
@pytest.mark.parametrize("dtype", ["float64", "complex128", "float32"])
def test_fourier(function: Any, inputs: Any, norm: str | None, dtype: str) -> None:
    agree(lambda torch, x: function(torch.fft, norm, x), inputs, dtype)
