"""Convolutions and pooling as JAX documents them, in PyTorch's spelling."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from conformance.errors import Unsupported


def windows(jax: Any) -> dict[str, Callable[..., Any]]:
    """What `lax.conv_general_dilated` and `lax.reduce_window` give."""
    np, lax = jax.numpy, jax.lax

    def conv(a: Any, w: Any, b: Any = None, *, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
        rank = len(stride)
        if a.ndim == rank + 1:
            batch = conv(a[None], w, b, stride=stride, padding=padding, dilation=dilation, groups=groups)
            return batch[0]
        edges = padding.upper() if isinstance(padding, str) else [(p, p) for p in padding]
        y = lax.conv_general_dilated(a, w, stride, edges, rhs_dilation=dilation, feature_group_count=groups)
        return y if b is None else y + np.reshape(b, (-1, *[1] * rank))

    def max_pool(
        rank: int,
        a: Any,
        *,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        ceil_mode: bool,
        return_indices: bool = False,
    ) -> Any:
        if ceil_mode or return_indices:
            raise Unsupported("ceil_mode=True" if ceil_mode else "return_indices=True")
        kernel_size, padding, dilation = (_each(v, rank) for v in (kernel_size, padding, dilation))
        stride = _each(stride or kernel_size, rank)
        edges = [(0, 0)] * (a.ndim - len(kernel_size)) + [(p, p) for p in padding]
        return lax.reduce_window(a, -np.inf, lax.max, *_sizes(a, kernel_size, stride), edges, window_dilation=_full(
            a, dilation))  # fmt: skip

    def avg_pool(
        rank: int,
        a: Any,
        *,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        ceil_mode: bool,
        count_include_pad: bool,
        **more: Any,
    ) -> Any:
        if ceil_mode or any(v is not None for v in more.values()):
            raise Unsupported("ceil_mode=True")
        kernel_size, padding = _each(kernel_size, rank), _each(padding, rank)
        stride = _each(stride or kernel_size, rank)
        edges = [(0, 0)] * (a.ndim - len(kernel_size)) + [(p, p) for p in padding]

        def total(x: Any) -> Any:
            return lax.reduce_window(x, 0.0, lax.add, *_sizes(a, kernel_size, stride), edges)

        count = total(np.ones_like(a)) if not count_include_pad else _product(kernel_size)
        return total(a) / count

    found: dict[str, Callable[..., Any]] = {f"nn.functional.conv{n}d": conv for n in (1, 2, 3)}
    found |= {f"nn.functional.max_pool{n}d": partial(max_pool, n) for n in (1, 2, 3)}
    return found | {f"nn.functional.avg_pool{n}d": partial(avg_pool, n) for n in (1, 2, 3)}


def _each(sizes: Any, rank: int) -> tuple[int, ...]:
    return sizes if isinstance(sizes, tuple) else (sizes,) * rank


def _full(a: Any, sizes: Any) -> tuple[int, ...]:
    return (*[1] * (a.ndim - len(sizes)), *sizes)


def _sizes(a: Any, kernel: Any, stride: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return _full(a, kernel), _full(a, stride)


def _product(sizes: Any) -> int:
    product = 1
    for n in sizes:
        product *= n
    return product
