"""Normalisation over the batch or over each instance, with running moments."""

from __future__ import annotations

from typing import Any, ClassVar

from refgrad import creation, dtypes
from refgrad.nn import functional as F
from refgrad.nn import init
from refgrad.nn.modules.linear import place
from refgrad.nn.modules.module import Module
from refgrad.tensor import Tensor


class _NormBase(Module):
    """What both have: one weight and bias, and perhaps one running mean and variance, for each channel."""

    dims: ClassVar[tuple[int, ...]]

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        options = {"device": device, "dtype": dtype}
        self.register_parameter("weight", place(num_features, **options) if affine else None)
        self.register_parameter("bias", place(num_features, **options) if affine and bias else None)
        tracked = track_running_stats
        self.register_buffer("running_mean", creation.zeros(num_features, **options) if tracked else None)
        self.register_buffer("running_var", creation.ones(num_features, **options) if tracked else None)
        self.register_buffer("num_batches_tracked", creation.tensor(0, dtype=dtypes.int64) if tracked else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forgets the moments seen so far."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Weights 1, biases 0, no moments seen."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def _check_input_dim(self, input: Tensor) -> None:
        if input.ndim not in self.dims:
            raise ValueError(f"expected {' or '.join(f'{d}D' for d in self.dims)} input (got {input.ndim}D input)")

    def _momentum(self) -> float:
        """By how much this batch moves the running moments; without a momentum they become the mean of all batches."""
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                return 1 / float(self.num_batches_tracked)
        return 0.0 if self.momentum is None else self.momentum

    def extra_repr(self) -> str:
        """The options."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_NormBase):
    def forward(self, input: Tensor) -> Tensor:
        """Channels standardised by the batch in training, by the running moments otherwise."""
        self._check_input_dim(input)
        momentum = self._momentum()
        by_batch = self.training or (self.running_mean is None and self.running_var is None)
        kept = not self.training or self.track_running_stats
        moments = (self.running_mean, self.running_var) if kept else (None, None)
        return F.batch_norm(input, *moments, self.weight, self.bias, by_batch, momentum, self.eps)


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of (N, C) or (N, C, L)."""

    dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of (N, C, H, W).

    >>> from refgrad import randn
    >>> BatchNorm2d(3)(randn(8, 3, 4, 4)).mean().abs() < 1e-6
    tensor(True)
    """

    dims = (4,)


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of (N, C, D, H, W)."""

    dims = (5,)


class _InstanceNorm(_NormBase):
    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        """Channels of each instance standardised; one instance may come without its batch dimension."""
        self._check_input_dim(input)
        x = input.unsqueeze(0) if input.ndim == self.dims[0] else input
        by_instance = self.training or not self.track_running_stats
        moments = (self.running_mean, self.running_var)
        y = F.instance_norm(x, *moments, self.weight, self.bias, by_instance, self.momentum or 0.0, self.eps)
        return y.squeeze(0) if x is not input else y


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation of (N, C, L)."""

    dims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Instance normalisation of (N, C, H, W)."""

    dims = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of (N, C, D, H, W)."""

    dims = (4, 5)
