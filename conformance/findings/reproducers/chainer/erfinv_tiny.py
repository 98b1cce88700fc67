"""erfinv of float32 1e-20 is 0; it is 8.86e-21."""

import chainer.functions as F
import numpy as np

y = F.erfinv(np.array([1e-20], np.float32)).array[0]
assert abs(y / 8.862269e-21 - 1) < 1e-3, y
