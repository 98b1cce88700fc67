"""Attention with four dimensions takes a fused kernel on the CPU, whose backward cannot be differentiated."""

import torch

q = torch.ones(1, 2, 2, 2, requires_grad=True)
k = torch.ones(1, 1, 2, 2, requires_grad=True)
(g,) = torch.autograd.grad(
    torch.nn.functional.scaled_dot_product_attention(q, k, k, enable_gqa=True).sum(), q, create_graph=True
)
raised = None
try:
    torch.autograd.grad(g.sum(), k)
except RuntimeError as error:
    raised = error
assert raised is None, raised
