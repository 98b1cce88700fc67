"""The gradient of arctan2 at (1e-200, 1e-200) is infinite, since squares underflow; it is (5e199, -5e199)."""

import numpy as np
import pytensor
import pytensor.tensor as pt

x = pt.dscalar()
g = pytensor.grad(pt.arctan2(x, pt.constant(1e-200)), x).eval({x: 1e-200})
assert np.isfinite(g), g
