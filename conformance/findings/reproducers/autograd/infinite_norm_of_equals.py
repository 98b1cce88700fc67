"""The gradient of linalg.norm of order inf with equal largest elements is nan; PyTorch documents that they share it."""

import autograd.numpy as np
from autograd import grad

g = grad(lambda x: np.linalg.norm(x, np.inf))(np.array([1.0, 2.0, 2.0])).tolist()
assert g == [0.0, 0.5, 0.5], g
