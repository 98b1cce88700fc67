"""The slope of a**b in a is b a**(b-1), which changes with b at b = 0 by 1 / a; the backward masks exponents 0, and says 0."""

import torch

a = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
b = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
(slope,) = torch.autograd.grad(torch.pow(a, b), a, create_graph=True)
(mixed,) = torch.autograd.grad(slope, b)
assert abs(mixed.item() - 0.5) < 1e-14, mixed.item()
