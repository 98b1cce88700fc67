"""The gradient of abs at 5e-320 with cotangent 0.3472222 is 0.3472332, as g x / abs(x), and the second one is nan."""

import autograd.numpy as np
from autograd import make_vjp

pull, _ = make_vjp(np.abs)(np.array([5e-320]))
g = pull(np.array([0.3472222]))
assert abs(g[0] - 0.3472222) < 1e-15, g
