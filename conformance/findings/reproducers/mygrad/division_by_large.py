"""The gradient of -1e300 / y in y at 1e155 is 0, since y ** 2 overflows; it is 1e300 / y / y = 1e-10."""

import mygrad as mg
import numpy as np

y = mg.tensor(1e155)
with np.errstate(all="ignore"):
    mg.divide(-1e300, y).backward()
assert abs(y.grad / 1e-10 - 1) < 1e-12, y.grad
