"""The gradient of where for an operand that is broadcast has the shape of the result, (2, 3), and not of the operand."""

import autograd.numpy as np
from autograd import grad

x, y = np.ones((2, 1)), np.ones((2, 3))
g = grad(lambda x: np.sum(np.where(y > 0, x, y)))(x)
assert g.shape == (2, 1), g
