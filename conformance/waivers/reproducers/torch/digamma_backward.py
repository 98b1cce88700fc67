"""The derivative of digamma is trigamma; at -0.5 it is pi**2 / 2 + 4, and the backward has nine right digits of seventeen."""

import math

import torch

x = torch.tensor(-0.5, dtype=torch.float64, requires_grad=True)
torch.digamma(x).backward()
right = math.pi**2 / 2 + 4
assert abs(x.grad.item() / right - 1) < 1e-14, (x.grad.item(), right)
