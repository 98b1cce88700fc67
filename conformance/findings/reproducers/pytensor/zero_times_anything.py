"""nan times 0 is rewritten to 0, as documented of its rewrites; IEEE 754 and PyTorch give nan."""

import numpy as np
import pytensor.tensor as pt

x = pt.dscalar()
y = (x * 0).eval({x: np.nan})
assert np.isnan(y), y
