"""det of diag(1e100, 1e100) is 1.000000000000022e200, the exp of its logarithm; it is 1e200."""

import autograd.numpy as np

y = np.linalg.det(np.diag([1e100, 1e100]))
assert abs(y / 1e200 - 1) < 1e-15, y
