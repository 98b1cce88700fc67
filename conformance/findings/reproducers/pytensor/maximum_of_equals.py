"""The gradient of maximum goes to the first of two equal arguments, that of relu as maximum(x, 0) is 1; PyTorch: half."""

import numpy as np
import pytensor
import pytensor.tensor as pt

x = pt.dvector("x")
y = pt.dvector("y")
g = pytensor.grad(pt.maximum(x, y).sum(), x)
found = g.eval({x: np.ones(1), y: np.ones(1)})
assert found[0] == 0.5, found
