"""The gradient of diag of a (3, 4) matrix is a (3, 3) matrix; it has the shape of the input."""

import autograd.numpy as np
from autograd import grad

g = grad(lambda x: np.sum(np.diag(x)))(np.ones((3, 4)))
assert g.shape == (3, 4), g
