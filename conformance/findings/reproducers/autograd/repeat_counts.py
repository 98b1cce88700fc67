"""The gradient of repeat with a count for each element raises; it is those counts, here [1, 2]."""

import autograd.numpy as np
from autograd import grad

try:
    g = grad(lambda x: np.sum(np.repeat(x, np.array([1, 2]))))(np.ones(2))
except TypeError as error:
    g = error
assert np.shape(g) == (2,), g
