"""Forward mode of group_norm of a channels-last image raises about its own view."""

import torch

x = torch.ones(2, 4, 2, 3).to(memory_format=torch.channels_last)
raised = None
try:
    torch.func.jvp(lambda z: torch.nn.functional.group_norm(z, 2), (x,), (x,))
except RuntimeError as error:
    raised = error
assert raised is None, raised
