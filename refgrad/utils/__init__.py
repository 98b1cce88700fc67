"""PyTorch's `torch.utils`."""

from refgrad.utils import checkpoint, graph

__all__ = ["checkpoint", "graph"]
