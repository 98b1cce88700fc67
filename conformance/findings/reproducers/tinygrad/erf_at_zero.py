"""The gradient of erf at 0 is 0, from a factor sign(x); it is 1.128."""

from tinygrad import Tensor

x = Tensor([0.0])
g = x.erf().sum().gradient(x)[0].item()
assert abs(g - 1.128379) < 1e-4, g
