"""The gradient of selu at 0 is the slope above, 1.0507; PyTorch documents the one below, 1.7581."""

from tinygrad import Tensor

x = Tensor([0.0])
g = x.selu().sum().gradient(x)[0].item()
assert abs(g - 1.7581) < 1e-3, g
