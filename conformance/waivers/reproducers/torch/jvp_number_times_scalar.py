"""The tangent of half a float32 scalar is float32: torch.func.jvp lets the Python number make it float64."""

import torch

x = torch.tensor(1.5)
y, tangent = torch.func.jvp(lambda x: 0.5 * x, (x,), (torch.ones(()),))
assert y.dtype == tangent.dtype == torch.float32, (y.dtype, tangent.dtype)
