"""The gradient of leaky_relu at 0 is 1; PyTorch documents the slope, 0.125, the subgradient of least norm."""

from tinygrad import Tensor

x = Tensor([0.0])
g = x.leaky_relu(0.125).sum().gradient(x)[0].item()
assert g == 0.125, g
