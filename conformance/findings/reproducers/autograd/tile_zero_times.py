"""The gradient of tile with 0 repetitions raises ZeroDivisionError; nothing is read, and it is zeros."""

import autograd.numpy as np
from autograd import grad

try:
    g = grad(lambda x: np.sum(np.tile(x, (0,))))(np.ones(2))
except ZeroDivisionError as error:
    g = error
assert np.shape(g) == (2,), g
