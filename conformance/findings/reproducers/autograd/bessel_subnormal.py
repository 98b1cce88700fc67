"""The gradient of i1 at 5e-320 is nan, from i1(x) / x with an infinite quotient; it is 0.5."""

import autograd.numpy as np
from autograd import elementwise_grad
from autograd.scipy.special import i1

g = elementwise_grad(i1)(np.array([5e-320]))[0]
assert g == 0.5, g
