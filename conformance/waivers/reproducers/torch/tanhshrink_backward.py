"""The derivative of x - tanh(x) is tanh(x)**2; near zero the backward computes 1 - (1 - tanh(x)**2), which is 0."""

import torch

x = torch.tensor(1e-9, dtype=torch.float64, requires_grad=True)
torch.nn.functional.tanhshrink(x).backward()
assert abs(x.grad.item() / 1e-18 - 1) < 1e-14, x.grad.item()
