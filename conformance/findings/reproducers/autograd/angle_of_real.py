"""The gradient of angle of a real number at 0 is nan; PyTorch documents 0."""

import autograd.numpy as np
from autograd import grad

with np.errstate(all="ignore"):
    g = grad(lambda x: np.sum(np.angle(x)))(np.zeros(1))
assert np.all(g == 0), g
