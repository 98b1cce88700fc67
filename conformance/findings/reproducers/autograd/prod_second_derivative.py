"""The second derivative of the product of one number is rounding noise, since it divides: 1.8e-15 at 0.1; it is 0."""

import autograd.numpy as np
from autograd import grad

g = grad(lambda x: np.sum(grad(np.prod)(x)))(np.array([0.1]))
assert g[0] == 0.0, g
