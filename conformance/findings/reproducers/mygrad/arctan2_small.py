"""The gradient of arctan2 at (1e-200, 1e-200) is infinite, since squares underflow; it is (5e199, -5e199)."""

import mygrad as mg
import numpy as np

x, y = mg.tensor(1e-200), mg.tensor(1e-200)
with np.errstate(all="ignore"):
    mg.arctan2(x, y).backward()
assert np.isfinite(x.grad), x.grad
