"""Every derivative of digamma tends to 0 at infinity, as the first one is there; the others are NaN."""

import torch

x = torch.tensor(float("inf"), dtype=torch.float64)
assert torch.polygamma(1, x) == 0.0
assert torch.polygamma(2, x) == 0.0, torch.polygamma(2, x)
