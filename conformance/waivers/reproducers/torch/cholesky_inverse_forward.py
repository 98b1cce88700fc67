"""The derivative of the inverse of L·Lᵀ by one element of L: forward mode gives another than the gradient, which is right."""

import torch
from torch.func import jvp

L = torch.tensor([[2.0, 0.0], [1.0, 3.0]], dtype=torch.float64)
first = torch.tensor([[1.0, 0.0], [0.0, 0.0]], dtype=torch.float64)
forward = jvp(lambda x: torch.cholesky_inverse(x).sum(), (L,), (first,))[1]
(gradient,) = torch.autograd.grad(torch.cholesky_inverse(L.requires_grad_()).sum(), L)
assert abs(forward - gradient[0, 0]) < 1e-12, (forward.item(), gradient[0, 0].item())
