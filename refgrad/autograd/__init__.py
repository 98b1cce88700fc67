"""PyTorch's `torch.autograd`."""

from refgrad.autograd import anomaly_mode, forward_ad, function, functional, grad_mode, graph
from refgrad.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly
from refgrad.autograd.function import Function
from refgrad.autograd.gradcheck import gradcheck, gradgradcheck
from refgrad.gradients import backward, grad
from refgrad.modes import enable_grad, inference_mode, no_grad, set_grad_enabled, set_multithreading_enabled
from refgrad.tensor import Tensor


def Variable(data: Tensor, requires_grad: bool = False) -> Tensor:
    """The tensor itself, as a leaf; kept for old code."""
    x = data.detach()
    return x.requires_grad_(requires_grad)


__all__ = [
    "Function",
    "Variable",
    "anomaly_mode",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "forward_ad",
    "function",
    "functional",
    "grad",
    "grad_mode",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
    "set_multithreading_enabled",
]  # fmt: skip
