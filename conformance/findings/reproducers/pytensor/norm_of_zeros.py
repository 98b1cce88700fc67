"""The gradient of the norm at zero is nan; PyTorch documents 0, the subgradient of least norm."""

import numpy as np
import pytensor
import pytensor.tensor as pt

x = pt.dvector("x")
g = pytensor.grad(pt.linalg.norm(x, 2), x)
found = g.eval({x: np.zeros(3)})
assert (found == 0).all(), found
