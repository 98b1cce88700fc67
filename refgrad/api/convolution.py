"""Convolutions in one, two and three dimensions, with the signatures of `torch.nn.functional`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refgrad.api.naming import recorded_as
from refgrad.ops import convolution as ops
from refgrad.tensor import Tensor


def each(value: Any, n: int) -> tuple[int, ...]:
    """One number for each of `n` dimensions, given one by one or once for all."""
    found = (value,) * n if isinstance(value, int) else tuple(int(v) for v in value)
    if len(found) not in (1, n):
        raise RuntimeError(f"expected 1 or {n} values for {n} spatial dimensions, got {len(found)}")
    return found * n if len(found) == 1 != n else found


def _convolution(n: int) -> Callable[..., Tensor]:
    def convolve(
        input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
        groups: int = 1,
    ) -> Tensor:  # fmt: skip
        stride, dilation = each(stride, n), each(dilation, n)
        x = input if input.ndim == n + 2 else input.unsqueeze(0)
        _check(input, weight, n, groups)
        sizes, kernel = x.shape[2:], weight.shape[2:]
        spans = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        if padding == "same":
            if any(s != 1 for s in stride):
                raise RuntimeError("padding='same' is not supported for strided convolutions")
            before, out = tuple(s // 2 for s in spans), tuple(sizes)
        else:
            before = (0,) * n if padding == "valid" else each(padding, n)
            out = tuple(
                (size + 2 * p - span - 1) // s + 1
                for size, p, span, s in zip(sizes, before, spans, stride, strict=True)
            )
            if any(size + 2 * p <= span for size, p, span in zip(sizes, before, spans, strict=True)):
                raise RuntimeError(
                    "Calculated padded input size per channel: "
                    f"{tuple(a + 2 * p for a, p in zip(sizes, before, strict=True))}. "
                    f"Kernel size: {tuple(s + 1 for s in spans)}. Kernel size can't be greater than actual input size"
                )
        y = ops.convolution(x, weight, out=out, stride=stride, padding=before, dilation=dilation, groups=groups)
        return _finished(y, bias, n, input.ndim)

    convolve.__name__ = f"conv{n}d"
    convolve.__doc__ = f"The convolution over {n} dimension{'s' * (n > 1)}: (N, C, *sizes) with (O, C/groups, *kernel)."
    return recorded_as(_title(n))(convolve)


def _transposed(n: int) -> Callable[..., Tensor]:
    def convolve(
        input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1, dilation: Any = 1,
    ) -> Tensor:  # fmt: skip
        stride, padding, dilation, extra = (each(v, n) for v in (stride, padding, dilation, output_padding))
        x = input if input.ndim == n + 2 else input.unsqueeze(0)
        _check_transposed(x, weight, bias, n, groups)
        _check_steps(stride, padding, dilation)
        if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
            raise RuntimeError("output padding must be smaller than either stride or dilation")
        size = tuple(
            (m - 1) * s - 2 * p + d * (k - 1) + e + 1
            for m, s, p, d, k, e in zip(x.shape[2:], stride, padding, dilation, weight.shape[2:], extra, strict=True)
        )
        if min(size) < 1:
            raise RuntimeError(
                f"Given input size per channel: {tuple(x.shape[2:])}. Calculated output size per channel: {size}. Output size "
                "is too small"
            )
        y = ops.convolution_input(
            x, weight, size=size, stride=stride, padding=padding, dilation=dilation, groups=groups
        )
        return _finished(y, bias, n, input.ndim)

    convolve.__name__ = f"conv_transpose{n}d"
    convolve.__doc__ = (
        f"The transposed convolution over {n} dimension{'s' * (n > 1)}: (N, O, *sizes) with (O, C/groups, *kernel)."
    )
    return recorded_as(_title(n))(convolve)


def _check_transposed(x: Tensor, weight: Tensor, bias: Tensor | None, n: int, groups: int) -> None:
    if x.ndim != n + 2:
        raise RuntimeError(
            f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to conv_transpose{n}d, but got input of size: "
            f"{list(x.shape)}"
        )
    given = f"Given transposed=1, weight of size {list(weight.shape)}, expected"
    if x.shape[1] != weight.shape[0]:
        raise RuntimeError(
            f"{given} input{list(x.shape)} to have {weight.shape[0]} channels, but got {x.shape[1]} channels instead"
        )
    if weight.shape[0] % groups:
        raise RuntimeError(f"{given} weight to be divisible by {groups} at dimension 0: groups={groups}")
    if bias is not None and tuple(bias.shape) != (weight.shape[1] * groups,):
        raise RuntimeError(
            f"{given} bias to be 1-dimensional with {weight.shape[1] * groups} elements, but got bias of size "
            f"{list(bias.shape)} instead"
        )


def _check_steps(stride: tuple[int, ...], padding: tuple[int, ...], dilation: tuple[int, ...]) -> None:
    if min(stride) < 1 or min(dilation) < 1:
        raise RuntimeError(f"non-positive stride is not supported, nor dilation: got {stride} and {dilation}")
    if min(padding) < 0:
        raise RuntimeError(f"negative padding is not supported: got {padding}")


def _title(n: int) -> Callable[..., str | None]:
    return lambda y, input, *_, **__: "ConvolutionBackward0" if input.ndim == n + 2 else None


def _check(input: Tensor, weight: Tensor, n: int, groups: int) -> None:
    if input.ndim not in (n + 1, n + 2):
        raise RuntimeError(
            f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to conv{n}d, but got input of size: "
            f"{list(input.shape)}"
        )
    channels = input.shape[-n - 1]
    if channels != weight.shape[1] * groups:
        raise RuntimeError(
            f"Given groups={groups}, weight of size {list(weight.shape)}, expected input{list(input.shape)} to have "
            f"{weight.shape[1] * groups} channels, but got {channels} channels instead"
        )


def _finished(y: Tensor, bias: Tensor | None, n: int, ndim: int) -> Tensor:
    y = y if bias is None else y + bias.reshape(-1, *(1,) * n)
    return y if ndim == n + 2 else y.squeeze(0)


conv1d, conv2d, conv3d = _convolution(1), _convolution(2), _convolution(3)
conv_transpose1d, conv_transpose2d, conv_transpose3d = _transposed(1), _transposed(2), _transposed(3)
