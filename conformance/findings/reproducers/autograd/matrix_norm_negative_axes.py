"""The gradient of linalg.norm along axes (-2, -1) raises or is wrong, where along (0, 1) it comes out."""

import autograd.numpy as np
from autograd import grad

x = np.array([[1.0, 2.0], [3.0, 5.0]])
try:
    found = grad(lambda x: np.linalg.norm(x, "fro", (-2, -1)))(x)[1, 1]
except ValueError as error:
    found = error
assert found == 5 / np.sqrt(39.0), found
