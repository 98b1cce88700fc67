"""The gradient of std of equal numbers is nan; PyTorch documents 0, the subgradient of least norm."""

import numpy as np
import pytensor
import pytensor.tensor as pt

x = pt.dvector("x")
g = pytensor.grad(pt.std(x), x)
found = g.eval({x: np.ones(3)})
assert (found == 0).all(), found
