"""A NaN that is masked out makes the gradient of torch.masked.var NaN for every element of its row, those that count too."""

import torch

x = torch.tensor([1.0, 3.0, float("nan")], dtype=torch.float64, requires_grad=True)
y = torch.masked.var(x, dim=0, mask=torch.tensor([True, True, False]))
assert y.item() == 2  # the value does not see it
(gradient,) = torch.autograd.grad(y, x)
assert torch.equal(gradient, torch.tensor([-2.0, 2.0, 0.0], dtype=torch.float64)), gradient
