"""The gradient of repeat along axis -2 of a matrix is wrong in shape; along axis 0, which is the same, it comes out."""

import autograd.numpy as np
from autograd import grad

try:
    g = grad(lambda x: np.sum(np.repeat(x, 2, axis=-2)))(np.ones((2, 3)))
except ValueError as error:
    g = error
assert np.shape(g) == (2, 3), g
