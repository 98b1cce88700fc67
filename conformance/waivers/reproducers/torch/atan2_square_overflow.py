"""The slope of atan2(y, x) at y = x = 1e200 is 5e-201 in y; the backward divides by x² + y², which is infinite."""

import torch

y, x = (torch.tensor(1e200, dtype=torch.float64, requires_grad=True) for _ in range(2))
torch.atan2(y, x).backward()
assert abs(y.grad.item() / 5e-201 - 1) < 1e-14, y.grad.item()
