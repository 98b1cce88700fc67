"""gammaln at -inf is -inf, by SciPy, and inf at 5e-320; PyTorch and C give +inf and 735."""

import autograd.numpy as np
from autograd.scipy.special import gammaln

with np.errstate(all="ignore"):
    y = gammaln(np.array([-np.inf, 5e-320]))
assert np.allclose(y, [np.inf, 732.2], atol=9), y
