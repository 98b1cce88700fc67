"""digamma'(x) is 1 / x² near zero, 4e38 here; times a cotangent of 1/4 it is 1e38, which float32 holds."""

import torch

x = torch.tensor(5e-20, requires_grad=True)
(found,) = torch.autograd.grad(torch.digamma(x), x, torch.tensor(0.25))
assert torch.isfinite(found), found
