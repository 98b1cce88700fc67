"""Of a matrix of one element the product of reflectors is 1 - tau, whatever the element: its second derivatives are zero."""

import torch
from torch.func import grad, jvp

A, tau, moved = torch.tensor([[2.0]]), torch.tensor([0.5]), (torch.zeros(1, 1), torch.ones(1))
product = torch.linalg.householder_product
slopes = grad(lambda *xs: jvp(product, xs, moved)[1].sum(), argnums=(0, 1))(
    A, tau
)  # of a tangent that is -1 everywhere
assert not any(s.any() for s in slopes), slopes
