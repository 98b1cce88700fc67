"""The slope of a + b / c in c is -b / c², 1 for b = -1e300 and c = 1e150; from c = 1e155 on the backward squares c to infinity."""

import torch

a, b = torch.tensor(0.0, dtype=torch.float64), torch.tensor(-1e300, dtype=torch.float64)
c = torch.tensor(1e155, dtype=torch.float64, requires_grad=True)
torch.addcdiv(a, b, c).backward()
assert abs(c.grad.item() / 1e-10 - 1) < 1e-14, c.grad.item()
