"""as_strided_scatter keeps what the view does not show: the gradient of the input is 1 there, and 0 where it is replaced."""

import torch

x = torch.zeros(4, dtype=torch.float64, requires_grad=True)
y = torch.as_strided_scatter(x, torch.ones(2, dtype=torch.float64), size=(2,), stride=(2,))
y.backward(torch.ones(4, dtype=torch.float64))
assert y.tolist() == [1, 0, 1, 0]
assert x.grad.tolist() == [0, 1, 0, 1], x.grad.tolist()
