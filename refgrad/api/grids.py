"""Sampling at the points of a grid, with the signatures of `torch.nn.functional.grid_sample` and `torch.grid_sampler`.

Where the result has a kink in the grid, its gradient is that of the piece to the right, as in PyTorch; at and beyond the
border of an input that is continued, it is zero.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable
from typing import Any

from refgrad import dtypes
from refgrad.api.naming import recorded_as
from refgrad.backends.resampling import CUBIC
from refgrad.ops.arithmetic import abs, floor, fmod, round
from refgrad.ops.indexing import gather
from refgrad.ops.interpolation import one
from refgrad.rules import where
from refgrad.tensor import Tensor

MODES, PADDINGS = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")
Taps = list[tuple[Tensor, Tensor]]
"""Places along one dimension, as whole numbers in floating point, with their weights."""


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
    if 0 in input.shape[2:]:
        raise RuntimeError(
            f"grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes {list(input.shape)}"
        )
    if MODES[mode] == "bicubic" and input.ndim != 4:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")


def _sampled(x: Tensor, grid: Tensor, mode: str, padding: str, align_corners: bool) -> Tensor:
    """(N, C, *sizes) and (N, *out, n) -> (N, C, *out)."""
    sizes, out = tuple(x.shape[2:]), tuple(grid.shape[1:-1])
    points = grid.reshape(grid.shape[0], math.prod(out), len(sizes)).unbind(2)  # (N, P) each, the last dimension first
    along = [_taps(at, size, mode, padding, align_corners) for at, size in zip(reversed(points), sizes, strict=True)]
    flat = x.reshape(*x.shape[:2], math.prod(sizes))
    total: Any = None
    for corner in itertools.product(*along):
        at, weight = _joined(corner, sizes)
        places = at.unsqueeze(1).expand(*x.shape[:2], at.shape[1])
        term = gather(flat, places, dim=2) * weight.unsqueeze(1)
        total = term if total is None else total + term
    return total.reshape(*x.shape[:2], *out)


def _joined(corner: tuple[tuple[Tensor, Tensor], ...], sizes: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """A place in every dimension as one in the flattened input, and the product of weights: zero outside of the input."""
    flat, weight, seen = None, None, None
    for (at, w), size in zip(corner, sizes, strict=True):
        inside = (at >= 0) & (at < size)
        place = where(inside, at, 0.0).detach().to(dtypes.int64)
        flat = place if flat is None else flat * size + place
        weight = w if weight is None else weight * w
        seen = inside if seen is None else seen & inside
    return flat, where(seen, weight, 0.0)


def _taps(at: Tensor, size: int, mode: str, padding: str, align_corners: bool) -> Taps:
    """The places around each point of one dimension, of -1 to 1, with the weights of the mode."""
    at = (at + 1) / 2 * (size - 1) if align_corners else ((at + 1) * size - 1) / 2
    if mode == "bicubic":
        low = floor(at)
        return [(_padded(low + k, size, padding, align_corners), _cubic(abs(low + k - at))) for k in (-1, 0, 1, 2)]
    at = _padded(at, size, padding, align_corners)
    if mode == "nearest":
        return [(round(at), one(at))]
    low = floor(at)
    return [(low, low + 1 - at), (low + 1, at - low)]


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
