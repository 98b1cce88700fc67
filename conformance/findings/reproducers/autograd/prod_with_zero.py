"""The gradient of prod with a zero among the factors is nan; it is the product of the others, here [6, 0, 0]."""

import autograd.numpy as np
from autograd import grad

with np.errstate(all="ignore"):
    g = grad(np.prod)(np.array([0.0, 2.0, 3.0]))
assert (g == [6.0, 0.0, 0.0]).all(), g
