"""The gradient of cumprod with a zero is nan; that of the zero is 1 + 2 + 2 * 3 = 9, and 0 for the others."""

import numpy as np
import pytensor
import pytensor.tensor as pt

x = pt.dvector()
with np.errstate(all="ignore"):
    g = pytensor.grad(pt.cumprod(x).sum(), x).eval({x: [0.0, 2.0, 3.0]})
assert g.tolist() == [9.0, 0.0, 0.0], g
