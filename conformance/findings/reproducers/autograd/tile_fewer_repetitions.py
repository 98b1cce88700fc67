"""The gradient of tile with fewer repetitions than dimensions is folded along the wrong axis: [[3, 5, 7], …] expected."""

import autograd.numpy as np
from autograd import make_vjp

x = np.arange(6.0).reshape(2, 3)
pull_back, _ = make_vjp(lambda a: np.tile(a, 2))(x)
g = pull_back(np.arange(12.0).reshape(2, 6))
assert (g == [[3.0, 5.0, 7.0], [15.0, 17.0, 19.0]]).all(), g
