"""gammaln at -inf is -inf, by SciPy; PyTorch and C give +inf."""

import autograd.numpy as np
from autograd.scipy.special import gammaln

with np.errstate(all="ignore"):
    y = gammaln(-np.inf)
assert y == np.inf, y
