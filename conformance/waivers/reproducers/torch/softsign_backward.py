"""The derivative of x / (1 + |x|) is 1 / (1 + |x|)**2; far out the backward subtracts two nearly equal numbers."""

import torch

x = torch.tensor(1e9, dtype=torch.float64, requires_grad=True)
torch.nn.functional.softsign(x).backward()
right = 1 / (1 + 1e9) ** 2
assert abs(x.grad.item() / right - 1) < 1e-14, (x.grad.item(), right)
