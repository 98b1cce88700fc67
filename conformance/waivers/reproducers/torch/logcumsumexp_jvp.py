"""The first entry of logcumsumexp is its input, with tangent 1; forward mode gives three digits fewer than there are."""

import torch

x = torch.tensor([1.0, -2.0], dtype=torch.float64)
tangent = torch.func.jvp(lambda z: torch.logcumsumexp(z, 0), (x,), (torch.tensor([1.0, 1.0], dtype=torch.float64),))[1]
assert abs(tangent[0].item() - 1) < 1e-15, tangent[0].item() - 1
