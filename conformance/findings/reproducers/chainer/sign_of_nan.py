"""sign of nan is nan, by NumPy; PyTorch documents 0."""

import chainer.functions as F
import numpy as np

y = F.sign(np.array([np.nan])).array[0]
assert y == 0.0, y
