"""The mantissa of 1e100 is 1e100 * 2**-333, with slope 2**-333; the backward computes 2**333 in float32, where it is infinite."""

import torch

x = torch.tensor(1e100, dtype=torch.float64, requires_grad=True)
mantissa, exponent = torch.frexp(x)
mantissa.backward()
assert exponent.item() == 333
assert x.grad.item() == 2.0**-333, x.grad.item()
