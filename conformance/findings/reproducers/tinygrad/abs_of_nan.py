"""The gradient of abs at nan is 1; PyTorch documents 0."""

from tinygrad import Tensor

x = Tensor([float("nan")])
g = x.abs().sum().gradient(x)[0].item()
assert g == 0, g
