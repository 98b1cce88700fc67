"""The arguments of what slides windows over the last dimensions: as tuples, checked, with how many windows fit."""

from __future__ import annotations

from typing import Any

from refgrad.api.convolution import each
from refgrad.tensor import Tensor

Ints = tuple[int, ...]


def windows_that_fit(sizes: Any, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, *, ceil: bool) -> Ints:
    """How many windows fit; rounded up, the last must begin inside of the input or its padding on the left."""
    for name, values in (("kernel_size", kernel), ("stride", stride), ("dilation", dilation)):
        if min(values) < 1:
            raise RuntimeError(f"{name} must be greater than zero, but got {values}")
    found = []
    for size, k, s, p, d in zip(sizes, kernel, stride, padding, dilation, strict=True):
        room = size + 2 * p - d * (k - 1) - 1
        out = (-(-room // s) if ceil else room // s) + 1
        found.append(out - 1 if ceil and (out - 1) * s >= size + p else out)
    if min(found, default=1) < 1:
        raise RuntimeError(
            f"Given input size: {tuple(sizes)}. Calculated output size: {tuple(found)}. Output size is too small"
        )
    return tuple(found)


def kernel_and_stride(kernel_size: Any, stride: Any, n: int) -> tuple[Ints, Ints]:
    """The size of the window and its step, which is the size if none is given."""
    kernel = each(kernel_size, n)
    return kernel, kernel if stride is None or (not isinstance(stride, int) and not len(stride)) else each(stride, n)


def check_padding(kernel: Ints, padding: Ints) -> None:
    """Raises RuntimeError for padding that a window could lie in as a whole."""
    if any(p > k // 2 for k, p in zip(kernel, padding, strict=True)):
        raise RuntimeError("pad should be at most half of effective kernel size")


def check_places(name: str, input: Tensor, n: int, *, filled: bool = False) -> None:
    """Raises RuntimeError unless `input` is (C, *sizes) or (N, C, *sizes) with `n` sizes; `filled` ones are not zero."""
    if input.ndim not in (n + 1, n + 2) or (filled and 0 in input.shape[-n - 1 :]):
        raise RuntimeError(
            f"{name}: Expected {n + 1}D or {n + 2}D (batch mode) tensor{' with optional 0 dim batch size' * filled} for input, "
            f"but got: {list(input.shape)}"
        )


def output_sizes(name: str, input: Tensor, output_size: Any, n: int) -> Ints:
    """The sizes that adaptive pooling is to give: one for all or one each, None for that of the input."""
    wanted = (output_size,) * n if isinstance(output_size, int) or output_size is None else tuple(output_size)
    if len(wanted) != n:
        raise RuntimeError(f"{name}: output_size must be {n} numbers, but got {len(wanted)}")
    found = tuple(size if m is None else m for size, m in zip(input.shape[-n:], wanted, strict=True))
    if min(found) < 0:
        raise RuntimeError(f"{name}: elements of output_size must be greater than or equal to 0 but received {found}")
    return found
