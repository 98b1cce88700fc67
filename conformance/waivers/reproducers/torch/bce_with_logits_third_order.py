"""The third derivative at 20 is s (1 - s) (1 - 2 s), with s the sigmoid; the backward takes 1 - s from its difference to 1."""

import torch

x = torch.tensor(20.0, dtype=torch.float64, requires_grad=True)
y = torch.nn.functional.binary_cross_entropy_with_logits(x, torch.zeros((), dtype=torch.float64))
for _ in range(3):
    (y,) = torch.autograd.grad(y, x, create_graph=True)
e = torch.exp(-x)
right = e * (e - 1) / (1 + e) ** 3
assert abs(y / right - 1) < 1e-12, (y / right - 1).item()
