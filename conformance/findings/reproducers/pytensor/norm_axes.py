"""linalg.norm over the axes 0 and 1 of three is that over 1 and 2, or raises; NumPy documents the axes that are named."""

import numpy as np
import pytensor.tensor as pt

x = np.arange(8.0).reshape(2, 2, 2)
y = pt.linalg.norm(pt.constant(x), axis=(0, 1)).eval()
assert np.allclose(y, np.linalg.norm(x, axis=(0, 1))), y
