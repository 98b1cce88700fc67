"""Convolutions, and their transposes, in one, two and three dimensions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

from refgrad.api.convolution import each
from refgrad.nn import functional as F
from refgrad.nn import init
from refgrad.nn.modules.linear import place
from refgrad.nn.modules.module import Module
from refgrad.tensor import Tensor


class _Convolution(Module):
    """What all have: sizes for each spatial dimension, a weight, and perhaps a bias."""

    n: ClassVar[int]
    function: ClassVar[Callable[..., Tensor]]
    transposed = False

    def _build(self, channels: tuple[int, int], bias: bool, device: Any, dtype: Any, **sizes: Any) -> None:
        self.in_channels, self.out_channels = channels
        for name, value in sizes.items():
            setattr(self, name, value if isinstance(value, str) else each(value, self.n))
        if self.groups <= 0:
            raise ValueError("groups must be a positive integer")
        for name, count in (("in_channels", self.in_channels), ("out_channels", self.out_channels)):
            if count % self.groups:
                raise ValueError(f"{name} must be divisible by groups")
        first, second = channels if self.transposed else channels[::-1]
        self.weight = place(first, second // self.groups, *self.kernel_size, device=device, dtype=dtype)
        self.register_parameter("bias", place(self.out_channels, device=device, dtype=dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws weight and bias evenly within the root of one over the inputs of each output."""
        bound = 1 / math.sqrt(init.fans(self.weight)[0])
        for p in self.parameters(recurse=False):
            init.uniform_(p, -bound, bound)

    def extra_repr(self) -> str:
        """The sizes, where they are not the usual ones."""
        nothing, single = (0,) * self.n, (1,) * self.n
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        parts += [f"padding={self.padding}"] * (self.padding != nothing)
        parts += [f"dilation={self.dilation}"] * (self.dilation != single)
        parts += [f"output_padding={self.output_padding}"] * (self.output_padding != nothing)
        parts += [f"groups={self.groups}"] * (self.groups != 1) + ["bias=False"] * (self.bias is None)
        parts += [f"padding_mode={self.padding_mode}"] * (self.padding_mode != "zeros")
        return ", ".join(parts)


class _Forward(_Convolution):
    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
        dilation: Any = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros", device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if isinstance(padding, str) and padding not in {"same", "valid"}:
            raise ValueError(f"Invalid padding string {padding!r}, should be one of valid, same")
        if padding_mode not in {"zeros", "reflect", "replicate", "circular"}:
            raise ValueError(
                "padding_mode must be one of zeros, reflect, replicate, circular, but got "
                f"padding_mode='{padding_mode}'"
            )
        self.groups, self.padding_mode = groups, padding_mode
        sizes = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
        self._build((in_channels, out_channels), bias, device, dtype, **sizes, output_padding=0)

    def forward(self, input: Tensor) -> Tensor:
        """The convolution."""
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self._widths(), mode=self.padding_mode), 0
        return type(self).function(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _widths(self) -> tuple[int, ...]:
        """What is added before and after each spatial dimension, the last dimension first."""
        if self.padding == "valid":
            return (0, 0) * self.n
        if self.padding == "same":
            spans = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
            return tuple(w for s in reversed(spans) for w in (s // 2, s - s // 2))
        return tuple(p for p in reversed(self.padding) for _ in range(2))


class _Transposed(_Convolution):
    transposed = True

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
        output_padding: Any = 0, groups: int = 1, bias: bool = True, dilation: Any = 1, padding_mode: str = "zeros",
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        self.groups, self.padding_mode = groups, padding_mode
        sizes = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
        self._build((in_channels, out_channels), bias, device, dtype, **sizes, output_padding=output_padding)

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        """The transposed convolution; of the sizes that lead back to the input, the one asked for."""
        extra = self.output_padding if output_size is None else self._extra(input, tuple(output_size)[-self.n :])
        options = (self.stride, self.padding, extra, self.groups, self.dilation)
        return type(self).function(input, self.weight, self.bias, *options)

    def _extra(self, input: Tensor, wanted: tuple[int, ...]) -> tuple[int, ...]:
        least = [
            (size - 1) * s - 2 * p + d * (k - 1) + 1
            for size, s, p, d, k in zip(
                input.shape[-self.n :], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
            )
        ]
        if any(not low <= w < low + s for low, w, s in zip(least, wanted, self.stride, strict=True)):
            raise ValueError(
                f"requested an output size of {wanted}, but valid sizes range from {least} by less than {self.stride}"
            )
        return tuple(w - low for low, w in zip(least, wanted, strict=True))


class Conv1d(_Forward):
    """The convolution of lines: (N, in, L) -> (N, out, L')."""

    n, function = 1, F.conv1d


class Conv2d(_Forward):
    """The convolution of planes: (N, in, H, W) -> (N, out, H', W').

    >>> from refgrad import ones
    >>> Conv2d(3, 8, kernel_size=3, stride=2, padding=1)(ones(1, 3, 8, 8)).shape
    torch.Size([1, 8, 4, 4])
    """

    n, function = 2, F.conv2d


class Conv3d(_Forward):
    """The convolution of volumes."""

    n, function = 3, F.conv3d


class ConvTranspose1d(_Transposed):
    """The transpose of a convolution of lines."""

    n, function = 1, F.conv_transpose1d


class ConvTranspose2d(_Transposed):
    """The transpose of a convolution of planes."""

    n, function = 2, F.conv_transpose2d


class ConvTranspose3d(_Transposed):
    """The transpose of a convolution of volumes."""

    n, function = 3, F.conv_transpose3d
