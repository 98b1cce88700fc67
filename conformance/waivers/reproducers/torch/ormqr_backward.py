"""ormqr multiplies by reflectors I - tau v vᵀ one after another; its gradient in the second is not that of the formula."""

import torch

A = torch.tensor([[1, 1], [3e3, 1], [2e3, 5e3]], dtype=torch.float64, requires_grad=True)
tau, other = torch.tensor([7e2, 3e2]).double(), torch.tensor([[1.0], [2.0], [3.0]]).double()
torch.ormqr(A, tau, other).sum().backward()
u, v = torch.tensor([1, 3e3, 2e3]).double(), torch.cat([torch.tensor([0.0, 1.0]).double(), A[2:, 1].detach()])
w = 1 - tau[0] * u * u.sum()  # the cotangent, pulled back through the first reflector
by_hand = -tau[1] * (w[2] * (v @ other[:, 0]) + (w @ v) * other[2, 0])
assert abs(A.grad[2, 1] / by_hand - 1) < 1e-9, (A.grad[2, 1].item(), by_hand.item())
