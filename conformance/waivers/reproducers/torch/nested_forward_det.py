"""det(A + t I) of a 2x2 matrix is t**2 + ..., with second derivative 2; forward mode nested in itself gives another number."""

import torch
from torch.func import jvp

A, one = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64), torch.eye(2, dtype=torch.float64)
second = jvp(lambda a: jvp(torch.linalg.det, (a,), (one,))[1], (A,), (one,))[1]
assert abs(second.item() - 2.0) < 1e-12, second.item()
