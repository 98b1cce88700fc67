"""Of a matrix of one element the product of reflectors is 1 - tau, whatever the element: its second derivatives are zero."""

import torch
from torch.func import grad, jvp

A, tau, moved = torch.tensor([[2.0]]), torch.tensor([0.5]), (torch.zeros(1, 1), torch.ones(1))


def tangent(*xs):  # -1 everywhere
    return jvp(torch.linalg.householder_product, xs, moved)[1].sum()


slopes = grad(tangent, argnums=(0, 1))(A, tau)
assert not any(s.any() for s in slopes), slopes
