"""The cut of the variance at eps is documented to be ignored by autograd; backward ignores it, forward mode does not."""

import torch

x, var = torch.tensor([1.0], dtype=torch.float64), torch.tensor([0.5], dtype=torch.float64)
loss = lambda v: torch.nn.functional.gaussian_nll_loss(x, 4 * x, v, eps=1.0, reduction="sum")  # noqa: E731
_, pull = torch.func.vjp(loss, var)
_, tangent = torch.func.jvp(loss, (var,), (torch.ones_like(var),))
torch.testing.assert_close(tangent, pull(torch.tensor(1.0, dtype=torch.float64))[0].sum())
