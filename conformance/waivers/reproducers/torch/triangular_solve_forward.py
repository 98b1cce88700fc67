"""Of an upper triangular matrix only that triangle is read; what moves below it moves the tangent of the solution all the same."""

import torch
from torch.func import jvp

A, b = torch.tensor([[2.0, 1.0], [0.0, 4.0]]), torch.ones(2, 1)
below = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
_, moved = jvp(lambda a: torch.triangular_solve(b, a, upper=True)[0], (A,), (below,))
assert not moved.any(), moved
