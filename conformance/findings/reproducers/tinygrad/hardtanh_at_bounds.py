"""The gradient of hardtanh at its lower bound is 1; PyTorch documents 0."""

from tinygrad import Tensor

x = Tensor([-1.0])
g = x.hardtanh().sum().gradient(x)[0].item()
assert g == 0, g
