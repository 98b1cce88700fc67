"""Layers that rearrange their input."""

from __future__ import annotations

import math
from typing import Any

from refgrad.nn import functional as F
from refgrad.nn.modules.function_module import REQUIRED, FunctionModule
from refgrad.nn.modules.module import Module
from refgrad.tensor import Tensor


class Flatten(FunctionModule):
    """The dimensions from one to another as one dimension.

    >>> from refgrad import ones
    >>> Flatten()(ones(2, 3, 4)).shape
    torch.Size([2, 12])
    """

    options, shown = {"start_dim": 1, "end_dim": -1}, ("start_dim", "end_dim")

    def forward(self, input: Tensor) -> Tensor:
        """The flattened input."""
        return input.flatten(self.start_dim, self.end_dim)


class Unflatten(FunctionModule):
    """One dimension as several."""

    options, shown = {"dim": REQUIRED, "unflattened_size": REQUIRED}, ("dim", "unflattened_size")

    def forward(self, input: Tensor) -> Tensor:
        """The unflattened input."""
        return input.unflatten(self.dim, self.unflattened_size)


class Upsample(Module):
    """The input interpolated to a size or by a factor."""

    def __init__(
        self, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
    ) -> None:
        super().__init__()
        self.size, self.mode, self.align_corners = size, mode, align_corners
        several = isinstance(scale_factor, tuple)
        self.scale_factor = (
            tuple(map(float, scale_factor)) if several else float(scale_factor) if scale_factor else None
        )

    def forward(self, input: Tensor) -> Tensor:
        """The interpolated input."""
        return F.interpolate(input, self.size, self.scale_factor, self.mode, self.align_corners)

    def extra_repr(self) -> str:
        """The factor or size, and the mode."""
        how = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{how}, mode={self.mode!r}"


class PixelShuffle(FunctionModule):
    """Channels moved into space: (N, C r², H, W) -> (N, C, H r, W r)."""

    options, shown = {"upscale_factor": REQUIRED}, ("upscale_factor",)

    def forward(self, input: Tensor) -> Tensor:
        """The rearranged input."""
        r = self.upscale_factor
        *lead, channels, height, width = input.shape
        split = input.reshape(math.prod(lead), channels // r**2, r, r, height, width)
        return split.permute(0, 1, 4, 2, 5, 3).reshape(*lead, channels // r**2, height * r, width * r)


class CosineSimilarity(FunctionModule):
    """The cosines of the angles between vectors."""

    function, options = F.cosine_similarity, {"dim": 1, "eps": 1e-8}


class PairwiseDistance(FunctionModule):
    """The norms of differences of vectors."""

    function, options = F.pairwise_distance, {"p": 2.0, "eps": 1e-6, "keepdim": False}
