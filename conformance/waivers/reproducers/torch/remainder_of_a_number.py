"""5 % x has the slope -floor(5 / x), which torch.remainder of two tensors gives; of a number on the left there is no backward."""

import torch

x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
y = 5.0 % x
assert y.item() == 1.0
try:
    y.backward()
    found = x.grad.item()
except RuntimeError as error:
    found = error
assert found == -2.0, found
