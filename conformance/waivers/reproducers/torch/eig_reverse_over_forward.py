"""The modulus of an eigenvector's entry does not depend on its phase; the gradient of its tangent is refused as if it did."""

import torch
from torch.autograd import forward_ad as fw

A = torch.tensor([[1.0, 2.0], [3.0, 0.5]], dtype=torch.float64, requires_grad=True)
V = torch.tensor([[1.0, 0.5], [0.25, 0.0]], dtype=torch.float64)
with fw.dual_level():
    w, Q = torch.linalg.eig(fw.make_dual(A, V))
    tangent = fw.unpack_dual((Q * Q.conj()).real).tangent
try:
    torch.autograd.grad(tangent[0, 0], A)
except RuntimeError as error:
    raise AssertionError(error) from None
