"""i0(0) is 1; near zero the value is below it, and i0 is never below 1."""

import torch

y = torch.i0(torch.tensor(-2.7825593871599722e-11, dtype=torch.float64)).item()
assert y >= 1.0, y
