"""The gradient of arctan2 at (1e200, 1e200) is 0, since squares overflow; it is (5e-201, -5e-201)."""

import autograd.numpy as np
from autograd import grad

with np.errstate(all="ignore"):
    g = grad(np.arctan2)(np.array(1e200), np.array(1e200))
assert abs(g / 5e-201 - 1) < 1e-12, g
