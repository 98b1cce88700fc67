"""The second derivative of arctan2 at (1e-13, 1e-13) in float32 is infinite, since powers of squares underflow; it is -5e25."""

import autograd.numpy as np
from autograd import elementwise_grad

x = np.array([1e-13], np.float32)
g = elementwise_grad(elementwise_grad(np.arctan2))(x, x)[0]
assert np.isfinite(g), g
