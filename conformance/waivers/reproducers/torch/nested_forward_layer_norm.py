"""The Hessian of a sum of cubes of normalised numbers: forward mode nested in itself disagrees with reverse mode."""

import torch
from torch.func import jacfwd, jacrev

x = torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)
forward, reverse = (
    twice(twice(lambda z: (torch.nn.functional.layer_norm(z, (3,)) ** 3).sum()))(x) for twice in (jacfwd, jacrev)
)
assert torch.allclose(forward, reverse), (forward, reverse)
