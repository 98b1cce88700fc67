"""dist counts what differs where p is 0, and is constant nearly everywhere: its gradient is zero, but backward raises."""

import torch

x, y, raised = torch.tensor([1.0, 2.0], requires_grad=True), torch.zeros(2, requires_grad=True), None
try:
    torch.dist(x, y, p=0).backward()
except RuntimeError as error:
    raised = error
assert raised is None, raised
assert x.grad.tolist() == y.grad.tolist() == [0.0, 0.0]
