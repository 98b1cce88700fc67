"""The gradient of transpose with negative axes is transposed the wrong way: its shape is (3, 1, 2), not that of x."""

import autograd.numpy as np
from autograd import grad

x = np.ones((1, 2, 3))
g = grad(lambda x: np.sum(np.transpose(x, (-1, 0, 1))))(x)
assert g.shape == (1, 2, 3), g.shape
