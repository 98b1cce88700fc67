"""The derivative of prod in one factor is the product of the others; PyTorch divides a product that has underflown."""

import torch

x = torch.tensor([1e-20, 1e-20, 1e-10], dtype=torch.float32, requires_grad=True)
torch.prod(x, 0).backward()
assert abs(x.grad[0] / 1e-30 - 1) < 1e-5, x.grad
