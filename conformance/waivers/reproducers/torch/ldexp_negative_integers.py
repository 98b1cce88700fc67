"""The slope of ldexp(x, -1) in x is 1/2; the backward raises the integer 2 to an integer power, which is 0 below zero."""

import torch

x = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
y = torch.ldexp(x, torch.tensor(-1))
y.backward()
assert y.item() == 1.5
assert x.grad.item() == 0.5, x.grad.item()
