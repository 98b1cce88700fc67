"""gammaln at -inf is -inf, by SciPy, and inf at 5e-320; PyTorch and C give +inf and 735."""

import numpy as np
import pytensor.tensor as pt

y = pt.gammaln(pt.constant(np.array([-np.inf, 5e-320]))).eval()
assert np.allclose(y, [np.inf, 732.2], atol=9), y
