"""The jvp of the gradient of mse_loss in its input alone raises about a zero tensor that the user has never seen."""

import torch
from torch.func import grad, jvp

x, target, one = torch.tensor([1.0]), torch.tensor([3.0]), torch.ones(1)
raised = None
try:
    jvp(grad(lambda z: torch.nn.functional.mse_loss(z, target)), (x,), (one,))
except RuntimeError as error:
    raised = error
assert raised is None, raised
