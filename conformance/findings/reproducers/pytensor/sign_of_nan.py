"""sign of nan is nan, by NumPy; PyTorch documents 0."""

import numpy as np
import pytensor.tensor as pt

y = pt.sign(pt.constant(np.nan)).eval()
assert y == 0, y
