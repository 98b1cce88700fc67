"""The gradient of sinc at 5e-39 in float32 is nan; it is nearly 0."""

import mygrad as mg
import numpy as np

x = mg.tensor(np.array([5e-39], np.float32))
mg.sinc(x).sum().backward()
assert abs(x.grad[0]) < 1e-30, x.grad
