"""The gradient of -1e300 / y in y at 1e155 is 0, since y ** 2 overflows; it is 1e300 / y / y = 1e-10."""

import autograd.numpy as np
from autograd import grad

with np.errstate(all="ignore"):
    g = grad(lambda y: np.divide(-1e300, y))(np.array(1e155))
assert abs(g / 1e-10 - 1) < 1e-12, g
