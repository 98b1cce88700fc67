"""The gradient of det at a singular matrix is the matrix of cofactors, as create_graph=True gives; without it, it is zero."""

import torch

a = torch.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=torch.float64, requires_grad=True)
(g,) = torch.autograd.grad(torch.linalg.det(a), a)
torch.testing.assert_close(g, torch.tensor([[4.0, -2.0], [-2.0, 1.0]], dtype=torch.float64))
