"""clip(1.5, 2, 1), with its bounds crossed, is 2; NumPy and PyTorch document the upper bound, 1."""

import pytensor.tensor as pt

y = pt.clip(pt.constant(1.5), 2.0, 1.0).eval()
assert y == 1.0, y
