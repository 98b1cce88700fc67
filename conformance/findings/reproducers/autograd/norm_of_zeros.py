"""The gradient of linalg.norm at zero is nan; PyTorch documents 0, the subgradient of least norm."""

import autograd.numpy as np
from autograd import grad

with np.errstate(all="ignore"):
    g = grad(np.linalg.norm)(np.zeros(3))
assert np.all(g == 0), g
