"""det of diag(1e100, 1e100) is 1.000000000000022e200, the exp of its logarithm; it is 1e200."""

import chainer.functions as F
import numpy as np

y = F.det(np.diag([1e100, 1e100])).array
assert abs(y / 1e200 - 1) < 1e-15, y
