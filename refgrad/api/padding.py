"""Padding, with the signature of `torch.nn.functional.pad`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refgrad.api.forms import number_for, placed
from refgrad.api.naming import recorded_as
from refgrad.backends import namespace
from refgrad.ops.indexing import index_select
from refgrad.ops.padding import constant_pad
from refgrad.tensor import Tensor

# Which element stands at a position outside of a dimension of size n.
_SOURCES: dict[str, Callable[[int, int], int]] = {
    "reflect": lambda i, n: -i if i < 0 else 2 * (n - 1) - i if i >= n else i,
    "replicate": lambda i, n: min(max(i, 0), n - 1),
    "circular": lambda i, n: i % n,
}


def constant_pad_nd(input: Tensor, pad: Any, value: float = 0) -> Tensor:
    """`input` with the value added at both ends of its last dimensions, or, where the width is negative, cut off there.

    >>> from refgrad import ones
    >>> constant_pad_nd(ones(2), (1, -1), 5.0).tolist()
    [5.0, 1.0]
    """
    widths = tuple(map(int, pad))
    if len(widths) % 2:
        raise RuntimeError(f"Length of pad must be even but instead it equals {len(widths)}")
    if len(widths) > 2 * input.ndim:
        raise RuntimeError(
            "Length of pad should be no more than twice the number of dimensions of the input. Pad length is "
            f"{len(widths)} while the input has {input.ndim} dimensions."
        )
    for i, n in enumerate(reversed(input.shape[input.ndim - len(widths) // 2 :])):
        before, after = widths[2 * i : 2 * i + 2]
        if n + min(before, 0) + min(after, 0) < 0:
            raise RuntimeError(
                f"narrow(): length must be non-negative, but {before} and {after} cut more than {n} off."
            )
    return constant_pad(input, pad=widths, value=number_for(input, value))


def _pad_title(y: Tensor, input: Tensor, pad: Any, mode: str = "constant", value: float | None = None) -> str | None:
    kind = {"reflect": "Reflection", "replicate": "Replication"}.get(mode)
    return None if kind is None else f"{kind}Pad{len(pad) // 2}DBackward0"


@recorded_as(_pad_title)
def pad(input: Tensor, pad: Any, mode: str = "constant", value: float | None = None) -> Tensor:
    """`input` with elements added at both ends of its last dimensions: ``pad`` is (left, right, top, bottom, …)."""
    widths = tuple(int(n) for n in pad)
    if len(widths) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(widths) > 2 * input.ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(widths)} and input of dimension {input.ndim}"
        )
    if mode == "constant":
        return constant_pad_nd(input, widths, 0 if value is None else value)
    if mode not in _SOURCES:
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    for i in range(len(widths) // 2):
        input = _repeated(input, input.ndim - 1 - i, widths[2 * i], widths[2 * i + 1], mode)
    return input


def _repeated(x: Tensor, dim: int, before: int, after: int, mode: str) -> Tensor:
    n = x.shape[dim]
    if mode == "reflect" and max(before, after) >= n:
        raise RuntimeError(
            "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding "
            f"({before}, {after}) at dimension {dim} of input {list(x.shape)}"
        )
    if mode == "circular" and max(before, after) > n:
        raise RuntimeError("Padding value causes wrapping around more than once.")
    if not before and not after:
        return x
    if mode == "circular" and min(before, after) < 0:  # what is cut off does not come round again
        cut = min(before, 0), min(after, 0)
        x = constant_pad(x, pad=(0, 0) * (x.ndim - 1 - dim) + cut, value=0.0)
        before, after, n = max(before, 0), max(after, 0), x.shape[dim]
    places = [_SOURCES[mode](i, n) for i in range(-before, n + after)]
    return index_select(x, placed(namespace().asarray(places, "int64"), x), dim=dim)
