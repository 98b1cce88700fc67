"""The norm of order 3 of float64 is wrong by 2.5e-8 of itself: its exponent 1/3 is computed in float32."""

import numpy as np
import pytensor.tensor as pt

x = np.array([1.0, 2.0, -1.5])
y = pt.linalg.norm(pt.constant(x), 3).eval()
assert abs(y / np.linalg.norm(x, 3) - 1) < 1e-14, y
