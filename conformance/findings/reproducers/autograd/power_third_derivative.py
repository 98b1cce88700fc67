"""The derivative in p of the second derivative in x of x ** p at (3, 1) is 4.65; it is (2 p - 1) / x = 1 / 3."""

import autograd.numpy as np
from autograd import grad

second = grad(grad(np.power))
g = grad(lambda p: second(3.0, p))(1.0)
assert abs(g - 1 / 3) < 1e-12, g
