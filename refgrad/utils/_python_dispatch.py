"""PyTorch's `torch.utils._python_dispatch`: the modes that see every operator."""

from refgrad.dispatch import TorchDispatchMode

__all__ = ["TorchDispatchMode"]
