"""A float32 tensor times an array of integers is float64, by NumPy's rules; in PyTorch it is float32."""

import mygrad as mg
import numpy as np

y = mg.tensor(np.ones(2, dtype=np.float32)) * np.array([1, 2])
assert y.dtype == np.float32, y.dtype
