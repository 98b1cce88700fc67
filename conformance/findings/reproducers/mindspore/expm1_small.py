"""expm1 and log1p of 1e-20 are 0, and 0 in float32 of 1e-10; that they are x is what they are for."""

import mindspore
import numpy as np
from mindspore import ops

x, y = mindspore.Tensor(np.array([1e-20])), mindspore.Tensor(np.array([1e-10], np.float32))
found = [f(v).item() for f in (ops.expm1, ops.log1p) for v in (x, y)]
assert all(found), found
