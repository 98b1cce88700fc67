"""The gradient of cosh at 1e-10 is 0, as sinh and atanh there: exp(x) - exp(-x) and a logarithm cancel; it is 1e-10."""

from tinygrad import Tensor

x = Tensor([1e-10])
g = x.cosh().sum().gradient(x)[0].item()
assert abs(g - 1e-10) < 1e-14, g
