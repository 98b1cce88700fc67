"""Optimizers: PyTorch's `torch.optim`."""

from refgrad.optim.adam import Adam, AdamW
from refgrad.optim.optimizer import Optimizer
from refgrad.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]
