"""The slope of hardsigmoid between its kinks is 1/6; in float64 the backward gives float32's 1/6."""

import torch

x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
torch.nn.functional.hardsigmoid(x).backward()
assert abs(x.grad.item() - 1 / 6) < 1e-15, x.grad.item()
