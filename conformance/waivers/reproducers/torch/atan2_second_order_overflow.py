"""Second derivatives of atan2 at radius 1e-14 are about 1e28, which float32 has; the backward raises the radius to powers first."""

import torch

y, x = torch.tensor(1e-14, requires_grad=True), torch.tensor(2e-14, requires_grad=True)
(g,) = torch.autograd.grad(torch.atan2(y, x), y, create_graph=True)
(second,) = torch.autograd.grad(g, y)
right = -2 * 1e-14 * 2e-14 / (5e-28) ** 2
assert abs(second.item() / right - 1) < 1e-4, (second.item(), right)
