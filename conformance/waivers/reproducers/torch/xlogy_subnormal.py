"""The derivative of x log y in y is x / y; for subnormal x the product of x and the cotangent is rounded before the quotient."""

import torch

x = torch.tensor(5e-324 * 7, dtype=torch.float64)
y = torch.tensor(5e-324 * 16, dtype=torch.float64, requires_grad=True)
torch.xlogy(x, y).backward(torch.tensor(0.1, dtype=torch.float64))
right = 0.1 * 7 / 16
assert abs(y.grad.item() / right - 1) < 1e-14, (y.grad.item(), right)
