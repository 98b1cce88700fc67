"""d/dy atan2(y, x) is x / (x² + y²), here 5e199; the squares are below the smallest number, and the answer is 0."""

import torch

y = torch.tensor(1e-200, dtype=torch.float64, requires_grad=True)
x = torch.tensor(1e-200, dtype=torch.float64)
(found,) = torch.autograd.grad(torch.atan2(y, x), y)
assert found > 4e199, found
