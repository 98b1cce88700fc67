"""The second derivative of sinc at 0 is -pi²/3, and so it is around 0; PyTorch gives NaN there."""

import math

import torch

x = torch.tensor(1e-310, dtype=torch.float64, requires_grad=True)
(first,) = torch.autograd.grad(torch.sinc(x), x, create_graph=True)
(second,) = torch.autograd.grad(first, x)
assert math.isclose(second, -(math.pi**2) / 3), second
