"""The second derivative of logaddexp at (20, 0) is 2.06115368e-9, since 1 - s is a difference; it is 2.06115361e-9."""

import numpy as np
import pytensor
import pytensor.tensor as pt

x = pt.dscalar("x")
y = pytensor.grad(pytensor.grad(pt.logaddexp(x, 0.0), x), x).eval({x: 20.0})
want = np.exp(-20.0) / (1 + np.exp(-20.0)) ** 2
assert abs(y / want - 1) < 1e-12, y
