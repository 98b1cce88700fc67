"""erfinv of float32 at -0.99 is wrong by 1.3e-5 of itself; it is -1.8213864."""

import mindspore
import numpy as np

y = mindspore.ops.erfinv(mindspore.Tensor(np.array([-0.99], np.float32))).item()
assert abs(y / -1.8213864 - 1) < 1e-6, y
