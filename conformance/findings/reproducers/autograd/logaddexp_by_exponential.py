"""The second derivative of logaddexp at (40, 0) is 0, since 1 is subtracted from exp(x - logaddexp(x, y)); it is 4.2e-18."""

import autograd.numpy as np
from autograd import grad

g = grad(grad(lambda x: np.logaddexp(x, 0.0)))(40.0)
assert abs(g - np.exp(-40.0)) < 1e-12 * np.exp(-40.0), g
