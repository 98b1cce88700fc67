"""Neural networks: PyTorch's `torch.nn`."""

from refgrad.nn import functional, init, modules, parameter, utils
from refgrad.nn.modules import *  # noqa: F403 - the modules, by their public names
from refgrad.nn.parameter import Buffer, Parameter

__all__ = ["Buffer", "Parameter", "functional", "init", "modules", "parameter", "utils"]
__all__ += modules.__all__
