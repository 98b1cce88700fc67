"""Second derivatives of masked.logaddexp are NaN where one argument is masked out, though it is then the other argument."""

import torch

x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (0.5, 0.2))
z = torch.masked.logaddexp(x, y, other_mask=torch.tensor(False))
assert z.item() == 0.5
slopes = torch.autograd.grad(z, (x, y), create_graph=True)
(second,) = torch.autograd.grad(slopes[0] + slopes[1], x)
assert second == 0, second
