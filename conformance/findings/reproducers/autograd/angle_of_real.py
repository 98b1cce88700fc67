"""angle of a real number: the gradient at 0 is nan, and that of -0.0 is pi; PyTorch documents 0 for both."""

import autograd.numpy as np
from autograd import grad

with np.errstate(all="ignore"):
    g = grad(lambda x: np.sum(np.angle(x)))(np.zeros(1))
assert np.all(g == 0), g
