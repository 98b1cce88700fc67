"""A nan that comes in reaches elements of relu that are not active, as 0 * nan; PyTorch masks it, and gives 0."""

import numpy as np
import pytensor
import pytensor.tensor as pt

x = pt.dvector("x")
y = pt.maximum(x, 0)
g = pytensor.grad(None, x, known_grads={y: pt.constant(np.array([np.nan]))})
found = g.eval({x: np.array([-1.0])})
assert found[0] == 0, found
