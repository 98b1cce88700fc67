"""The gradient of digamma at -infinity is inf, by SciPy; digamma has a pole at every integer below, and PyTorch gives nan."""

import autograd.numpy as np
from autograd import elementwise_grad
from autograd.scipy.special import digamma

g = elementwise_grad(digamma)(np.array([-np.inf]))[0]
assert np.isnan(g), g
