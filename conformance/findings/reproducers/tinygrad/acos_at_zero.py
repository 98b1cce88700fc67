"""The gradients of acos and asin at 0 are 0, from a factor sign(x); they are -1 and 1."""

from tinygrad import Tensor

x = Tensor([0.0])
g = x.acos().sum().gradient(x)[0].item()
assert abs(g + 1) < 1e-4, g
