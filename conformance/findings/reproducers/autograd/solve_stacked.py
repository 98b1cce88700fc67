"""The gradient of linalg.solve with one matrix for a stack of right sides is a stack; it is summed to the matrix."""

import autograd.numpy as np
from autograd import grad

a, b = np.eye(2), np.ones((3, 2, 2))
g = grad(lambda a: np.sum(np.linalg.solve(a, b)))(a)
assert g.shape == (2, 2), g
