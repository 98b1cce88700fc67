"""The slope of a / x in x at a = x = 1e200 is -1e-200; `x.__rdiv__(a)` goes through 1 / x, whose backward squares 1e-200."""

import torch

x = torch.tensor(1e200, dtype=torch.float64, requires_grad=True)
a = torch.tensor(1e200, dtype=torch.float64)
x.__rdiv__(a).backward()
assert abs(x.grad.item() / -1e-200 - 1) < 1e-14, x.grad.item()
