"""The gradient of torch.masked.std is NaN where all elements that count are equal; that of torch.std is zero there."""

import torch

x = torch.tensor([2.0, 7.0, 2.0, 2.0], dtype=torch.float64, requires_grad=True)
mask = torch.tensor([True, False, True, True])
(plain,) = torch.autograd.grad(torch.std(x[mask]), x)
(masked,) = torch.autograd.grad(torch.masked.std(x, dim=0, mask=mask), x)
assert torch.equal(masked, plain), masked  # of the subgradients the one of minimum norm, which is zero
