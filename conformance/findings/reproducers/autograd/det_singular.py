"""The gradient of det at a singular matrix raises LinAlgError; it is the matrix of cofactors, here [[4, -2], [-2, 1]]."""

import autograd.numpy as np
from autograd import grad

try:
    g = grad(np.linalg.det)(np.array([[1.0, 2.0], [2.0, 4.0]])).round(6).tolist()
except np.linalg.LinAlgError as error:
    g = error
assert g == [[4.0, -2.0], [-2.0, 1.0]], g
