"""detach_copy does what detach does, in fresh memory; its result requires grad all the same."""

import torch

d = torch.detach_copy(torch.ones(2, requires_grad=True))
assert not d.requires_grad, d
