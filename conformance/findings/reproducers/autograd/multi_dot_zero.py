"""The gradient of linalg.multi_dot is 0, with a warning only; that of the sum of a b in a is the row sums of b, here 3."""

import warnings

import autograd.numpy as np
from autograd import elementwise_grad

warnings.simplefilter("ignore")
b = np.ones((2, 3))
g = elementwise_grad(lambda a: np.linalg.multi_dot([a, b]))(np.ones((2, 2)))
assert (g == 3).all(), g
