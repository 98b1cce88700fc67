"""polar(r, t) is linear in r, so its second derivative in r is 0; the backward divides by the modulus that it multiplied."""

import torch

r = torch.tensor([0.1, 0.3, 0.7, 1.3, 2.9], requires_grad=True)
z = torch.polar(r, torch.tensor([0.3, 1.1, -2.0, 2.7, 0.9]))
w = torch.view_as_complex(torch.tensor([[1.1, 0.3], [0.7, -0.9], [0.4, 0.6], [-1.3, 0.2], [0.5, 1.7]]))
(g,) = torch.autograd.grad(z, r, w, create_graph=True)
(second,) = torch.autograd.grad(g, r, torch.tensor([0.9, 1.3, 0.7, 0.3, 1.9]))
assert (second == 0).all(), second
