"""The second derivative of log sigmoid at 20 is -2.06e-9; forward mode nested in itself keeps few digits of it."""

import torch
from torch.func import jvp

one, x = torch.ones((), dtype=torch.float64), torch.tensor(20.0, dtype=torch.float64)
second = jvp(lambda a: jvp(torch.nn.functional.logsigmoid, (a,), (one,))[1], (x,), (one,))[1]
e = torch.exp(-x)
right = -(e / (1 + e) ** 2)
assert abs(second / right - 1) < 1e-12, second / right - 1
