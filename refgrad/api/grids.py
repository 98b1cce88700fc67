"""Sampling at the points of a grid, with the signatures of `torch.nn.functional.grid_sample` and `torch.grid_sampler`.

Where the result has a kink in the grid, its gradient is that of the piece to the right, as in PyTorch; at and beyond the
border of an input that is continued, it is zero.
"""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Callable

from refgrad import dtypes
from refgrad.api.naming import recorded_as
from refgrad.backends.resampling import CUBIC
from refgrad.creation import arange
from refgrad.ops.arithmetic import abs, floor, fmod, round
from refgrad.ops.indexing import gather
from refgrad.ops.interpolation import one
from refgrad.ops.shape import stack
from refgrad.rules import where
from refgrad.tensor import Tensor

MODES, PADDINGS = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")
Taps = tuple[Tensor, Tensor]
"""Places, (taps, N, P) whole numbers for each of P points, and their weights."""


def grid_sample(
    input: Tensor, grid: Tensor, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool | None = None
) -> Tensor:
    """`input`, (N, C, H, W), at the points of `grid`, (N, *out, 2): x and y from -1 to 1 -> (N, C, *out).

    Volumes, (N, C, D, H, W), take points of three numbers. -1 and 1 are the centres of the outermost places with
    `align_corners`, else their outer edges. *errors*: ValueError for an unknown mode, RuntimeError for shapes that do not fit.

    >>> from refgrad import tensor
    >>> row = tensor([[[[1.0, 2.0, 4.0]]]])
    >>> grid_sample(row, tensor([[[[-1.0, 0.0], [0.5, 0.0]]]]), align_corners=True)
    tensor([[[[1., 3.]]]])
    """
    for name, value, known in (("mode", mode, MODES), ("padding_mode", padding_mode, PADDINGS)):
        if value not in known:
            some = ", ".join(f"'{k}'" for k in known[:-1])
            raise ValueError(
                f"nn.functional.grid_sample(): expected {name} to be {some} or '{known[-1]}', but got: '{value}'"
            )
    if align_corners is None:
        warnings.warn(
            "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify "
            "align_corners=True if the old behavior is desired. See the documentation of grid_sample for details.",
            UserWarning,
            stacklevel=2,
        )
    return grid_sampler(input, grid, MODES.index(mode), PADDINGS.index(padding_mode), bool(align_corners))


def _sampler(n: int) -> Callable[..., Tensor]:
    def sample(input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool) -> Tensor:
        _check(input, grid, interpolation_mode)
        if input.ndim != n + 2:
            raise RuntimeError(f"grid_sampler_{n}d expects input of {n + 2} dimensions, but got {input.ndim}")
        return _sampled(input, grid, MODES[interpolation_mode], PADDINGS[padding_mode], align_corners)

    sample.__name__ = f"grid_sampler_{n}d"
    sample.__doc__ = f"`grid_sample` over {n} dimensions, its modes given by number."
    return recorded_as(f"GridSampler{n}DBackward0")(sample)


grid_sampler_2d, grid_sampler_3d = _sampler(2), _sampler(3)


def grid_sampler(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    """`grid_sample`, its modes given by number."""
    _check(input, grid, interpolation_mode)
    sample = grid_sampler_2d if input.ndim == 4 else grid_sampler_3d
    return sample(input, grid, interpolation_mode, padding_mode, align_corners)


def _check(input: Tensor, grid: Tensor, mode: int) -> None:
    if input.ndim not in (4, 5) or input.ndim != grid.ndim:
        raise RuntimeError(
            "grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but got input with sizes "
            f"{list(input.shape)} and grid with sizes {list(grid.shape)}"
        )
    if input.shape[0] != grid.shape[0]:
        raise RuntimeError(
            "grid_sampler(): expected grid and input to have same batch size, but got input with sizes "
            f"{list(input.shape)} and grid with sizes {list(grid.shape)}"
        )
    if grid.shape[-1] != input.ndim - 2:
        raise RuntimeError(
            f"grid_sampler(): expected grid to have size {input.ndim - 2} in last dimension, but got grid with sizes "
            f"{list(grid.shape)}"
        )
    if input.dtype != grid.dtype:
        raise RuntimeError(f"grid_sampler(): expected scalar type {input.dtype} of the input but found {grid.dtype}")
    if 0 in input.shape[2:]:
        raise RuntimeError(
            f"grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes {list(input.shape)}"
        )
    if MODES[mode] == "bicubic" and input.ndim != 4:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")


def _sampled(x: Tensor, grid: Tensor, mode: str, padding: str, align_corners: bool) -> Tensor:
    """(N, C, *sizes) and (N, *out, n) -> (N, C, *out)."""
    (batch, channels), sizes, out = x.shape[:2], tuple(x.shape[2:]), tuple(grid.shape[1:-1])
    count = math.prod(out)
    points = grid.reshape(batch, count, len(sizes)).unbind(2)  # (N, P) each, the last dimension first
    along = [_taps(at, m, mode, padding, align_corners) for at, m in zip(reversed(points), sizes, strict=True)]
    at, weight = _joined(along, sizes)  # (taps, N, P)
    taps = at.shape[0]
    at = at.transpose(0, 1).reshape(batch, 1, taps * count).expand(batch, channels, taps * count)
    found = gather(x.reshape(batch, channels, math.prod(sizes)), at, dim=2).reshape(batch, channels, taps, count)
    return (found * weight.transpose(0, 1).unsqueeze(1)).sum(2).reshape(batch, channels, *out)


def _joined(along: list[Taps], sizes: tuple[int, ...]) -> Taps:
    """Places in each dimension as places in the flattened input, with products of weights: zero outside of the input."""
    flat, weight, seen = None, None, None
    for (at, w), size in zip(along, sizes, strict=True):
        inside = (at >= 0) & (at < size)
        place = where(inside, at, 0.0).detach().to(dtypes.int64)
        flat = place if flat is None else _each_with_each(flat * size, place, operator.add)
        weight = w if weight is None else _each_with_each(weight, w, operator.mul)
        seen = inside if seen is None else _each_with_each(seen, inside, operator.and_)
    return flat, where(seen, weight, 0.0)


def _each_with_each(a: Tensor, b: Tensor, join: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """(j, N, P) and (k, N, P) -> (j · k, N, P)."""
    return join(a.unsqueeze(1), b.unsqueeze(0)).flatten(0, 1)


def _taps(at: Tensor, size: int, mode: str, padding: str, align_corners: bool) -> Taps:
    """The places around each point of one dimension, of -1 to 1, with the weights of the mode: (N, P) -> (taps, N, P)."""
    at = (at + 1) / 2 * (size - 1) if align_corners else ((at + 1) * size - 1) / 2
    if mode == "bicubic":
        places = floor(at) + arange(-1, 3, dtype=at.dtype, device=at.device).reshape(4, 1, 1)
        return _padded(places, size, padding, align_corners), _cubic(abs(places - at))
    at = _padded(at, size, padding, align_corners)
    if mode == "nearest":
        return round(at).unsqueeze(0), one(at).unsqueeze(0)
    low = floor(at)
    return stack(low, low + 1, dim=0), stack(low + 1 - at, at - low, dim=0)


def _padded(at: Tensor, size: int, padding: str, align_corners: bool) -> Tensor:
    """The point of the input that stands for one outside of it."""
    if padding == "reflection":
        at = _reflected(at, *((0.0, size - 1.0) if align_corners else (-0.5, size - 0.5)))
    if padding == "zeros":
        return at
    return where(at <= 0, 0.0, where(at >= size - 1, size - 1.0, at))  # no gradient at the border itself


def _reflected(at: Tensor, low: float, high: float) -> Tensor:
    """The point that one comes to which is turned back at both ends, as often as needed."""
    span = high - low
    if not span:
        return where(one(at) == 1, 0.0, at)
    way = abs(at - low)
    part, turns = fmod(way, span), floor(way / span).detach()
    return where(fmod(turns, 2.0) == 0, part + low, span - part + low)


def _cubic(t: Tensor) -> Tensor:
    """Keys' kernel of cubic convolution at a distance below 2."""
    near = ((CUBIC + 2) * t - (CUBIC + 3)) * t * t + 1
    far = ((CUBIC * t - 5 * CUBIC) * t + 8 * CUBIC) * t - 4 * CUBIC
    return where(t <= 1, near, far)
