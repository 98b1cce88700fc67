"""The squares of the eigenvalues add up to trace(A @ A), whose third derivative along any line is 0; nested jvp gives 0.07."""

import torch
from torch.func import jvp

A = torch.tensor([[1.0, 2.0], [3.0, 0.5]], dtype=torch.float64)
V = torch.tensor([[1.0, 0.5], [0.25, 0.0]], dtype=torch.float64)
push = lambda f, a: jvp(f, (a,), (V,))[1]  # noqa: E731
third = push(lambda a: push(lambda b: push(lambda c: (torch.linalg.eig(c)[0] ** 2).sum().real, b), a), A)
assert abs(third.item()) < 1e-9, third.item()
