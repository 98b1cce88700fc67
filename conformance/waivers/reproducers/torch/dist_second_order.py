"""The distance of a tensor from itself is zero wherever it lies, with zero derivatives; the second one is NaN."""

import torch

x = torch.ones(2, requires_grad=True)
(g,) = torch.autograd.grad(torch.dist(x, x), x, create_graph=True)
(second,) = torch.autograd.grad(g.sum(), x)
assert g.tolist() == second.tolist() == [0.0, 0.0], (g, second)
