"""The second derivative of logaddexp(-800, 0) in its first argument is exp(-800), which is 0 to rounding; PyTorch gives NaN."""

import torch

a = torch.tensor(-800.0, dtype=torch.float64, requires_grad=True)
b = torch.zeros((), dtype=torch.float64)
(first,) = torch.autograd.grad(torch.logaddexp(a, b), a, create_graph=True)
(second,) = torch.autograd.grad(first, a)
assert second == 0, second
