"""The second derivative of abs away from 0 is not 0 but what rounding x / |x| leaves, about 1e-17 at 6.45."""

import autograd.numpy as np
from autograd import grad

x = np.linspace(0.1, 7, 50)
second = grad(lambda x: np.sum(grad(lambda x: np.sum(np.abs(x)))(x)))(x)
assert np.all(second == 0), second
