"""Where two differences are the largest, a subgradient of the maximum shares its weight; cdist and pdist give it to both."""

import torch

x = torch.zeros(1, 2, requires_grad=True)
torch.cdist(x, torch.ones(1, 2), p=float("inf")).sum().backward()
assert x.grad.abs().sum() == 1.0, x.grad
