"""The condition number in norms other than the spectral ones raises in backward: the inverse that it has saved is overwritten."""

import torch

A = torch.tensor([[2.0, 1.0], [0.0, 4.0]], requires_grad=True)
raised = None
try:
    torch.linalg.cond(A, "fro").backward()
except RuntimeError as error:
    raised = error
assert raised is None, raised
