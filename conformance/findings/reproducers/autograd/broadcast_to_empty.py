"""The gradient of broadcast_to to an empty shape is empty; it is zeros of the shape of the input, (1, 2)."""

import autograd.numpy as np
from autograd import grad

g = grad(lambda x: np.sum(np.broadcast_to(x, (0, 2))))(np.ones((1, 2)))
assert g.shape == (1, 2), g
