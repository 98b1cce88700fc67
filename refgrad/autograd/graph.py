"""PyTorch's `torch.autograd.graph`: nodes, edges, hooks on saved tensors and on several gradients."""

from __future__ import annotations

from refgrad.gradients import GradientEdge, get_gradient_edge
from refgrad.graph import Node
from refgrad.hooks import (
    allow_mutation_on_saved_tensors,
    disable_saved_tensors_hooks,
    increment_version,
    region_activation_memory_budget,
    register_multi_grad_hook,
    save_on_cpu,
    saved_tensors_hooks,
)

__all__ = [
    "GradientEdge",
    "Node",
    "allow_mutation_on_saved_tensors",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "region_activation_memory_budget",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
]
