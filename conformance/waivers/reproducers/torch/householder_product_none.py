"""Of no reflectors the product is the first columns of the identity, and its gradient is zero; backward has none at all."""

import torch

A, tau = torch.ones(3, 2, requires_grad=True), torch.ones(0, requires_grad=True)
y = torch.linalg.householder_product(A, tau)
assert y.requires_grad
raised = None
try:
    torch.autograd.grad(y.sum(), (A, tau))
except RuntimeError as error:
    raised = error
assert raised is None, raised
