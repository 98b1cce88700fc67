"""The gradient of arctan2 at (1e-200, 1e-200) is infinite, since squares underflow; it is (5e199, -5e199)."""

import autograd.numpy as np
from autograd import grad

with np.errstate(all="ignore"):
    g = grad(np.arctan2)(np.array(1e-200), np.array(1e-200))
assert np.isfinite(g), g
