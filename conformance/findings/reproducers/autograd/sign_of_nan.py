"""sign of nan is nan, by NumPy; PyTorch documents 0."""

import autograd.numpy as np

y = np.sign(np.nan)
assert y == 0, y
