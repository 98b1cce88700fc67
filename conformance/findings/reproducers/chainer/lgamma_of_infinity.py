"""lgamma at -inf is -inf, by SciPy, and inf at 5e-320; PyTorch and C give +inf and 735."""

import chainer.functions as F
import numpy as np

y = F.lgamma(np.array([-np.inf])).array[0]
assert y == np.inf, y
