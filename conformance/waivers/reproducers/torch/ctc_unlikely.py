"""Two steps, one label: its probability is e^-a or e^-b, and the gradient a quotient of them; ctc_loss loses digits with a and b."""

import math

import torch

a, b = 63.7, 63.1
x = torch.tensor([[[0.0, -a]], [[0.0, -b]]], dtype=torch.float64, requires_grad=True)
loss = torch.nn.functional.ctc_loss(x.log_softmax(2), torch.tensor([[1]]), (2,), (1,), reduction="sum")
(g,) = torch.autograd.grad(loss, x)
expected = math.exp(-a) - 1 / (1 + math.exp(a - b))  # what e^-b adds to 1 is below its last digit
assert abs(g[0, 0, 1].item() / expected - 1) < 4e-15, g[0, 0, 1].item() / expected - 1
