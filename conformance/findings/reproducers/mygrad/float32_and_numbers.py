"""A float32 tensor plus a Python float is float64; in NumPy 2, whose rules it follows, it is float32."""

import mygrad as mg
import numpy as np

x = np.ones(2, dtype=np.float32)
assert (mg.tensor(x) + 1.0).dtype == (x + 1.0).dtype == np.float32, (mg.tensor(x) + 1.0).dtype
