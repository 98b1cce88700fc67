"""The gradient of a tangent of softmax: forward mode has overwritten what reverse mode saved, and backward raises."""

import torch
from torch.autograd import forward_ad as fw

x, v = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([1.0, 0.0], requires_grad=True)
with fw.dual_level():
    tangent = fw.unpack_dual(torch.softmax(fw.make_dual(x, v), 0)).tangent
raised = ""
try:
    torch.autograd.grad(tangent.sum(), x)
except RuntimeError as error:
    raised = str(error)
assert not raised, raised
