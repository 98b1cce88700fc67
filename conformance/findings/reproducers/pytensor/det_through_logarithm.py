"""det of ((1e100, 1), (1, 1e100)) is 1.000000000000022e200, since NumPy takes exp of its logarithm; it is 1e200."""

import numpy as np
import pytensor.tensor as pt

y = pt.linalg.det(pt.constant(np.array([[1e100, 1.0], [1.0, 1e100]]))).eval()
assert abs(y / 1e200 - 1) < 1e-15, y
