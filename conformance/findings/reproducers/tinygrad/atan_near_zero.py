"""atan of float32 1e-40 and of 1e-10 is 1.2e-7, and of float64 2.2e-8; it is the number itself."""

from tinygrad import Tensor

y = Tensor([1e-10]).atan().item()
assert abs(y - 1e-10) < 1e-14, y
