"""The second derivative of 1 / x in float32 at 2e-13 is infinite, since powers of x underflow; it is 2.5e38."""

import autograd.numpy as np
from autograd import grad

x = np.full(1, 2e-13, np.float32)
with np.errstate(all="ignore"):
    g = grad(lambda x: grad(lambda x: np.sum(1 / x))(x)[0])(x)
assert np.all(np.isfinite(g)), g
