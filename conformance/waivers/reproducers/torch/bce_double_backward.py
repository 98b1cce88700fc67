"""-log(x) has second derivative 1 / x**2; the double backward of binary_cross_entropy adds 1e-12 to x (1 - x) on the way."""

import torch

x = torch.tensor(0.25, dtype=torch.float64, requires_grad=True)
loss = torch.nn.functional.binary_cross_entropy(x, torch.ones((), dtype=torch.float64))
(slope,) = torch.autograd.grad(loss, x, create_graph=True)
(second,) = torch.autograd.grad(slope, x)
assert abs(second.item() / 16 - 1) < 1e-14, second.item()
