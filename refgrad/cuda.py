"""PyTorch's `torch.cuda`, as far as programs ask whether there is a device: here there is none."""

from __future__ import annotations


def is_available() -> bool:
    """Whether tensors can lie on a CUDA device."""
    return False


def device_count() -> int:
    """The number of CUDA devices."""
    return 0
