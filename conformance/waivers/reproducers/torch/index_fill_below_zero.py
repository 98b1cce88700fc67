"""index_fill takes places counted from behind; the gradient of the value that fills them refuses the same places."""

import torch

value, raised = torch.tensor(1.5, requires_grad=True), None
y = torch.index_fill(torch.zeros(3), 0, torch.tensor([-1]), value)
assert y.tolist() == [0.0, 0.0, 1.5]
try:
    y.sum().backward()
except (RuntimeError, IndexError) as error:
    raised = error
assert raised is None, raised
