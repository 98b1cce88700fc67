"""The gradient of celu at 1e-10 is 1.5 and at -1e-10 is 0.5, and of elu there 0; celu is smooth, and it is 1."""

from tinygrad import Tensor

x = Tensor([1e-10])
g = x.celu().sum().gradient(x)[0].item()
assert abs(g - 1) < 1e-5, g
