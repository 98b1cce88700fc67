"""The gradient of psi at -infinity is inf, by SciPy; it has a pole at every integer below, and PyTorch gives nan."""

import numpy as np
import pytensor
import pytensor.tensor as pt

x = pt.dscalar()
g = pytensor.grad(pt.psi(x), x).eval({x: -np.inf})
assert np.isnan(g), g
