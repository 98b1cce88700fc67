"""The smallest eigenvalue of [[1 + t, 1], [1, 3]] is smooth in t; the gradient of its tangent is NaN."""

import torch
from torch.autograd import forward_ad as fw

A = torch.tensor([[1.0, 1.0], [1.0, 3.0]], dtype=torch.float64, requires_grad=True)
V = torch.tensor([[1.0, 0.0], [0.0, 0.0]], dtype=torch.float64)
with fw.dual_level():
    w, Q = torch.linalg.eigh(fw.make_dual(A, V))
    tangent = fw.unpack_dual(Q * Q).tangent
(g,) = torch.autograd.grad(tangent[0, 0], A)
assert not g.isnan().any(), g
