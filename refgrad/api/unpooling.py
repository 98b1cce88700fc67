"""What undoes max pooling: elements put back where they were found, with the signatures of `torch.nn.functional`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from refgrad import dtypes
from refgrad.api.convolution import each
from refgrad.api.naming import recorded_as
from refgrad.ops.indexing import scatter
from refgrad.rules import zeros
from refgrad.tensor import Tensor

Ints = tuple[int, ...]


def _unpool(n: int) -> Callable[..., Tensor]:
    def unpool(
        input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
    ) -> Tensor:
        kernel, padding = each(kernel_size, n), each(padding, n)
        stride = kernel if stride is None else each(stride, n)
        if input.ndim not in (n + 1, n + 2):
            raise RuntimeError(
                f"Input to max_unpooling{n}d should be a {n + 1}d or {n + 2}d Tensor, but got a tensor with "
                f"{input.ndim} dimensions."
            )
        sizes = tuple(input.shape[-n:])
        out = _size(sizes, kernel, stride, padding, None if output_size is None else tuple(output_size))
        _check(input, indices, out)
        lead = tuple(input.shape[:-n])
        flat, at = (t.reshape(*lead, math.prod(sizes)) for t in (input, indices))
        empty = zeros(flat, shape=(*lead, math.prod(out)))
        return scatter(empty, at, flat, dim=len(lead)).reshape(*lead, *out)

    unpool.__name__ = f"max_unpool{n}d"
    unpool.__doc__ = (
        f"Zeros over the last {n} dimensions, with the elements of `input` at `indices`, as max_pool{n}d gives them.\n\n"
        "    Where two of them have one place, any of the two is there, and both take its gradient, as in PyTorch.\n    "
    )
    return recorded_as("SqueezeBackward1" if n == 1 else f"MaxUnpool{n}DBackward0")(unpool)


def _size(sizes: Ints, kernel: Ints, stride: Ints, padding: Ints, wanted: Ints | None) -> Ints:
    """The size that was pooled: of several that would do, the least, or the wanted one."""
    least = tuple((m - 1) * s + k - 2 * p for m, k, s, p in zip(sizes, kernel, stride, padding, strict=True))
    n = len(kernel)
    if wanted is not None:
        wanted = wanted[2:] if len(wanted) == n + 2 else wanted
        if len(wanted) != n:
            raise ValueError(
                f"output_size should be a sequence containing {n} or {n + 2} elements, but it has a length of "
                f"'{len(wanted)}'"
            )
        for i, (m, low, s) in enumerate(zip(wanted, least, stride, strict=True)):
            if not low - s < m < low + s:
                raise ValueError(f'invalid output_size "{wanted}" (dim {i} must be between {low - s} and {low + s})')
    found = least if wanted is None else wanted
    for i, m in enumerate(found):
        if m < 0:
            raise ValueError(
                f"max_unpooling: output_size must contain non-negative spatial dimensions, but got output_size[{i}]={m}"
            )
    return found


def _check(input: Tensor, indices: Tensor, out: Ints) -> None:
    if indices.dtype != dtypes.int64:
        raise RuntimeError(f"elements in indices should be type int64 but got: {indices.dtype}")
    if indices.shape != input.shape:
        raise RuntimeError(
            f"Expected shape of indices to be same as that of the input tensor ({list(input.shape)}) but got indices "
            f"tensor with shape: {list(indices.shape)}"
        )
    outside = (indices < 0) | (indices >= math.prod(out))
    if outside.any():
        raise RuntimeError(
            f"Found an invalid max index: {int(indices[outside][0].item())} (output volumes are of size "
            f"{'x'.join(map(str, out))})"
        )


max_unpool1d, max_unpool2d, max_unpool3d = _unpool(1), _unpool(2), _unpool(3)
