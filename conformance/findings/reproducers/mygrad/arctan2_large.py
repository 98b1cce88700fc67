"""The gradient of arctan2 at (1e200, 1e200) is 0, since squares overflow; it is (5e-201, -5e-201)."""

import mygrad as mg
import numpy as np

x, y = mg.tensor(1e200), mg.tensor(1e200)
with np.errstate(all="ignore"):
    mg.arctan2(x, y).backward()
assert abs(x.grad / 5e-201 - 1) < 1e-12, x.grad
