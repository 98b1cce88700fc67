"""The tangent of cumprod at a zero has only a part of its own tangent: (2 + t) t is 2 t + t², whose second derivative is 2."""

import torch
from torch.func import jvp

x, v = torch.tensor([2.0, 0.0], dtype=torch.float64), torch.ones(2, dtype=torch.float64)
second = jvp(lambda x: jvp(lambda x: torch.cumprod(x, 0), (x,), (v,))[1], (x,), (v,))[1]
assert torch.equal(second, torch.tensor([0.0, 2.0], dtype=torch.float64)), second  # 0, 1
