"""A float32 array times an array of integers is float64, by NumPy's rules; in PyTorch it is float32."""

import autograd.numpy as np

y = np.ones(2, np.float32) * np.array([1, 2])
assert y.dtype == np.float32, y.dtype
