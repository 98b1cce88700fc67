"""The gradient of broadcast_to raises where it adds axes in front; it is the sum over them, here [2, 2, 2]."""

import autograd.numpy as np
from autograd import grad

try:
    g = grad(lambda x: np.sum(np.broadcast_to(x, (2, 3))))(np.ones(3))
except AssertionError as error:
    g = error
assert np.shape(g) == (3,), g
