"""The tangent of scatter_reduce with "prod" is silently none, as if it were constant; reverse mode gives the derivative."""

import torch
from torch.autograd import forward_ad as fw

index, source = torch.tensor([0]), torch.tensor([5.0])
with fw.dual_level():
    x = fw.make_dual(torch.tensor([2.0, 3.0]), torch.ones(2))
    tangent = fw.unpack_dual(torch.scatter_reduce(x, 0, index, source, "prod")).tangent
assert tangent is not None
assert tangent.tolist() == [5.0, 1.0], tangent
