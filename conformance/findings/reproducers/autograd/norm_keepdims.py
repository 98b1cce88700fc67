"""The gradient of linalg.norm of order 3 with keepdims has the shape (2, 2, 3); it has that of x, which is (2, 3)."""

import autograd.numpy as np
from autograd import grad

x = np.arange(1.0, 7.0).reshape(2, 3)
g = grad(lambda x: np.sum(np.linalg.norm(x, 3, axis=1, keepdims=True)))(x)
assert g.shape == (2, 3), g
